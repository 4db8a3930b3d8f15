#pragma once

/* What connection.c (reads and writes) and connection_watch.c (who is gone) share. */

#include "server/net/server_impl.h"

#define REASON_SIZE 64
#define CLOSE_KILLED 1 /* no close frame: the socket is cut off */

struct queued {
    struct queued *next;
    size_t size;
    unsigned char data[]; /* LWS_PRE bytes, then the message */
};

struct connection {
    struct lws *wsi;
    struct guest *guest;
    uint32_t conn;
    uint16_t close_code; /* 0: stays open */
    int64_t heard_ms;    /* CLOCK_MONOTONIC */
    int64_t pinged_ms;
    int64_t moved_ms;    /* when something written was seen to be taken */
    uint64_t taken_size; /* acknowledged by the peer's kernel, as seen last */
    bool is_owed;        /* something was written and not yet seen to be taken */
    bool was_waiting;    /* something did wait when it was looked at last */
    bool is_open;
    bool view_waits;
    bool ping_waits;
    bool is_close_begun;
    char close_reason[REASON_SIZE];
    struct queued *first;
    struct queued *last;
    size_t queued_size;
    size_t queue_size_max;
    char *joined; /* fragments so far, joined_size of MESSAGE_SIZE_MAX; NULL: none wait */
    size_t joined_size;
    int64_t joined_ms; /* when the first of them came */
};
