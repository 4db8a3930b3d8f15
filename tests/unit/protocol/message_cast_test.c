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
                    a->mark_count == b->mark_count && a->name_count == b->name_count);
        for (uint32_t i = 0; i < a->card_count; i++) {
            assert_memory_equal(a->cards[i].nonce, b->cards[i].nonce, NONCE_SIZE);
            assert_true(a->cards[i].seat == b->cards[i].seat &&
                        a->cards[i].first_mark == b->cards[i].first_mark &&
                        a->cards[i].mark_count == b->cards[i].mark_count &&
                        a->cards[i].first_name == b->cards[i].first_name &&
                        a->cards[i].name_count == b->cards[i].name_count);
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
        { "{\"t\":\"cast\",\"id\":99999999999999999999,\"round\":1," N ",\"marks\":[0,1,0]}", false,
          true },
        { "{\"t\":\"cast\",\"id\":01,\"round\":1," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1.0,\"round\":1," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":0," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":4096," N ",\"marks\":[0,1,0]}", true, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":4097," N ",\"marks\":[0,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[63,1,0]}", true, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[64,1,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[-0,1,0]}", true, false },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,0,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,2147483647,0]}", true, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,2147483648,0]}", false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,16]}", true, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,17]}", false, true },
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
          "\"marks\":[0,1,0]}",
          false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1,\"nonce\":\"0123456789abcde\","
          "\"marks\":[0,1,0]}",
          false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1,\"nonce\":\"0123456789abcdef0\","
          "\"marks\":[0,1,0]}",
          false, true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1,\"nonce\":\"012345678\\u0039abcdef\","
          "\"marks\":[0,1,0]}",
          true, false },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[]}", false, true },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[[1,\"0123456789abcdef\",0,1,0]]}", true,
          true },
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
        { "{\"t\":\"cast\",\"id\":1,\"round\":1,\"cards\":[[1,\"0123456789abcdef\",0,1,0]]}", false,
          true },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,0],\"names\":[]}", true,
          false },
        { "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,1],\"names\":[\"a\"]}", true,
          false },
        { "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[[1,\"0123456789abcdef\",0,1,1,[\"a\"]]]"
          "}",
          true, false },
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
    size_t size =
        (size_t)snprintf(text, sizeof(text), "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[");

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
    assert_true(both_accept(many(1, ITEM_MAX), true));
    assert_false(both_accept(many(1, ITEM_MAX + 1), true));
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
            is_good =
                message_decode(text, sizeof(sound) - 1, &message, &has_id, &id, NULL) == STATUS_OK;
            if (cast_scan(text, sizeof(sound) - 1, &scanned)) {
                char spaced[sizeof(sound) + 1];

                assert_true(is_good);
                memcpy(spaced, text, sizeof(sound) - 1);
                spaced[sizeof(sound) - 1] = ' ';
                assert_int_equal(
                    message_decode(spaced, sizeof(sound), &message, &has_id, &id, NULL), STATUS_OK);
            }
            if (is_good) {
                message_finish(&message);
            }
        }
    }
}

/* What message_decode() says of a cast; "" where it is sound. */
static const char *fault_of(const char *text)
{
    static struct fault fault;
    uint64_t id;
    bool has_id;

    memset(&fault, 0, sizeof(fault));
    memset(&message, 0xa5, sizeof(message));
    if (message_decode(text, strlen(text), &message, &has_id, &id, &fault) == STATUS_OK) {
        return "";
    }
    return fault.where;
}

#define CAST "{\"t\":\"cast\",\"id\":1,\"round\":1," N ",\"marks\":[0,1,1,1,1,2],\"names\":"

static void names_are_read_with_their_blanks_cut_off(void **state)
{
    char text[512];

    assert_string_equal(fault_of(CAST "[\" 候选人一号 \",\"\u3000\u00a0A B\u3000\"]}"), "");
    assert_int_equal(message.cast.name_count, 2);
    assert_int_equal(message.cast.cards[0].first_name, 0);
    assert_int_equal(message.cast.cards[0].name_count, 2);
    assert_string_equal(message.cast.names[0], "候选人一号");
    assert_string_equal(message.cast.names[1], "A B");
    assert_true(message_encode(&message, text, sizeof(text)) > 0);
    assert_string_equal(text, CAST "[\"候选人一号\",\"A B\"]}");
}

static void a_bad_name_is_refused_with_its_place_and_not_repeated(void **state)
{
    static const struct {
        const char *names;
        const char *where;
        const char *said;
    } cases[] = {
        { "{}", "$.names", "must be a list" },
        { "null", "$.names", "must be a list" },
        { "[1]", "$.names[0]", "must be a text" },
        { "[\"\"]", "$.names[0]", "is blank" },
        { "[\"a\",\" \u3000\u00a0\"]", "$.names[1]", "is blank" },
        { "[\"SECRET\\u0007\"]", "$.names[0]", "has a control character" },
        { "[\"SECRET\\n\"]", "$.names[0]", "has a control character" },
        { "[\"SECRET\u202e\"]", "$.names[0]", "has a control character" },
        { "[\"SECRET5678901234567890123456789x\"]", "$.names[0]", "has more than 30 characters" },
        { "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\","
          "\"14\",\"15\",\"16\",\"17\"]",
          "$.names", "must have 0 to 16" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        struct fault fault = { .status = STATUS_OK };
        uint64_t id;
        bool has_id;

        snprintf(text, sizeof(text), "%s%s}", CAST, cases[i].names);
        assert_int_equal(message_decode(text, strlen(text), &message, &has_id, &id, &fault),
                         STATUS_INVALID);
        assert_string_equal(fault.where, cases[i].where);
        assert_non_null(strstr(fault.text, cases[i].said));
        assert_null(strstr(fault.text, "SECRET"));
    }
    /* 30 characters of four bytes, and blanks around them, are none too many. */
    assert_string_equal(fault_of(CAST "[\"  "
                                      "𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀"
                                      "  \"]}"),
                        "");
    assert_int_equal(strlen(message.cast.names[0]), WRITTEN_NAME_SIZE - 1);
}

static void cards_of_a_base_station_end_with_their_names(void **state)
{
    static const char cards[] =
        "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":"
        "[[7,\"0123456789abcdef\",0,1,1,[\"甲\",\"乙\"]],[8,\"0123456789abcdef\",0,1,0],"
        "[9,\"0123456789abcdef\",0,1,1,[\"丙\"]]]}";
    char text[512];

    assert_string_equal(fault_of(cards), "");
    assert_int_equal(message.cast.name_count, 3);
    assert_int_equal(message.cast.cards[0].name_count, 2);
    assert_int_equal(message.cast.cards[1].first_name, 0);
    assert_int_equal(message.cast.cards[1].name_count, 0);
    assert_int_equal(message.cast.cards[2].first_name, 2);
    assert_int_equal(message.cast.cards[2].name_count, 1);
    assert_string_equal(message.cast.names[2], "丙");
    assert_true(message_encode(&message, text, sizeof(text)) > 0);
    assert_string_equal(text, cards);
#define ONE(card) "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[" card "]}"
    assert_string_equal(fault_of(ONE("[7,\"0123456789abcdef\",0,1,[\"a\"]]")), "$.cards[0]");
    assert_string_equal(fault_of(ONE("[7,\"0123456789abcdef\",[\"a\"],0,1,1]")), "$.cards[0]");
    assert_string_equal(fault_of(ONE("[7,\"0123456789abcdef\",0,1,1,[\" \"]]")),
                        "$.cards[0][5][0]");
    assert_string_equal(fault_of(ONE("[7,\"0123456789abcdef\",0,1,1,\"a\"]")), "$.cards[0]");
}

static void a_message_holds_so_many_names(void **state)
{
    char text[MESSAGE_SIZE_MAX];

    for (uint32_t count = CAST_NAME_MAX; count <= CAST_NAME_MAX + 1; count++) {
        size_t size = (size_t)snprintf(text, sizeof(text),
                                       "{\"t\":\"casts\",\"id\":1,\"round\":1,\"cards\":[");

        for (uint32_t i = 0; i < count; i++) {
            size += (size_t)snprintf(text + size, sizeof(text) - size,
                                     "%s[%u,\"0123456789abcdef\",0,1,1,[\"n\"]]", i > 0 ? "," : "",
                                     i + 1);
        }
        snprintf(text + size, sizeof(text) - size, "]}");
        assert_string_equal(fault_of(text), count > CAST_NAME_MAX ? "$.cards[64][5]" : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_the_same_on_both_ways),
        cmocka_unit_test(a_message_holds_so_many_cards_and_marks),
        cmocka_unit_test(every_byte_may_be_wrong),
        cmocka_unit_test(names_are_read_with_their_blanks_cut_off),
        cmocka_unit_test(a_bad_name_is_refused_with_its_place_and_not_repeated),
        cmocka_unit_test(cards_of_a_base_station_end_with_their_names),
        cmocka_unit_test(a_message_holds_so_many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
