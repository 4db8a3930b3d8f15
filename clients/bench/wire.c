#include "clients/bench/wire.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455, 1.3 */

size_t wire_upgrade_request(char *buffer, size_t size, uint16_t port)
{
    int length = snprintf(buffer, size,
                          "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: bWlucGluZy1iZW5jaC1rZQ==\r\n"
                          "Sec-WebSocket-Protocol: minping.v1\r\n\r\n",
                          port);
    return length > 0 && (size_t)length < size ? (size_t)length : 0;
}

size_t wire_upgrade_answer(const char *request, char *buffer, size_t size)
{
    static const char name[] = "Sec-WebSocket-Key: ";
    char text[WIRE_KEY_SIZE + sizeof(GUID)];
    unsigned char digest[20];
    char accept[WIRE_ACCEPT_SIZE];
    const char *key = strstr(request, name);
    if (key == NULL || strlen(key) < sizeof(name) - 1 + WIRE_KEY_SIZE) {
        return 0;
    }
    snprintf(text, sizeof(text), "%.*s%s", WIRE_KEY_SIZE, key + sizeof(name) - 1, GUID);
    lws_SHA1((const unsigned char *)text, strlen(text), digest);
    if (lws_b64_encode_string((const char *)digest, sizeof(digest), accept, sizeof(accept)) < 0) {
        return 0;
    }
    int length = snprintf(buffer, size,
                          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
                          "Sec-WebSocket-Protocol: minping.v1\r\n\r\n",
                          accept);
    return length > 0 && (size_t)length < size ? (size_t)length : 0;
}

void wire_mask(uint8_t *data, size_t size, const uint8_t mask[4])
{
    uint64_t wide;
    uint8_t twice[8];
    memcpy(twice, mask, 4);
    memcpy(twice + 4, mask, 4);
    memcpy(&wide, twice, 8);
    size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        uint64_t word;
        memcpy(&word, data + at, 8);
        word ^= wide;
        memcpy(data + at, &word, 8);
    }
    for (; at < size; at++) {
        data[at] ^= mask[at & 3];
    }
}

uint8_t *wire_seal(uint8_t *room, size_t payload_size, uint8_t opcode, uint32_t mask,
                   size_t *frame_size)
{
    bool is_short = payload_size < 126;
    size_t header_size = is_short ? 6 : 8;
    uint8_t *frame = room + WIRE_ROOM - header_size;
    frame[0] = (uint8_t)(0x80 | opcode);
    if (is_short) {
        frame[1] = (uint8_t)(0x80 | payload_size);
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = (uint8_t)(payload_size >> 8);
        frame[3] = (uint8_t)payload_size;
    }
    memcpy(frame + header_size - 4, &mask, 4);
    wire_mask(room + WIRE_ROOM, payload_size, frame + header_size - 4);
    *frame_size = header_size + payload_size;
    return frame;
}

size_t wire_server_header(uint8_t header[4], size_t payload_size, uint8_t opcode)
{
    header[0] = (uint8_t)(0x80 | opcode);
    if (payload_size < 126) {
        header[1] = (uint8_t)payload_size;
        return 2;
    }
    header[1] = 126;
    header[2] = (uint8_t)(payload_size >> 8);
    header[3] = (uint8_t)payload_size;
    return 4;
}

size_t wire_parse(const uint8_t *data, size_t size, struct wire_frame *frame)
{
    if (size < 2) {
        return 0;
    }
    size_t at = 2;
    size_t payload_size = data[1] & 0x7f;
    if (payload_size == 127) {
        return SIZE_MAX;
    }
    if (payload_size == 126) {
        if (size < 4) {
            return 0;
        }
        payload_size = (size_t)data[2] << 8 | data[3];
        at = 4;
    }
    frame->is_masked = (data[1] & 0x80) != 0;
    if (frame->is_masked) {
        if (size < at + 4) {
            return 0;
        }
        memcpy(frame->mask, data + at, 4);
        at += 4;
    }
    if (size - at < payload_size) {
        return 0;
    }
    frame->opcode = data[0] & 0x0f;
    frame->is_final = (data[0] & 0x80) != 0;
    frame->payload = data + at;
    frame->size = payload_size;
    return at + payload_size;
}
