#include "clients/lib/ack_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

size_t ack_line_format(const struct ack_line *line, char text[ACK_LINE_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char nonce[NONCE_SIZE * 2 + 1];
    for (int i = 0; i < NONCE_SIZE; i++) {
        nonce[2 * i] = digits[line->nonce[i] >> 4];
        nonce[2 * i + 1] = digits[line->nonce[i] & 15];
    }
    nonce[NONCE_SIZE * 2] = '\0';
    int size = snprintf(
        text, ACK_LINE_SIZE, "%" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %s %s\n",
        line->round, line->seat, line->item, line->version, line->choice, nonce, line->receipt);
    return (size_t)size;
}

/* A decimal number and the space after it; moves *at past both. */
static bool number_take(const char **at, const char *end, uint32_t *value)
{
    uint64_t sum = 0;
    const char *c = *at;
    while (c < end && *c >= '0' && *c <= '9' && c - *at < 10) {
        sum = sum * 10 + (uint64_t)(*c - '0');
        c++;
    }
    if (c == *at || c == end || *c != ' ' || sum > UINT32_MAX) {
        return false;
    }
    *value = (uint32_t)sum;
    *at = c + 1;
    return true;
}

static int digit_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool nonce_take(const char **at, const char *end, uint8_t nonce[NONCE_SIZE])
{
    const char *c = *at;
    if (end - c < NONCE_SIZE * 2 + 1 || c[NONCE_SIZE * 2] != ' ') {
        return false;
    }
    for (int i = 0; i < NONCE_SIZE; i++) {
        int high = digit_value(c[2 * i]);
        int low = digit_value(c[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        nonce[i] = (uint8_t)(high << 4 | low);
    }
    *at = c + NONCE_SIZE * 2 + 1;
    return true;
}

bool ack_line_parse(const char *text, size_t size, struct ack_line *line)
{
    const char *at = text;
    const char *end = text + size;
    if (!number_take(&at, end, &line->round) || !number_take(&at, end, &line->seat) ||
        !number_take(&at, end, &line->item) || !number_take(&at, end, &line->version) ||
        !number_take(&at, end, &line->choice) || !nonce_take(&at, end, line->nonce)) {
        return false;
    }
    size_t receipt_size = (size_t)(end - at);
    if (receipt_size != RECEIPT_SIZE - 1) {
        return false;
    }
    for (size_t i = 0; i < receipt_size; i++) {
        if (at[i] <= ' ' || at[i] > '~') {
            return false;
        }
    }
    memcpy(line->receipt, at, receipt_size);
    line->receipt[receipt_size] = '\0';
    return true;
}
