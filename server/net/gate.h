#pragma once

#include <stdint.h>

#include "server/model/fault.h"

/*
 * The gate: the sockets of a listener that have no standing yet, from accept to a valid hello, and
 * again from the moment they were told to go.
 *
 * It counts, and when it is full it names who must make room: the oldest stranger of the address
 * that holds most. So a newcomer always gets in, a flood pushes out itself first, and a hall that
 * comes from one address is held back by nothing before it is full. Pure: it knows no socket and no
 * clock. One thread.
 */
struct gate;

#define GATE_NONE UINT32_MAX
#define GATE_HANDSHAKE_MS 10000 /* from accept to the first request, TLS included */
#define GATE_DOCUMENT_MS 60000  /* from a request to the last byte of its answer */

/* An IPv4 address as ::ffff:a.b.c.d; of an IPv6 one the first 64 bits, the rest zero. */
struct gate_address {
    uint8_t bytes[16];
};

/* What a stranger is doing. Of these only the first two are overdue by gate_overdue(). */
enum gate_stage {
    GATE_STAGE_INVALID = 0,
    GATE_STAGE_HANDSHAKE, /* no request yet */
    GATE_STAGE_DOCUMENT,  /* is being sent the answer to a request */
    GATE_STAGE_IDLE,      /* between two requests (the library ends it), or waits for its hello */
};

/*
 * stranger_max: 1 .. 1,000,000 places, of about 100 bytes. seed: secret, so that nobody can choose
 * addresses that meet in the tables. Errors: STATUS_NOMEM. *gate is given.
 */
MUST_CHECK enum status gate_create(uint32_t stranger_max, uint64_t seed, struct gate **gate,
                                   struct fault *fault);
void gate_destroy(struct gate *gate);

/*
 * A stranger comes in. `owner` is kept until it leaves and handed back with its place. Returns the
 * place, or GATE_NONE when all are taken: let somebody go first.
 */
uint32_t gate_enter(struct gate *gate, const struct gate_address *address, void *owner,
                    int64_t now_ms);

/* Another stage begins now; the place among those of its address stays. */
void gate_step(struct gate *gate, uint32_t place, enum gate_stage stage, int64_t now_ms);

/* It said a valid hello, or is gone. */
void gate_leave(struct gate *gate, uint32_t place);

uint32_t gate_count(const struct gate *gate);

/*
 * The owner of the oldest stranger of the address that holds most (of several such addresses the
 * one that has held so many for longest), or NULL when nobody is there. It stays in its place.
 */
void *gate_oldest_of_most(const struct gate *gate);

/*
 * Looks at `look_max` places, from where the last call stopped, for one that is overdue; returns
 * its owner, or NULL when all were looked at. *looked counts up; start it at 0 for each sweep.
 */
void *gate_overdue(struct gate *gate, int64_t now_ms, uint32_t look_max, uint32_t *looked);
