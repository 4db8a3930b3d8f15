#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "clients/bench/wire.h"

#define MASK 0x9a3b5c7du

/* Seals a payload of `size` bytes and parses the frame again. */
static void round_trip(size_t size)
{
    static uint8_t room[WIRE_ROOM + WIRE_PAYLOAD_MAX];
    static uint8_t wanted[WIRE_PAYLOAD_MAX];
    struct wire_frame frame;
    size_t frame_size;
    for (size_t i = 0; i < size; i++) {
        wanted[i] = (uint8_t)(i * 31 + 7);
    }
    memcpy(room + WIRE_ROOM, wanted, size);
    uint8_t *begin = wire_seal(room, size, WIRE_TEXT, MASK, &frame_size);
    for (size_t part = 0; part < frame_size; part += 1 + frame_size / 9) {
        assert_int_equal(wire_parse(begin, part, &frame), 0);
    }
    assert_int_equal(wire_parse(begin, frame_size, &frame), frame_size);
    assert_int_equal(frame.opcode, WIRE_TEXT);
    assert_true(frame.is_final);
    assert_true(frame.is_masked);
    assert_int_equal(frame.size, size);
    if (size >= 8) {
        assert_memory_not_equal(frame.payload, wanted, size);
    }
    wire_mask(begin + (frame_size - size), size, frame.mask);
    assert_memory_equal(frame.payload, wanted, size);
}

static void sealed_frame_parses_to_what_was_sealed(void **state)
{
    static const size_t sizes[] = { 0, 1, 7, 8, 9, 125, 126, 127, 4096, WIRE_PAYLOAD_MAX };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        round_trip(sizes[i]);
    }
}

static void server_header_is_parsed_without_a_mask(void **state)
{
    uint8_t data[4 + 300] = { 0 };
    struct wire_frame frame;
    size_t header_size = wire_server_header(data, 300, WIRE_TEXT);
    assert_int_equal(header_size, 4);
    assert_int_equal(wire_parse(data, 303, &frame), 0);
    assert_int_equal(wire_parse(data, 304, &frame), 304);
    assert_false(frame.is_masked);
    assert_int_equal(frame.size, 300);
    assert_ptr_equal(frame.payload, data + 4);
}

static void frame_of_64_bit_length_is_refused(void **state)
{
    static const uint8_t data[] = { 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0 };
    struct wire_frame frame;
    assert_int_equal(wire_parse(data, sizeof(data), &frame), SIZE_MAX);
}

/* The example of RFC 6455, 1.3. */
static void upgrade_answer_has_the_accept_value_of_the_rfc(void **state)
{
    char answer[512];
    size_t size = wire_upgrade_answer("GET /ws HTTP/1.1\r\n"
                                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                                      answer, sizeof(answer));
    assert_int_equal(size, strlen(answer));
    assert_non_null(strstr(answer, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
}

static void request_without_a_key_gets_no_answer(void **state)
{
    char answer[512];
    assert_int_equal(
        wire_upgrade_answer("GET /ws HTTP/1.1\r\n\r\n", answer, sizeof(answer)), 0);
    assert_int_equal(wire_upgrade_answer("Sec-WebSocket-Key: short\r\n", answer, sizeof(answer)),
                     0);
}

static void our_own_request_is_answered(void **state)
{
    char request[512];
    char answer[512];
    assert_true(wire_upgrade_request(request, sizeof(request), 8080) > 0);
    assert_non_null(strstr(request, "Host: 127.0.0.1:8080\r\n"));
    assert_true(wire_upgrade_answer(request, answer, sizeof(answer)) > 0);
    assert_int_equal(wire_upgrade_request(request, 16, 8080), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_frame_parses_to_what_was_sealed),
        cmocka_unit_test(server_header_is_parsed_without_a_mask),
        cmocka_unit_test(frame_of_64_bit_length_is_refused),
        cmocka_unit_test(upgrade_answer_has_the_accept_value_of_the_rfc),
        cmocka_unit_test(request_without_a_key_gets_no_answer),
        cmocka_unit_test(our_own_request_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
