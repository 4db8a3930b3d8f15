#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "server/protocol/message_parts.h"

/* The small picture of a bus, in parts that each fit a message. */

static_assert(PICTURE_PART_MAX * PICTURE_PART_SIZE >= PICTURE_SIZE_MAX, "every picture has parts");

uint32_t picture_part_size(uint32_t size, uint32_t part)
{
    uint32_t begin = part * PICTURE_PART_SIZE;
    return begin >= size ? 0 : size - begin < PICTURE_PART_SIZE ? size - begin : PICTURE_PART_SIZE;
}

bool picture_read(struct reader *reader, const struct place *at, json_t *object,
                  struct picture_part *part)
{
    static const char *const keys[] = { "t", "bus", "number", "size", "part", "data" };
    struct place bus = { .up = at, .key = "bus" };
    struct place data = { .up = at, .key = "data" };
    const char *text = reader_get_text(reader, at, object, "bus");
    size_t size = 0;

    if (!text) {
        return false;
    }
    part->bus = bus_parse(text);
    if (part->bus == BUS_INVALID) {
        return reader_fault(reader, &bus, STATUS_INVALID, "must be programme or preview");
    }
    if (!reader_get_number(reader, at, object, "number", 0, READER_NUMBER_MAX, &part->number) ||
        !reader_get_uint32(reader, at, object, "size", 1, PICTURE_SIZE_MAX, &part->size) ||
        !reader_get_uint32(reader, at, object, "part", 0, (part->size - 1) / PICTURE_PART_SIZE,
                           &part->part)) {
        return false;
    }
    text = reader_get_text(reader, at, object, "data");
    if (!text) {
        return false;
    }
    part->part_size = picture_part_size(part->size, part->part);
    if (sodium_base642bin(part->bytes, sizeof(part->bytes), text, strlen(text), NULL, &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        size != part->part_size) {
        return reader_fault(reader, &data, STATUS_INVALID, "must be %u bytes in base64",
                            part->part_size);
    }
    return reader_keys(reader, at, object, keys, KEY_COUNT(keys));
}

void picture_write(struct writer *writer, const struct picture_part *part)
{
    char text[sodium_base64_ENCODED_LEN(PICTURE_PART_SIZE, sodium_base64_VARIANT_ORIGINAL)];

    writer_literal(writer, "{\"t\":\"picture\",\"bus\":");
    writer_string(writer, bus_name(part->bus));
    writer_literal(writer, ",\"number\":");
    writer_uint(writer, part->number);
    writer_literal(writer, ",\"size\":");
    writer_uint(writer, part->size);
    writer_literal(writer, ",\"part\":");
    writer_uint(writer, part->part);
    writer_literal(writer, ",\"data\":\"");
    sodium_bin2base64(text, sizeof(text), part->bytes, part->part_size,
                      sodium_base64_VARIANT_ORIGINAL);
    writer_put(writer, text, strlen(text));
    writer_literal(writer, "\"}");
}
