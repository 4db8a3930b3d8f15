#pragma once

#include <stdbool.h>

#include "overlay/ts_packet.h"
#include "server/model/fault.h"

/*
 * Where a transport stream goes that is one already: its packets as they are, paced by the caller.
 *
 *   file:FILE.ts      packets and nothing else
 *   udp://HOST:PORT   seven packets a datagram; groups with a time to live of 16
 *   srt://…           by GStreamer's srtsink
 *
 * A failed file or pipeline stays off; a datagram that could not be sent is counted and the next
 * one is tried. One thread at a time; figures any.
 */
#define TS_SINK_MAX 8
#define TS_DATAGRAM_PACKETS 7

enum ts_sink_kind { TS_SINK_INVALID = 0, TS_SINK_FILE, TS_SINK_UDP, TS_SINK_SRT };

/* text is borrowed: a path, HOST:PORT, or the whole of srt://… */
struct ts_sink_target {
    enum ts_sink_kind kind;
    const char *text;
};

struct ts_sink_figures {
    uint64_t packets;
    uint64_t drops;
    bool is_failed;
};

struct ts_sink;

/* STATUS_INVALID: an output that packets cannot go to. */
MUST_CHECK enum status ts_sink_parse(const char *text, struct ts_sink_target *target,
                                     struct fault *fault);

/* STATUS_IO, STATUS_NOT_FOUND, STATUS_NOMEM. *sink is given. */
MUST_CHECK enum status ts_sink_open(const struct ts_sink_target *target, struct ts_sink **sink,
                                    struct fault *fault);

/* At most TS_DATAGRAM_PACKETS packets; never waits, but for a file's disk. */
void ts_sink_put(struct ts_sink *sink, const uint8_t *packets, uint32_t count);

/* As the command line had it: "file:out.ts". */
const char *ts_sink_name(const struct ts_sink *sink);
void ts_sink_figures_get(const struct ts_sink *sink, struct ts_sink_figures *figures);

/* Writes what waits and closes; NULL is accepted. *figures, unless NULL: the last. */
void ts_sink_close(struct ts_sink *sink, struct ts_sink_figures *figures);
