#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Just enough WebSocket (RFC 6455) for a load generator and a floor: whole messages, no extension,
 * no TLS. The product's own clients use clients/lib; here both sides of a comparison get the same
 * bare socket, so that the generator costs as little as can be. Pure; any thread.
 */
#define WIRE_ROOM 8            /* bytes before a payload that wire_seal() may write a header into */
#define WIRE_PAYLOAD_MAX 65535 /* the largest payload sealed or parsed: a 16-bit length */
#define WIRE_KEY_SIZE 24       /* characters of Sec-WebSocket-Key */
#define WIRE_ACCEPT_SIZE 32    /* 28 characters of Sec-WebSocket-Accept, NUL; lws wants a spare */

enum wire_opcode {
    WIRE_TEXT = 1,
    WIRE_CLOSE = 8,
    WIRE_PING = 9,
    WIRE_PONG = 10,
};

/* payload is as it came: still masked when is_masked. */
struct wire_frame {
    uint8_t opcode;
    bool is_final;
    bool is_masked;
    uint8_t mask[4];
    const uint8_t *payload; /* borrowed from what was parsed */
    size_t size;
};

/* The request that opens /ws with subprotocol minping.v1. Returns its length. */
size_t wire_upgrade_request(char *buffer, size_t size, uint16_t port);

/*
 * The answer to `request` (NUL-ended), with the accept value computed from its key. Returns its
 * length, 0 when there is no key.
 */
size_t wire_upgrade_answer(const char *request, char *buffer, size_t size);

/*
 * Makes a masked client frame of the payload at room + WIRE_ROOM, in place. Returns where the frame
 * begins; *frame_size its length. payload_size 0 .. WIRE_PAYLOAD_MAX.
 */
uint8_t *wire_seal(uint8_t *room, size_t payload_size, uint8_t opcode, uint32_t mask,
                   size_t *frame_size);

/* The header of an unmasked server frame; returns its length, 2 or 4. */
size_t wire_server_header(uint8_t header[4], size_t payload_size, uint8_t opcode);

/*
 * Parses one frame at the beginning of data. Returns the bytes it takes, 0 when it is not all
 * there, SIZE_MAX when it is larger than WIRE_PAYLOAD_MAX.
 */
size_t wire_parse(const uint8_t *data, size_t size, struct wire_frame *frame);

/* Takes the mask off (or puts it on). */
void wire_mask(uint8_t *data, size_t size, const uint8_t mask[4]);
