#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/record.h"
#include "server/model/roll.h"
#include "server/protocol/message.h"

/*
 * What only the data directory may hold: the keys, the roll of credentials and the posts' tokens.
 *
 * Made on the first start, read on every later one; files 0600 in a directory 0700:
 *   keys               two lines, "slot <64 hex>" and "receipt <64 hex>"
 *   roll.csv           header seat,credential,group,votes,name; one line a seat; credentials of 60
 *                      random bits, or those of the roll that was read in
 *   replaced.csv       header seat,credential; a line for each pad that was replaced
 *   tokens/POST.token  64 hexadecimal digits and a newline
 * It never logs a credential, key or token. One thread.
 */
struct custody;

/*
 * dir exists. Errors: STATUS_IO, STATUS_DENIED (not readable or writable), STATUS_INVALID (a file
 * there is not ours or fits another event; the fault names file and line), STATUS_NOMEM.
 * may_make: the log is empty, so that keys and roll may be made; otherwise one that is missing is
 * refused, for new ones would let every seat vote again.
 * roll: the event's roll as it was read in, for the roll to be made from; NULL: the event has none.
 * `event` is kept. *custody is given.
 */
MUST_CHECK enum status custody_open(const char *dir, const struct event *event,
                                    const struct roll *roll, bool may_make,
                                    struct custody **custody, struct fault *fault);
void custody_close(struct custody *custody);

/*
 * A new credential for a seat, drawn and on stable storage before this returns; the one before is
 * not taken any more. The seat's slots stay: whoever voted with the old pad has voted. STATUS_IO.
 */
MUST_CHECK enum status custody_replace(struct custody *custody, uint32_t seat, struct fault *fault);

/* 64 hexadecimal digits of BLAKE2b over every seat's first credential, group and right to vote. */
void custody_roll_hash(const struct custody *custody, char hash[65]);

/*
 * slot = BLAKE2b-128, keyed, of ("slot", round, first credential of seat). seat 1 .. seat_count.
 * A round whose rules are named: the seat's number itself, 16 bytes, big endian.
 */
void custody_slot(const struct custody *custody, uint32_t round, uint32_t seat, bool is_named,
                  uint8_t slot[SLOT_SIZE]);

/* 8 characters of 32 without look-alikes, keyed from round and slot: tells nothing of the choice.
 */
void custody_receipt(const struct custody *custody, uint32_t round, const uint8_t slot[SLOT_SIZE],
                     char receipt[RECEIPT_SIZE]);

/* The seat of a credential (case and '-' do not matter), or 0. */
uint32_t custody_find_seat(const struct custody *custody, const char *credential);

/* The post that holds `token` and has `role`: its index in the event, or -1. Constant time. */
int32_t custody_find_post(const struct custody *custody, enum role role, const char *token);
/* The same for any role. */
int32_t custody_find_any_post(const struct custody *custody, const char *token);
