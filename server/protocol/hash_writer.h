#pragma once

#include <sodium.h>
#include <stdint.h>

#include "server/protocol/writer.h"

/*
 * A writer whose text goes into a BLAKE2b-256 hash instead of a buffer: canonical forms are hashed
 * as they are written. For the files of server/protocol.
 */
struct hash_writer {
    struct writer writer;
    crypto_generichash_state state;
    char buffer[2048]; /* more than any one string that is written at once */
};

/* `hash` may not move before hash_writer_end(). */
void hash_writer_init(struct hash_writer *hash);
void hash_writer_end(struct hash_writer *hash, uint8_t digest[32]);
