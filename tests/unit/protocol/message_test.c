#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/protocol/message.h"

/* A message of every kind and shape in the form this program writes it. */
#define AIR_KEYS                                                                                   \
    "\"bus\":\"preview\",\"format\":\"576i25\",\"frames\":9007199254740991,\"late\":1,"            \
    "\"repeated\":2,"                                                                              \
    "\"dropped\":3,\"pictures_dropped\":15,\"painters\":4,\"painter_up\":true,\"panic\":false,"    \
    "\"hidden\":true,"                                                                             \
    "\"input\":\"retrying\",\"paint\":{\"count\":5,\"us_sum\":6,\"us_max\":7},"                    \
    "\"convert\":{\"count\":0,\"us_sum\":0,\"us_max\":0},"                                         \
    "\"blend\":{\"count\":8,\"us_sum\":9,\"us_max\":10},"                                          \
    "\"delays\":[0,1,2,3,4,5,6,7,8,9,10],\"delay_ms_sum\":11,\"outputs\":["                        \
    "{\"name\":\"raw:a\\\"b\",\"state\":\"up\",\"frames\":12,\"drops\":13,\"restarts\":14},"       \
    "{\"name\":\"\",\"state\":\"failed\",\"frames\":0,\"drops\":0,\"restarts\":0}]"
#define CONTROL "{\"t\":\"control\",\"id\":1,\"act\":"
static const char *const wire[] = {
    "{\"t\":\"hello\",\"protocol\":1,\"role\":\"viewer\"}",
    "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\",\"credential\":\"ABCD-EFGH-JKMN\"}",
    "{\"t\":\"hello\",\"protocol\":1,\"role\":\"overlay\",\"token\":"
    "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
    "{\"t\":\"cast\",\"id\":17,\"round\":3,\"nonce\":\"0123456789abcdef\",\"marks\":[0,1,2]}",
    "{\"t\":\"cast\",\"id\":9007199254740991,\"round\":4096,\"nonce\":\"ffffffffffffffff\","
    "\"marks\":[39,2147483647,7,0,1,0]}",
    "{\"t\":\"casts\",\"id\":0,\"round\":1,\"cards\":[[1,\"0000000000000000\",0,1,0],"
    "[100000,\"0123456789abcdef\",3,4,1,4,1,2]]}",
    "{\"t\":\"control\",\"id\":1,\"act\":\"open\",\"contest\":\"appraisal\",\"subject\":\"s01\"}",
    "{\"t\":\"control\",\"id\":1,\"act\":\"open\",\"contest\":\"appraisal\"}",
    "{\"t\":\"control\",\"id\":2,\"act\":\"pause\"}",
    "{\"t\":\"control\",\"id\":2,\"act\":\"pause\",\"round\":3}",
    "{\"t\":\"control\",\"id\":3,\"act\":\"close\",\"round\":4096}",
    "{\"t\":\"control\",\"id\":4,\"act\":\"take\",\"bus\":\"preview\",\"layer\":\"lower\","
    "\"scene\":\"strip\",\"params\":{\"contest\":\"appraisal\",\"subject\":\"s01\"}}",
    "{\"t\":\"control\",\"id\":5,\"act\":\"take\",\"bus\":\"programme\",\"layer\":\"fullscreen\","
    "\"scene\":\"test\",\"params\":{}}",
    "{\"t\":\"control\",\"id\":6,\"act\":\"clear\",\"bus\":\"programme\",\"layer\":\"all\"}",
    "{\"t\":\"control\",\"id\":7,\"act\":\"status\"}",
    "{\"t\":\"welcome\",\"protocol\":1,\"log\":\"0123456789abcdef\",\"role\":\"voter\","
    "\"audience\":\"public\",\"post\":\"\",\"seat\":17,\"round\":{\"round\":3,\"state\":\"open\","
    "\"contest\":\"appraisal\",\"subject\":\"s01\",\"items\":2,\"choices\":3},"
    "\"versions\":[[17,4,0]]}",
    "{\"t\":\"welcome\",\"protocol\":1,\"log\":\"0123456789abcdef\",\"role\":\"base\","
    "\"audience\":\"public\",\"post\":\"base-1\",\"seat\":0,\"round\":{\"round\":0,"
    "\"state\":\"planned\",\"contest\":\"\",\"subject\":\"\",\"items\":0,\"choices\":0},"
    "\"versions\":[]}",
    "{\"t\":\"ack\",\"id\":17,\"round\":3,\"receipt\":\"K7M2PQ4X\"}",
    "{\"t\":\"ack\",\"id\":18,\"round\":3,\"cards\":[[1,\"K7M2PQ4X\"],"
    "[2,\"\",\"conflict\",4,2],[3,\"\",\"closed\",0,0]]}",
    "{\"t\":\"refused\",\"id\":17,\"reason\":\"conflict\",\"item\":4,\"version\":2,"
    "\"text\":\"另一张 \\\"票\\\"\"}",
    "{\"t\":\"refused\",\"reason\":\"bad message\",\"text\":\"$.round: missing\"}",
    "{\"t\":\"round\",\"round\":3,\"state\":\"paused\",\"contest\":\"appraisal\","
    "\"subject\":\"s01\",\"items\":11,\"choices\":3}",
    "{\"t\":\"view\",\"log\":\"0123456789abcdef\",\"epoch\":12,\"at_ms\":1700000000123,"
    "\"audience\":\"public\",\"texts\":\"00000000000000ff\",\"live\":null,\"closed\":[]}",
    "{\"t\":\"view\",\"log\":\"0123456789abcdef\",\"epoch\":12,\"at_ms\":1700000000123,"
    "\"audience\":\"hall\",\"texts\":\"fedcba9876543210\",\"live\":{\"round\":3,"
    "\"contest\":\"appraisal\",\"subject\":\"s01\",\"state\":\"open\",\"shows\":\"tally\","
    "\"registered\":1995,\"cast\":1874,\"opened_ms\":1,\"closed_ms\":0,"
    "\"items\":[[1000,500,374],[0,0,0]]},\"closed\":[[\"s02\",1,\"0123456789abcdef\"],"
    "[\"s03\",2,\"ffffffffffffffff\"]]}",
    "{\"t\":\"view\",\"log\":\"0123456789abcdef\",\"epoch\":1,\"at_ms\":0,"
    "\"audience\":\"public\",\"texts\":\"0000000000000000\",\"live\":{\"round\":3,"
    "\"contest\":\"a\",\"subject\":\"\",\"state\":\"open\",\"shows\":\"turnout\","
    "\"registered\":1995,\"cast\":1874,\"opened_ms\":1,\"closed_ms\":0},\"closed\":[]}",
    "{\"t\":\"view\",\"log\":\"0123456789abcdef\",\"epoch\":1,\"at_ms\":0,"
    "\"audience\":\"public\",\"texts\":\"0000000000000000\",\"live\":{\"round\":3,"
    "\"contest\":\"a\",\"subject\":\"s\",\"state\":\"open\",\"shows\":\"hidden\","
    "\"registered\":1995,\"opened_ms\":1,\"closed_ms\":0},\"closed\":[]}",
    "{\"t\":\"programme\",\"sequence\":0,\"programme\":{},\"preview\":{}}",
    "{\"t\":\"programme\",\"sequence\":5,\"programme\":{\"fullscreen\":{\"scene\":\"board\","
    "\"take\":3,\"taken_ms\":1700000000123,\"params\":{\"contest\":\"appraisal\","
    "\"subject\":\"s01\"}},\"alert\":{\"scene\":\"\",\"take\":1,\"taken_ms\":9,\"params\":{}}},"
    "\"preview\":{\"bug\":{\"scene\":\"turnout\",\"take\":1,\"taken_ms\":2,\"params\":{}},"
    "\"crawl\":{\"scene\":\"strip\",\"take\":1,\"taken_ms\":3,\"params\":{},\"step\":2,"
    "\"held_ms\":7,\"continued_ms\":9}}}",
    "{\"t\":\"done\",\"id\":1,\"round\":3}",
    "{\"t\":\"done\",\"id\":1,\"round\":0,\"backup\":\"20261126t200514\"}",
    "{\"t\":\"alert\",\"storage\":\"failed\",\"text\":\"cannot write\"}",
    "{\"t\":\"refused\",\"id\":17,\"reason\":\"storage full\",\"text\":\"\"}",
    CONTROL "\"backup\"}",
    "{\"t\":\"status\",\"id\":2,\"event\":\"s1\",\"log\":\"0123456789abcdef\",\"round\":{"
    "\"round\":3,\"state\":\"closed\",\"contest\":\"a\",\"subject\":\"s01\",\"items\":11,"
    "\"choices\":3},\"registered\":1995,\"voters\":1990,\"cast\":12,\"epoch\":5,"
    "\"recorded\":12345,\"overlays\":1,\"unsafe_disk\":true,\"storage\":\"full\","
    "\"check_in_open\":true,\"present\":1900,\"issued\":1901,\"pending\":3,"
    "\"decision\":\"pending\"}",
    "{\"t\":\"cast\",\"id\":17,\"round\":3,\"nonce\":\"0123456789abcdef\","
    "\"marks\":[0,1,1,4,1,1,5,1,2],\"names\":[\"候选人四号\",\"候选人五号\"]}",
    "{\"t\":\"casts\",\"id\":0,\"round\":1,\"cards\":[[1,\"0000000000000000\",0,1,1,[\"甲\"]],"
    "[2,\"0123456789abcdef\",3,4,1]]}",
    CONTROL "\"open\",\"contest\":\"e\",\"params\":{\"candidates\":\"c1,c2\",\"seconds\":\"60\"}}",
    CONTROL "\"void\",\"round\":3,\"params\":{\"reason\":\"多收一张票\"}}",
    CONTROL "\"ask\",\"round\":3,\"number\":64}",
    CONTROL "\"certify\"}",
    CONTROL "\"certify\",\"round\":3}",
    CONTROL "\"check-in-open\"}",
    CONTROL "\"check-in-close\"}",
    CONTROL "\"check-in\",\"params\":{\"seats\":\"1-12,15\"}}",
    CONTROL "\"check-out\",\"params\":{\"seats\":\"100000\"}}",
    CONTROL "\"revoke\",\"number\":100000,\"params\":{\"reason\":\"lost\"}}",
    CONTROL "\"replace\",\"number\":1,\"params\":{\"reason\":\"broken\"}}",
    CONTROL "\"adjudicate\",\"round\":3,\"number\":4096,\"params\":{\"ruling\":\"void\","
            "\"reason\":\"W7\"}}",
    CONTROL "\"paper\",\"round\":3,\"params\":{\"group\":\"members\",\"issued\":\"10\","
            "\"returned\":\"9\",\"void\":\"1\",\"c-1\":\"5,2,1\",\"names\":\"候选人九号:2\"}}",
    CONTROL "\"paper-confirm\",\"round\":3,\"number\":64}",
    CONTROL "\"paper-reject\",\"round\":3,\"number\":64,\"params\":{\"reason\":\"r\"}}",
    CONTROL "\"sign\",\"round\":3,\"params\":{\"reason\":\"one kept\"}}",
    CONTROL "\"decide\",\"contest\":\"e\",\"params\":{\"for\":\"50\",\"base\":\"88\"}}",
    CONTROL "\"withdraw\",\"contest\":\"e\",\"params\":{\"candidate\":\"c1\",\"reason\":\"ill\"}}",
    CONTROL "\"lot\",\"contest\":\"e\"}",
    CONTROL "\"step\",\"params\":{\"step\":\"speech-1\",\"state\":\"begun\"}}",
    CONTROL "\"cases\",\"round\":3}",
    CONTROL "\"cut\"}",
    "{\"t\":\"programme\",\"sequence\":6,\"programme\":{\"lower\":{\"scene\":\"strip\","
    "\"take\":1,\"taken_ms\":17,\"params\":{},\"cause\":\"cut\",\"post\":\"operator-1\"}},"
    "\"preview\":{}}",
    "{\"t\":\"round\",\"round\":3,\"state\":\"void\",\"contest\":\"e\",\"subject\":\"\","
    "\"items\":5,\"choices\":3,\"kind\":\"election\",\"stage\":\"run-off\",\"seats\":1,"
    "\"ends_ms\":1700000000000,\"is_first_final\":true,\"asks_item\":true,\"asked\":2,\"write_"
    "ins\":2,"
    "\"order\":[2,0,1],\"slate\":\"0000000000000005\",\"adopted\":[\"候选人九号\"]}",
    "{\"t\":\"cases\",\"id\":4,\"round\":3,\"total\":40,\"cases\":[{\"number\":1,\"rule\":\"W7\","
    "\"text\":\"for: c1\"},{\"number\":4096,\"rule\":\"E8\",\"text\":\"\"}]}",
    "{\"t\":\"cases\",\"id\":4,\"round\":0,\"total\":0,\"cases\":[]}",
    "{\"t\":\"refused\",\"id\":17,\"reason\":\"not eligible\",\"text\":\"\"}",
    "{\"t\":\"control\",\"id\":6,\"act\":\"continue\",\"bus\":\"preview\",\"layer\":\"lower\"}",
    "{\"t\":\"air\"," AIR_KEYS "}",
    "{\"t\":\"picture\",\"bus\":\"preview\",\"number\":7,\"size\":11267,\"part\":1,\"data\":\"AQL/"
    "\"}",
    "{\"t\":\"status\",\"id\":2,\"event\":\"s1\",\"log\":\"0123456789abcdef\",\"round\":{"
    "\"round\":0,\"state\":\"planned\",\"contest\":\"\",\"subject\":\"\",\"items\":0,"
    "\"choices\":0},\"registered\":9,\"voters\":0,\"cast\":0,\"epoch\":5,\"recorded\":0,"
    "\"overlays\":1,\"unsafe_disk\":false,\"storage\":\"good\",\"check_in_open\":false,"
    "\"present\":9,\"issued\":0,\"pending\":0,\"decision\":\"none\",\"air\":["
    "{\"post\":\"overlay-1\"," AIR_KEYS "}]}",
};
#undef AIR_KEYS
#undef CONTROL
#define WIRE_COUNT (sizeof(wire) / sizeof(wire[0]))

static struct message message;

/* Decodes what must be sound. */
static void decode(const char *text)
{
    struct fault fault = { .status = STATUS_OK };
    uint64_t id;
    bool has_id;

    memset(&message, 0xa5, sizeof(message)); /* nothing may be left as it was */
    if (message_decode(text, strlen(text), &message, &has_id, &id, &fault) != STATUS_OK) {
        fail_msg("%s: %s: %s", text, fault.where, fault.text);
    }
    assert_int_equal(has_id, strstr(text, "\"id\":") != NULL);
}

static void every_kind_comes_back_as_it_went(void **state)
{
    bool seen[MESSAGE_ALERT + 1] = { false };
    bool act_seen[CONTROL_COUNT] = { false };

    for (size_t i = 0; i < WIRE_COUNT; i++) {
        char text[2048];

        decode(wire[i]);
        seen[message.kind] = true;
        if (message.kind == MESSAGE_CONTROL) {
            act_seen[message.control.kind] = true;
        }
        assert_int_equal(message_encode(&message, text, sizeof(text)), strlen(wire[i]));
        assert_string_equal(text, wire[i]);
        message_finish(&message);
    }
    for (int kind = MESSAGE_HELLO; kind <= MESSAGE_ALERT; kind++) {
        assert_true(seen[kind]);
    }
    for (int kind = CONTROL_INVALID + 1; kind < CONTROL_COUNT; kind++) {
        assert_true(act_seen[kind]);
        assert_int_equal(control_kind_parse(control_kind_name((enum control_kind)kind)), kind);
    }
}

/* Spaces and another order of the keys mean the same. */
static void order_and_blanks_do_not_matter(void **state)
{
    char text[256];

    decode(" { \"marks\" : [ 4 , 1 , 2 ], \"nonce\":\"0123456789abcdef\",\n"
           "\"round\":3, \"id\":17, \"t\":\"cast\" } \n");
    assert_true(message_encode(&message, text, sizeof(text)) > 0);
    assert_string_equal(text, "{\"t\":\"cast\",\"id\":17,\"round\":3,"
                              "\"nonce\":\"0123456789abcdef\",\"marks\":[4,1,2]}");
}

static void fields_are_where_they_belong(void **state)
{
    decode(wire[1]);
    assert_int_equal(message.hello.role, ROLE_VOTER);
    assert_string_equal(message.hello.credential, "ABCD-EFGH-JKMN");
    assert_string_equal(message.hello.token, "");
    decode(wire[5]);
    assert_int_equal(message.cast.card_count, 2);
    assert_int_equal(message.cast.mark_count, 3);
    assert_int_equal(message.cast.cards[1].seat, 100000);
    assert_int_equal(message.cast.cards[1].first_mark, 1);
    assert_int_equal(message.cast.cards[1].mark_count, 2);
    assert_int_equal(message.cast.cards[1].nonce[1], 0x23);
    assert_int_equal(message.cast.marks[2].item, 4);
    assert_int_equal(message.cast.marks[2].version, 1);
    assert_int_equal(message.cast.marks[2].choice, 2);
    decode(wire[11]);
    assert_int_equal(message.control.bus, BUS_PREVIEW);
    assert_int_equal(message.control.layer, LAYER_LOWER);
    assert_int_equal(message.control.scene, SCENE_STRIP);
    assert_string_equal(message.control.params, "contest=appraisal\nsubject=s01\n");
    decode(wire[15]);
    assert_int_equal(message.welcome.seat, 17);
    assert_int_equal(message.welcome.seat_count, 1);
    assert_int_equal(message.welcome.versions[0].versions[0], 4);
    assert_int_equal(message.welcome.round.grade_count, 3);
    message_finish(&message);
    decode(wire[18]);
    assert_int_equal(message.ack.outcome_count, 3);
    assert_int_equal(message.ack.outcomes[0].refusal, REFUSAL_NONE);
    assert_string_equal(message.ack.outcomes[0].receipt, "K7M2PQ4X");
    assert_int_equal(message.ack.outcomes[1].refusal, REFUSAL_CONFLICT);
    assert_int_equal(message.ack.outcomes[1].item, 4);
    assert_int_equal(message.ack.outcomes[1].version, 2);
    decode(wire[23]);
    assert_int_equal(message.view.audience, AUDIENCE_HALL);
    assert_int_equal(message.view.live.items[0].valid, 1874);
    assert_int_equal(message.view.live.grade_count, 3);
    assert_true(figures_are_sound(&message.view.live));
    assert_true(message.view.closed[1].hash == UINT64_MAX);
    decode(wire[27]);
    assert_true(message.programme.layers[BUS_PROGRAMME][LAYER_FULLSCREEN].is_taken);
    assert_false(message.programme.layers[BUS_PROGRAMME][LAYER_ALERT].is_taken);
    assert_int_equal(message.programme.layers[BUS_PROGRAMME][LAYER_ALERT].take, 1);
    assert_int_equal(message.programme.layers[BUS_PREVIEW][LAYER_LOWER].take, 0);
}

static void an_election_reaches_its_voters_whole(void **state)
{
    decode(
        "{\"t\":\"round\",\"round\":3,\"state\":\"certified\",\"contest\":\"e\",\"subject\":\"\","
        "\"items\":5,\"choices\":3,\"kind\":\"election\",\"stage\":\"another\",\"seats\":2,"
        "\"write_ins\":2,\"order\":[2,0,1],\"slate\":\"0000000000000006\",\"adopted\":[\"甲\"]}");
    assert_int_equal(message.round.state, ROUND_CERTIFIED);
    assert_int_equal(message.round.kind, CONTEST_ELECTION);
    assert_int_equal(message.round.stage, STAGE_ANOTHER);
    assert_int_equal(message.round.seats, 2);
    assert_int_equal(message.round.write_in_count, 2);
    assert_int_equal(message.round.candidate_count, 3);
    assert_int_equal(message.round.order[0], 2);
    assert_int_equal(message.round.slate, 6);
    assert_int_equal(message.round.adopted_count, 1);
    assert_string_equal(message.round.adopted[0], "甲");
    assert_true(message.round.ends_ms == 0 && !message.round.is_first_final);
    /* An older server says nothing of it; a newer one may have words that are not known here. */
    decode("{\"t\":\"round\",\"round\":3,\"state\":\"open\",\"contest\":\"a\",\"subject\":\"s\","
           "\"items\":5,\"choices\":3}");
    assert_int_equal(message.round.kind, CONTEST_INVALID);
    assert_int_equal(message.round.candidate_count, 0);
    decode("{\"t\":\"round\",\"round\":3,\"state\":\"open\",\"contest\":\"a\",\"subject\":\"s\","
           "\"items\":5,\"choices\":3,\"kind\":\"auction\",\"stage\":\"third\"}");
    assert_int_equal(message.round.kind, CONTEST_INVALID);
    assert_int_equal(message.round.stage, STAGE_INVALID);
    decode("{\"t\":\"status\",\"id\":2,\"event\":\"s1\",\"log\":\"0123456789abcdef\",\"round\":{"
           "\"round\":0,\"state\":\"planned\",\"contest\":\"\",\"subject\":\"\",\"items\":0,"
           "\"choices\":0},\"registered\":5,\"voters\":5,\"cast\":0,\"epoch\":5,"
           "\"recorded\":0,\"overlays\":1,\"unsafe_disk\":false}");
    assert_int_equal(message.status.decision, DECISION_INVALID);
    assert_false(message.status.is_check_in_open);
}

/* What an act's lines hold is exactly what was sent, up to the last byte there is room for. */
static void an_act_has_room_for_a_hand_count(void **state)
{
    static const char head[] =
        "{\"t\":\"control\",\"id\":1,\"act\":\"paper\",\"params\":{\"c-1\":\"";
    static char text[DETAIL_SIZE * 2];
    struct fault fault = { .status = STATUS_OK };
    size_t fill = DETAIL_SIZE - 1 - strlen("c-1=\n");
    bool has_id;
    uint64_t id;

    for (size_t more = 0; more <= 1; more++) {
        memcpy(text, head, sizeof(head));
        memset(text + sizeof(head) - 1, '1', fill + more);
        memcpy(text + sizeof(head) - 1 + fill + more, "\"}}", 4);
        assert_int_equal(message_decode(text, strlen(text), &message, &has_id, &id, &fault),
                         more == 0 ? STATUS_OK : STATUS_INVALID);
        if (more == 0) {
            assert_int_equal(strlen(message.control.params), DETAIL_SIZE - 1);
        }
    }
    assert_string_equal(fault.where, "$.params.c-1");
    assert_non_null(strstr(fault.text, "4095 bytes"));
}

/* Every part of the largest picture, and the longest report, are messages a server reads. */
static void what_overlays_say_fits_a_message(void **state)
{
    static char buffer[MESSAGE_SIZE_MAX + 1];
    uint32_t total = 0;

    memset(&message, 0, sizeof(message));
    message.kind = MESSAGE_PICTURE;
    message.picture.bus = BUS_PROGRAMME;
    message.picture.number = AIR_COUNT_MAX - 1;
    message.picture.size = PICTURE_SIZE_MAX;
    for (uint32_t i = 0; i < PICTURE_PART_MAX; i++) {
        message.picture.part = i;
        message.picture.part_size = picture_part_size(PICTURE_SIZE_MAX, i);
        assert_int_not_equal(message_encode(&message, buffer, sizeof(buffer)), 0);
        total += message.picture.part_size;
    }
    assert_int_equal(total, PICTURE_SIZE_MAX);
    assert_int_equal(picture_part_size(PICTURE_SIZE_MAX, PICTURE_PART_MAX), 0);
    memset(&message, 0, sizeof(message));
    message.kind = MESSAGE_AIR;
    message.air.output_count = AIR_OUTPUT_MAX;
    for (int i = 0; i < AIR_OUTPUT_MAX; i++) {
        memset(message.air.outputs[i].name, '"', AIR_OUTPUT_NAME_SIZE - 1);
    }
    assert_int_not_equal(message_encode(&message, buffer, sizeof(buffer)), 0);
}

/* Exactly the size of the text and its NUL is enough; nothing less is. */
static void a_short_buffer_gives_nothing(void **state)
{
    for (size_t i = 0; i < WIRE_COUNT; i++) {
        size_t size = strlen(wire[i]);
        char *buffer = malloc(size + 1);

        decode(wire[i]);
        assert_int_equal(message_encode(&message, buffer, size + 1), size);
        for (size_t less = 0; less <= size; less++) {
            assert_int_equal(message_encode(&message, buffer, less), 0);
        }
        message_finish(&message);
        free(buffer);
    }
    message.kind = MESSAGE_INVALID;
    assert_int_equal(message_encode(&message, (char[8]){ 0 }, 8), 0);
}

static void the_hot_encoders_write_the_same(void **state)
{
    char text[1024];

    for (size_t i = 0; i < WIRE_COUNT; i++) {
        size_t size = 0;

        decode(wire[i]);
        if (message.kind == MESSAGE_CAST || message.kind == MESSAGE_CASTS) {
            size = cast_encode(&message.cast, message.kind == MESSAGE_CASTS, text, sizeof(text));
        } else if (message.kind == MESSAGE_ACK) {
            size = ack_encode(&message.ack, message.ack.outcomes[0].seat > 0, text, sizeof(text));
        } else if (message.kind == MESSAGE_REFUSED) {
            size = refused_encode(&message.refused, text, sizeof(text));
        } else if (message.kind == MESSAGE_VIEW) {
            size = view_encode(&message.view, text, sizeof(text));
        } else {
            message_finish(&message);
            continue;
        }
        assert_int_equal(size, strlen(wire[i]));
        assert_string_equal(text, wire[i]);
    }
}

static void every_refusal_has_its_word(void **state)
{
    for (int refusal = REFUSAL_BAD_MESSAGE; refusal < REFUSAL_COUNT; refusal++) {
        assert_int_equal(refusal_parse(refusal_name((enum refusal)refusal)), refusal);
    }
    assert_int_equal(refusal_parse("none"), REFUSAL_NONE);
    assert_string_equal(refusal_name(REFUSAL_NOT_ELIGIBLE), "not eligible");
    assert_int_equal(refusal_parse("no such word"), REFUSAL_NONE);
    assert_string_equal(refusal_name(REFUSAL_NOT_OPEN), "not open");
    assert_string_equal(refusal_name(REFUSAL_FORBIDDEN_NOW), "forbidden now");
}

/* What a newer server may add does no harm; least of all does a refusal become an acceptance. */
static void a_newer_servers_additions_are_passed_over(void **state)
{
    decode("{\"t\":\"done\",\"id\":1,\"round\":3,\"sealed\":{\"a\":[1]}}");
    assert_int_equal(message.done.round, 3);
    decode("{\"t\":\"refused\",\"id\":1,\"reason\":\"too warm\",\"text\":\"\",\"degrees\":41}");
    assert_int_equal(message.refused.refusal, REFUSAL_FORBIDDEN_NOW);
    decode("{\"t\":\"ack\",\"id\":1,\"round\":1,\"cards\":[[1,\"\",\"none\",0,0],"
           "[2,\"\",\"too warm\",0,1,\"more\"]]}");
    assert_int_equal(message.ack.outcomes[0].refusal, REFUSAL_FORBIDDEN_NOW);
    assert_int_equal(message.ack.outcomes[1].refusal, REFUSAL_FORBIDDEN_NOW);
    decode("{\"t\":\"programme\",\"sequence\":1,\"programme\":{\"hologram\":{},\"lower\":{"
           "\"scene\":\"dance\",\"take\":2,\"taken_ms\":1,\"params\":{},\"speed\":3}},"
           "\"preview\":{}}");
    assert_false(message.programme.layers[BUS_PROGRAMME][LAYER_LOWER].is_taken);
    assert_int_equal(message.programme.layers[BUS_PROGRAMME][LAYER_LOWER].take, 2);
}

/* Of a hello in another protocol only the number counts, so that the answer can be a clear one. */
static void another_protocols_hello_is_read_as_far_as_its_number(void **state)
{
    decode("{\"t\":\"hello\",\"protocol\":2,\"who\":{\"role\":9}}");
    assert_int_equal(message.kind, MESSAGE_HELLO);
    assert_int_equal(message.hello.protocol, 2);
    assert_int_equal(message.hello.role, ROLE_INVALID);
}

static void a_long_refusal_text_is_cut_between_characters(void **state)
{
    static const char head[] = "{\"t\":\"refused\",\"reason\":\"busy\",\"text\":\"a";
    char text[1024];
    size_t size = sizeof(head) - 1;

    memcpy(text, head, sizeof(head));
    for (int i = 0; i < 100; i++, size += 3) {
        memcpy(text + size, "民", 3);
    }
    memcpy(text + size, "\"}", 3);
    decode(text);
    assert_int_equal(strlen(message.refused.text), 157); /* 1 + 52 × 3; another would not fit */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back_as_it_went),
        cmocka_unit_test(order_and_blanks_do_not_matter),
        cmocka_unit_test(fields_are_where_they_belong),
        cmocka_unit_test(an_election_reaches_its_voters_whole),
        cmocka_unit_test(an_act_has_room_for_a_hand_count),
        cmocka_unit_test(what_overlays_say_fits_a_message),
        cmocka_unit_test(a_short_buffer_gives_nothing),
        cmocka_unit_test(the_hot_encoders_write_the_same),
        cmocka_unit_test(every_refusal_has_its_word),
        cmocka_unit_test(a_newer_servers_additions_are_passed_over),
        cmocka_unit_test(another_protocols_hello_is_read_as_far_as_its_number),
        cmocka_unit_test(a_long_refusal_text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
