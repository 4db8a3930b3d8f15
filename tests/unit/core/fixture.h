#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/core/sitting.h"

/* A small hall: one contest "appraisal", subjects s1 s2 s3, two criteria, three grades, 6 seats of
 * one group, posts officer-1, operator-1, overlay-1, base-1 (seats 1 to 4). */
struct event *fixture_event(enum live live);

/* A mark of seat-like slot `who` (its byte fills the slot), nonce filled with `nonce`. */
struct mark fixture_mark(uint32_t round, uint8_t who, uint16_t item, uint32_t version,
                         uint8_t choice, uint8_t nonce);

/* Applies; the applied comes back, the status must be `expected`. */
struct applied fixture_apply_mark(struct sitting *sitting, const struct mark *mark);
struct applied fixture_apply_act(struct sitting *sitting, const struct act *act,
                                 enum status expected);

/* Zero check and opening of a subject as round `round`; pause and close of it. */
void fixture_open(struct sitting *sitting, uint32_t round, const char *subject);
void fixture_pause(struct sitting *sitting, uint32_t round);
void fixture_close(struct sitting *sitting, uint32_t round);
