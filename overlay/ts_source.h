#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "overlay/format.h"
#include "overlay/ts_packet.h"
#include "server/model/fault.h"

/*
 * Where a transport stream comes from.
 *
 *   file:FILE            a recording
 *   udp://[@]HOST:PORT   datagrams, with or without RTP; a multicast group is joined
 *   srt://…              by GStreamer's srtsrc: srt://HOST:PORT calls, srt://:PORT waits for a call
 *   test:                a moving picture with sound, made here
 *
 * Packets are found again after garbage. One thread at a time.
 */
#define TS_SOURCE_TAKE_MAX 64 /* packets that one call hands back */

enum ts_source_kind {
    TS_SOURCE_INVALID = 0,
    TS_SOURCE_FILE,
    TS_SOURCE_UDP,
    TS_SOURCE_SRT,
    TS_SOURCE_TEST,
};

/* text is borrowed: what follows "file:", or all of it. */
struct ts_source_target {
    enum ts_source_kind kind;
    const char *text;
};

struct ts_source;

/* STATUS_INVALID: no such kind, or it names nothing. */
MUST_CHECK enum status ts_source_parse(const char *text, struct ts_source_target *target,
                                       struct fault *fault);

/* format: for test:. STATUS_IO, STATUS_NOT_FOUND (a plugin), STATUS_NOMEM. *source is given. */
MUST_CHECK enum status ts_source_open(const struct ts_source_target *target,
                                      const struct format *format, struct ts_source **source,
                                      struct fault *fault);

/*
 * Waits at most timeout_ms for packets; *packets is borrowed until the next call. How many there
 * are; 0: none came, or is_ended (a file, and a pipeline that failed, have an end).
 */
uint32_t ts_source_take(struct ts_source *source, uint32_t timeout_ms, const uint8_t **packets,
                        bool *is_ended);

/* Bytes between packets that were no packets. */
uint64_t ts_source_garbage(const struct ts_source *source);
void ts_source_close(struct ts_source *source);

/* "udp://[@]HOST:PORT" as an address to bind or send to. False: it is none; `fault` says why. */
struct sockaddr_in;
bool ts_address_parse(const char *text, struct sockaddr_in *address, struct fault *fault);
