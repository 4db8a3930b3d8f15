#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/record.h"
#include "server/protocol/message.h"

/*
 * One acknowledged mark as minping-hall writes it down and `minping verify --acks` reads it:
 *
 *   round seat item version choice nonce receipt\n
 *
 * numbers in decimal, item and choice from 0, nonce 16 hexadecimal digits. A name on a write-in
 * line has the choice ACK_CHOICE_NAME: its number is the log's. Pure.
 */
#define ACK_CHOICE_NAME 65535
#define ACK_LINE_SIZE 96 /* of one line with newline and NUL */

struct ack_line {
    uint32_t round;
    uint32_t seat;
    uint32_t item;
    uint32_t version;
    uint32_t choice;
    uint8_t nonce[NONCE_SIZE];
    char receipt[RECEIPT_SIZE];
};

/* Writes the line with its newline; returns its length. */
size_t ack_line_format(const struct ack_line *line, char text[ACK_LINE_SIZE]);

/* Reads a line without its newline. False: it is not one, and `line` is unspecified. */
bool ack_line_parse(const char *text, size_t size, struct ack_line *line);
