#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/message.h"

/*
 * document_decode(): no input harms it, and what it accepts is written and read again to the same
 * text.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct document first;
    static struct document second;
    struct fault fault = { .status = STATUS_OK };
    char *text;
    char *again;
    size_t length;
    size_t length_again;

    if (document_decode((const char *)data, size, &first, &fault) != STATUS_OK) {
        assert(fault.status != STATUS_OK && fault.where[0] == '$');
        assert(!first.texts && !first.closed);
        return 0;
    }
    assert(document_encode(&first, &text, &length, NULL) == STATUS_OK);
    assert(document_decode(text, length, &second, NULL) == STATUS_OK);
    assert(document_encode(&second, &again, &length_again, NULL) == STATUS_OK);
    assert(length == length_again && memcmp(text, again, length) == 0);
    for (uint32_t i = 0; i < first.closed_count; i++) {
        assert(figures_hash(&first.closed[i]) == figures_hash(&second.closed[i]));
    }
    assert(texts_hash(first.texts) == texts_hash(second.texts));
    document_finish(&first);
    document_finish(&second);
    free(text);
    free(again);
    return 0;
}
