#include <assert.h>
#include <string.h>

#include "clients/lib/ack_line.h"

/* ack_line_parse(): no line harms it, and one that it accepts is written and read as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ack_line line;
    struct ack_line again;
    char text[ACK_LINE_SIZE];
    if (!ack_line_parse((const char *)data, size, &line)) {
        return 0;
    }
    assert(memchr(line.receipt, '\0', sizeof(line.receipt)) != NULL);
    size_t length = ack_line_format(&line, text);
    assert(length < sizeof(text) && text[length - 1] == '\n');
    assert(ack_line_parse(text, length - 1, &again));
    assert(again.round == line.round && again.seat == line.seat && again.item == line.item);
    assert(again.version == line.version && again.choice == line.choice);
    assert(memcmp(again.nonce, line.nonce, NONCE_SIZE) == 0);
    assert(strcmp(again.receipt, line.receipt) == 0);
    return 0;
}
