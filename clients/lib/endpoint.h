#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "clients/lib/url.h"

/*
 * A server as a loop's clients see it: its name looked up once for all of them, and whether it
 * takes connections at all. When it does not, one probe a moment asks instead of every client;
 * libwebsockets 4.1 loses the libuv handle of a connection that fails, and 10,000 clients that
 * knock at a closed door help nobody.
 *
 * Threads: the loop's.
 */
enum endpoint_state {
    ENDPOINT_INVALID = 0,
    ENDPOINT_SHUT,      /* not asked yet, or it did not answer */
    ENDPOINT_RESOLVING, /* the name is being looked up */
    ENDPOINT_PROBING,   /* a connection is being tried */
    ENDPOINT_OPEN,
};

#define ENDPOINT_ADDRESS_MAX 8         /* addresses of one name that are tried in turn */
#define ENDPOINT_PROBE_GAP_MS 50       /* least time between two probes */
#define ENDPOINT_PROBE_TIMEOUT_MS 5000 /* the kernel would wait 2 min for a dead network */
#define ENDPOINT_ERROR_SIZE 96

struct endpoint {
    struct endpoint *next;
    struct url url;
    enum endpoint_state state;
    uint64_t probed_ms; /* when the last probe began */
    uint32_t address_count;
    uint32_t address_index;
    struct sockaddr_storage addresses[ENDPOINT_ADDRESS_MAX];
    char address[INET6_ADDRSTRLEN];  /* the one in use, as a number */
    char error[ENDPOINT_ERROR_SIZE]; /* why it is shut: "connection refused" */
    uv_loop_t *uv;
    uv_getaddrinfo_t lookup;
    uv_tcp_t probe;
    uv_connect_t probe_request;
    bool is_probe_alive; /* its handle is not closed yet */
};

/* NULL: no memory. Given; endpoint_stop(), then a turn of the loop, then free(). */
struct endpoint *endpoint_create(uv_loop_t *uv, const struct url *url);

/* Cancels what is under way; its callbacks come in the next turns of the loop. */
void endpoint_stop(struct endpoint *endpoint);

/*
 * Whether a client may connect now. When the endpoint is shut and nothing is under way, begins to
 * look it up and to probe it: ask again later.
 */
bool endpoint_ask(struct endpoint *endpoint, uint64_t now_ms);

/* A client's connection to it failed below HTTP: shut until a probe succeeds. */
void endpoint_shut(struct endpoint *endpoint);
