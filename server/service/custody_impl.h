#pragma once

/* What custody.c (keys, tokens, slots) and custody_roll.c (credentials of seats) share. */

#include <sodium.h>
#include <stdio.h>

#include "server/service/custody.h"

#define KEY_SIZE crypto_generichash_KEYBYTES
#define CREDENTIAL_DRAWN 12 /* characters of 32: 60 bits, over TRUST's 50 */
#define DIGEST_SIZE 16
#define LINE_SIZE 1024

/* Crockford's base 32: no I, L, O, U; what is typed is read tolerantly. */
#define CUSTODY_ALPHABET "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

struct seat_entry {
    uint8_t digest[DIGEST_SIZE]; /* keyed hash of the credential: what is searched */
    uint32_t seat;
};

struct custody {
    const struct event *event;
    char dir[448];
    uint8_t slot_key[KEY_SIZE];
    uint8_t receipt_key[KEY_SIZE];
    char (*credentials)[CREDENTIAL_SIZE]; /* [seat - 1], without '-': the first of the seat */
    struct seat_entry *seats;             /* sorted by digest: those that are taken now */
    char (*tokens)[TOKEN_SIZE];           /* [post] */
};

/* BLAKE2b of (label, 0, data), keyed; the label keeps what shares a key apart. */
void custody_hash(const uint8_t key[KEY_SIZE], const char *label, const void *data, size_t size,
                  uint8_t *out, size_t out_size);

/* DIR/roll.csv made, and read; DIR/replaced.csv read, where there is one. */
enum status custody_roll_make(const char *dir, const struct event *event, const struct roll *roll,
                              struct fault *fault);
enum status custody_roll_read(struct custody *custody, FILE *file, const char *path,
                              struct fault *fault);
enum status custody_replaced_read(struct custody *custody, struct fault *fault);
