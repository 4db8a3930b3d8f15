#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/message.h"
#include "server/protocol/message_scan.h"

/*
 * message_decode(): no input harms it, what it accepts can be written and read again to the same
 * text, and the shortcut for casts reads only what the JSON reader reads, to the same values.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_SIZE (1 << 20)

static struct message first;
static struct message second;

/* With a blank at its end a cast is not what cast_scan() takes: the JSON reader has to read it. */
static void compare_ways(const char *text, size_t size)
{
    static struct message scanned;
    char *spaced;
    bool has_id;
    uint64_t id;

    if (!cast_scan(text, size, &scanned)) {
        return;
    }
    spaced = malloc(size + 1);
    assert(spaced);
    memcpy(spaced, text, size);
    spaced[size] = ' ';
    assert(!cast_scan(spaced, size + 1, &second));
    assert(message_decode(spaced, size + 1, &second, &has_id, &id, NULL) == STATUS_OK);
    free(spaced);
    assert(second.kind == scanned.kind && has_id && id == scanned.cast.id);
    assert(second.cast.round == scanned.cast.round);
    assert(second.cast.card_count == scanned.cast.card_count);
    assert(second.cast.mark_count == scanned.cast.mark_count);
    for (uint32_t i = 0; i < second.cast.card_count; i++) {
        const struct cast_card *a = &second.cast.cards[i];
        const struct cast_card *b = &scanned.cast.cards[i];

        assert(a->seat == b->seat && a->first_mark == b->first_mark);
        assert(a->first_name == b->first_name && a->name_count == b->name_count);
        assert(a->mark_count == b->mark_count && memcmp(a->nonce, b->nonce, NONCE_SIZE) == 0);
    }
    for (uint32_t i = 0; i < second.cast.mark_count; i++) {
        const struct cast_mark *a = &second.cast.marks[i];
        const struct cast_mark *b = &scanned.cast.marks[i];

        assert(a->item == b->item && a->version == b->version && a->choice == b->choice);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_SIZE];
    static char again[TEXT_SIZE];
    struct fault fault = { .status = STATUS_OK };
    bool has_id;
    uint64_t id;
    size_t length;

    compare_ways((const char *)data, size);
    memset(&first, 0xa5, sizeof(first)); /* what is not read must not be written */
    if (message_decode((const char *)data, size, &first, &has_id, &id, &fault) != STATUS_OK) {
        assert(fault.status != STATUS_OK && fault.text[0] != '\0' && fault.where[0] == '$');
        return 0;
    }
    length = message_encode(&first, text, sizeof(text));
    if (length > 0) {
        assert(message_decode(text, length, &second, &has_id, &id, &fault) == STATUS_OK);
        assert(second.kind == first.kind);
        assert(message_encode(&second, again, sizeof(again)) == length);
        assert(memcmp(text, again, length) == 0);
        message_finish(&second);
    }
    message_finish(&first);
    return 0;
}
