#include "server/protocol/hash_writer.h"

/* Lets what was written go into the hash, and begins anew. */
static bool hash_more(struct writer *writer, size_t need)
{
    crypto_generichash_update(writer->ctx, (const unsigned char *)writer->buffer, writer->used);
    writer->used = 0;
    return need <= writer->size;
}

void hash_writer_init(struct hash_writer *hash)
{
    crypto_generichash_init(&hash->state, NULL, 0, 32);
    writer_init(&hash->writer, hash->buffer, sizeof(hash->buffer));
    hash->writer.more = hash_more;
    hash->writer.ctx = &hash->state;
}

void hash_writer_end(struct hash_writer *hash, uint8_t digest[32])
{
    (void)hash_more(&hash->writer, 0);
    crypto_generichash_final(&hash->state, digest, 32);
}
