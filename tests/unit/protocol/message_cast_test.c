#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/protocol/message.h"
#include "server/protocol/message_scan.h"

static struct message message;
static struct message scanned;

/* Both ways to read a cast: both accept, or neither; JSON-only where `is_plain` is false. */
static bool both_accept(const char *text, bool is_plain)
{
    char spaced[MESSAGE_SIZE_MAX];
    uint64_t id;
    bool has_id;
    bool is_good;

    /* A blank at the end is JSON, and no text that the shortcut reads. */
    assert_in_range(snprintf(spaced, sizeof(spaced), "%s ", text), 1, sizeof(spaced) - 1);
    assert_false(cast_scan(spaced, strlen(spaced), &scanned));
    is_good = message_decode(spaced, strlen(spaced), &message, &has_id, &id, NULL) == STATUS_OK;
    assert_int_equal(cast_scan(text, strlen(text), &scanned), is_good && is_plain);
    if (is_good && is_plain) {
        const struct cast *a = &message.cast;
        const struct cast *b = &scanned.cast;

        assert_int_equal(message.kind, scanned.kind);
        assert_true(a->id == b->id && a->round == b->round && a->card_count == b->card_count &&
                    a->mark_count == b->mark_count);
        for (uint32_t i = 0; i < a->card_count; i++) {
            assert_memory_equal(a->cards[i].nonce, b->cards[i].nonce, NONCE_SIZE);
            assert_true(a->cards[i].seat == b->cards[i].seat &&
                        a->cards[i].first_mark == b->cards[i].first_mark &&
                        a->cards[i].mark_count == b->cards[i].mark_count);
        }
        for (uint32_t i = 0; i < a->mark_count; i++) {
            assert_true(a->marks[i].item == b->marks[i].item &&
                        a->marks[i].version == b->marks[i].version &&
                        a->marks[i].choice == b->marks[i].choice);
        }
    }
    return is_good;
}

#define N "\"nonce\":\"0123456789abcdef\""

static void limits_are_the_same_on_both_ways(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
        bool is_plain; /* the shortcut reads this form as well */
    } cases[] = {
        { "{\"t\":\"cast\",\"id\":0,\"round\":1," N ",\"marks\":[0,1,0]}", true, true },
        { "{\"t\":\"cast\",\"id\":-1,\"round\":1," N ",\"marks\":[0,1,0]}", false, false },
        { "{\"t\":\"cast\",\"id\":9007199254740991,\"round\":1," N ",\"marks\":[0,1,0]}", true,
          true },
        { "{\"t\":\"cast\",\"id\":9007199254740992,\"round\":1," N ",\"marks\":[0,1,0]}", false,
          true },
        { "{\"t\":\"cast\",\"id\":99999999999999999999,\"round\":1," N ",\"marks\":[0,1,0]}",
          false, true },
        { "{\"t\":\"cast\",\"id\":01,\"round\":1," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1.0,\"round\":1," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":0," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":4096," N ",\"marks\":[0,1,0]}", true, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":4097," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[39,1,0]}", true, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[40,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[64,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[-0,1,0]}", true, false },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,0,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,2147483647,0]}", true, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,2147483648,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,7]}", true, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,8]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,0,1]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,0,]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,0,0,2,1]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,0,1,1,0]}", true, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0, 1,0]}", true, false },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,0],\"x\":1}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,0]}}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,0]", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"id\":1,\"round\":1," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"round\":1,\"id\":1," N ",\"marks\":[0,1,0]}", true, false },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1,\"nonce\":\"0123456789abcdeF\","
          "\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1,\"nonce\":\"0123456789abcde\","
          "\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1,\"nonce\":\"0123456789abcdef0\","
          "\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1,\"nonce\":\"012345678\\u0039abcdef\","
          "\"marks\":[0,1,0]}", true, false },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[]}", false, true },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[[1,\"0123456789abcdef\",0,1,0]]}",
          true, true },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[[0,\"0123456789abcdef\",0,1,0]]}",
          false, true },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[[100000,\"0123456789abcdef\",0,1,0]]}",
          true, true },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[[100001,\"0123456789abcdef\",0,1,0]]}",
          false, true },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[[1,\"0123456789abcdef\"]]}", false,
          true },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[[1,\"0123456789abcdef\",0,1,0],[]]}",
          false, true },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1,\"cards\":[[1,\"0123456789abcdef\",0,1,0]]}",
          false, true },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (both_accept(cases[i].text, cases[i].is_plain) != cases[i].is_good) {
            fail_msg("%s", cases[i].text);
        }
    }
}

/* A message of `card_count` cards with `mark_count` marks each. */
static const char *many(uint32_t card_count, uint32_t mark_count)
{
    static char text[MESSAGE_SIZE_MAX];
    size_t size = (size_t)snprintf(text, sizeof(text),
                                   "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[");

    for (uint32_t c = 0; c < card_count; c++) {
        size += (size_t)snprintf(text + size, sizeof(text) - size, "%s[%u,\"0123456789abcdef\"",
                                 c > 0 ? "," : "", c + 1);
        for (uint32_t i = 0; i < mark_count; i++) {
            size += (size_t)snprintf(text + size, sizeof(text) - size, ",%u,1,0", i);
        }
        size += (size_t)snprintf(text + size, sizeof(text) - size, "]");
    }
    size += (size_t)snprintf(text + size, sizeof(text) - size, "]}");
    assert_in_range(size, 1, sizeof(text) - 1);
    return text;
}

static void a_message_holds_so_many_cards_and_marks(void **state)
{
    assert_true(both_accept(many(CARD_PER_MESSAGE_MAX, 1), true));
    assert_false(both_accept(many(CARD_PER_MESSAGE_MAX + 1, 1), true));
    assert_true(both_accept(many(CARD_PER_MESSAGE_MAX, 4), true)); /* MARK_PER_MESSAGE_MAX */
    assert_false(both_accept(many(205, 5), true));                 /* one more */
    assert_true(both_accept(many(1, CRITERION_MAX), true));
    assert_false(both_accept(many(1, CRITERION_MAX + 1), true));
}

/* Any byte changed to any other is read alike on both ways, and harms nothing. */
static void every_byte_may_be_wrong(void **state)
{
    static const char sound[] = "{\"t\":\"casts\",\"id\":10,\"round\":1,\"cards\":"
                                "[[7,\"0123456789abcdef\",0,1,2,12,20,0]]}";
    char text[sizeof(sound)];

    for (size_t at = 0; at < sizeof(sound) - 1; at++) {
        for (int byte = 0; byte < 256; byte++) {
            bool has_id;
            uint64_t id;
            bool is_good;

            memcpy(text, sound, sizeof(sound));
            text[at] = (char)byte;
            is_good = message_decode(text, sizeof(sound) - 1, &message, &has_id, &id, NULL) ==
                      STATUS_OK;
            if (cast_scan(text, sizeof(sound) - 1, &scanned)) {
                char spaced[sizeof(sound) + 1];

                assert_true(is_good);
                memcpy(spaced, text, sizeof(sound) - 1);
                spaced[sizeof(sound) - 1] = ' ';
                assert_int_equal(message_decode(spaced, sizeof(sound), &message, &has_id, &id,
                                                NULL), STATUS_OK);
            }
            if (is_good) {
                message_finish(&message);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_the_same_on_both_ways),
        cmocka_unit_test(a_message_holds_so_many_cards_and_marks),
        cmocka_unit_test(every_byte_may_be_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
