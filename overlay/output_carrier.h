#pragma once

#include "overlay/output.h"

/*
 * The carrier: takes the datagrams of a paced transport stream to where they go, by UDP or SRT.
 * When that fails it is begun anew (output_retry.h); the stream goes on meanwhile, its datagrams
 * are counted as not sent. A failure, and its end, is said once.
 *
 * Threads: carrier_send() on the sender's thread; open, close, figures on another.
 */
#define CARRIER_GRACE_NS INT64_C(200000000) /* errors may last so long before it is a failure */

struct carrier;

struct carrier_figures {
    uint64_t sent;
    uint64_t errors; /* datagrams that could not be sent */
    uint64_t restarts;
    bool is_down;
};

/*
 * name: as messages call it; kept. *carrier is given. STATUS_NOT_FOUND: no such host, interface or
 * file; STATUS_BUSY: the port is in use; STATUS_INVALID: no passphrase in the file. That nobody is
 * there to receive, or no route leads there, is no error yet.
 */
MUST_CHECK enum status carrier_open(const struct output_target *target, const char *name,
                                    struct carrier **carrier, struct fault *fault);

/* Never waits. now_ns: CLOCK_MONOTONIC. */
void carrier_send(struct carrier *carrier, const uint8_t *bytes, size_t size, int64_t now_ns);

/* How long the peer may need what was sent last, in ns, before the carrier is closed. */
int64_t carrier_linger_ns(const struct carrier *carrier);

void carrier_figures_get(const struct carrier *carrier, struct carrier_figures *figures);

/* NULL is accepted. */
void carrier_close(struct carrier *carrier);
