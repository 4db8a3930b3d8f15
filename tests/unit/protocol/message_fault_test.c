#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/protocol/message.h"

/* Bad messages, the path that their fault must name and words of what it says. */
struct bad {
    const char *text;
    const char *where;
    const char *said;
};

#define T64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CAST "{\"t\":\"cast\",\"id\":17,\"round\":3,\"nonce\":\"0123456789abcdef\","
#define CASTS "{\"t\":\"casts\",\"id\":17,\"round\":3,\"cards\":"
#define CONTROL "{\"t\":\"control\",\"id\":1,"
#define ROUND                                                                                      \
    "{\"round\":1,\"state\":\"open\",\"contest\":\"a\",\"subject\":\"s\",\"items\":2,"             \
    "\"choices\":3}"
#define WELCOME                                                                                    \
    "{\"t\":\"welcome\",\"protocol\":1,\"log\":\"0123456789abcdef\","                              \
    "\"role\":\"voter\",\"audience\":\"public\",\"post\":\"\","                                    \
    "\"seat\":17,\"round\":" ROUND ","
#define BALLOT                                                                                     \
    "{\"t\":\"round\",\"round\":3,\"state\":\"open\",\"contest\":\"e\",\"subject\":\"\","          \
    "\"items\":5,\"choices\":3,"
#define VIEW                                                                                       \
    "{\"t\":\"view\",\"log\":\"0123456789abcdef\",\"epoch\":1,\"at_ms\":0,"                        \
    "\"audience\":\"public\",\"texts\":\"0000000000000000\","
#define LIVE                                                                                       \
    VIEW "\"closed\":[],\"live\":{\"round\":3,\"contest\":\"a\",\"subject\":\"s\","                \
         "\"state\":\"open\",\"registered\":5,\"opened_ms\":1,\"closed_ms\":0,"

static const struct bad bad_texts[] = {
    { "", "$", "too early" },
    { "garbage", "$", "not JSON" },
    { "{\"t\":\"hello\"", "$.t", "too early" },
    { "{\"t\":\"hello\"} x", "$", "follows" },
    { "{\"id\":1,\"id\":2}", "$.id", "same key twice" },
    { "{\"t\":\"control\",\"params\":{\"a\":\"1\",\"a\":\"2\"}}", "$.params.a", "same key twice" },
    { "{\"t\":\"\xff\"}", "$.t", "not UTF-8" },
    { "{\"t\":\"\xed\xa0\x80\"}", "$.t", "not UTF-8" },
    { "{\"t\":\"a\\u0000\"}", "$.t", "NUL" },
    { "{\"id\":99999999999999999999}", "$.id", "out of range" },
    { "[1,[2,{\"a\":tru]]", "$[1][1].a", "not JSON" },
    { "[]", "$", "must be an object" },
    { "null", "$", "not JSON" },
    { "{}", "$.t", "missing" },
    { "{\"t\":1}", "$.t", "must be a text" },
    { "{\"t\":\"Hello\"}", "$.t", "unknown type" },
    { "{\"t\":\"invalid\"}", "$.t", "unknown type" },
};

/* A report that is sound up to `keys`, and nothing after them. */
#define WORK "{\"count\":0,\"us_sum\":0,\"us_max\":0}"
#define AIR_BEGIN "{\"t\":\"air\",\"bus\":\"programme\",\"format\":\"1080i25\","
#define AIR_COUNTS                                                                                 \
    AIR_BEGIN "\"frames\":1,\"late\":0,\"repeated\":0,\"dropped\":0,\"pictures_dropped\":0,"       \
              "\"painters\":1,"                                                                    \
              "\"delay_ms_sum\":0,\"paint\":" WORK ",\"convert\":" WORK ",\"blend\":" WORK ","
#define AIR_FLAGS                                                                                  \
    AIR_COUNTS "\"painter_up\":true,\"panic\":false,\"hidden\":false,\"input\":\"up\","
#define AIR_DELAYS AIR_FLAGS "\"delays\":[0,0,0,0,0,0,0,0,0,0,0],"
#define OUTPUT_END "\"state\":\"up\",\"frames\":0,\"drops\":0,\"restarts\":0}"
#define NAME16 "0123456789abcdef"

static const struct bad bad_airs[] = {
    { "{\"t\":\"air\"}", "$.bus", "missing" },
    { "{\"t\":\"air\",\"bus\":\"air\"}", "$.bus", "programme or preview" },
    { "{\"t\":\"air\",\"bus\":\"preview\",\"format\":\"\"}", "$.format", "1 to 15" },
    { "{\"t\":\"air\",\"bus\":\"preview\",\"format\":\"1080i25-1080i25-\"}", "$.format",
      "1 to 15" },
    { AIR_BEGIN "\"frames\":-1}", "$.frames", "must be" },
    { AIR_BEGIN "\"frames\":9007199254740992}", "$.frames", "must be" },
    { AIR_COUNTS "\"painter_up\":1}", "$.painter_up", "must be" },
    { AIR_COUNTS "\"painter_up\":true}", "$.panic", "missing" },
    { AIR_COUNTS "\"painter_up\":true,\"panic\":false,\"hidden\":false,\"input\":\"down\"}",
      "$.input", "none, up, retrying or failed" },
    { AIR_FLAGS "\"delays\":[0,0,0,0,0,0,0,0,0,0]}", "$.delays", "11" },
    { AIR_FLAGS "\"delays\":[0,0,0,0,0,0,0,0,0,0,9007199254740991]}", "$.delays[10]", "must be" },
    { AIR_DELAYS "\"outputs\":[{\"name\":\"" NAME16 NAME16 NAME16 NAME16 NAME16 NAME16
                 "\"," OUTPUT_END "]}",
      "$.outputs[0].name", "at most 95 bytes" },
    { AIR_DELAYS "\"outputs\":[{\"name\":\"a\\nb\"," OUTPUT_END "]}", "$.outputs[0].name",
      "control" },
    { AIR_DELAYS "\"outputs\":[{\"name\":\"\xe2\x80\xae\"," OUTPUT_END "]}", "$.outputs[0].name",
      "control" },
    { AIR_DELAYS "\"outputs\":[{},{},{},{},{},{},{},{},{}]}", "$.outputs", "8" },
    { AIR_DELAYS "\"outputs\":[{\"name\":\"a\"," OUTPUT_END "],\"more\":1}", "$.more",
      "unknown key" },
};

#define PICTURE "{\"t\":\"picture\",\"bus\":\"preview\",\"number\":1,"
static const struct bad bad_pictures[] = {
    { "{\"t\":\"picture\"}", "$.bus", "missing" },
    { "{\"t\":\"picture\",\"bus\":\"air\"}", "$.bus", "programme or preview" },
    { PICTURE "\"size\":0}", "$.size", "must be 1 to 65536" },
    { PICTURE "\"size\":65537}", "$.size", "must be 1 to 65536" },
    { PICTURE "\"size\":11264,\"part\":1}", "$.part", "must be 0 to 0" },
    { PICTURE "\"size\":3,\"part\":0}", "$.data", "missing" },
    { PICTURE "\"size\":3,\"part\":0,\"data\":\"AQI=\"}", "$.data", "3 bytes" },
    { PICTURE "\"size\":3,\"part\":0,\"data\":\"AQL/AQL/\"}", "$.data", "3 bytes" },
    { PICTURE "\"size\":3,\"part\":0,\"data\":\"AQ?/\"}", "$.data", "base64" },
    { PICTURE "\"size\":3,\"part\":0,\"data\":\"AQL/\",\"x\":1}", "$.x", "unknown key" },
};

static const struct bad bad_hellos[] = {
    { "{\"t\":\"hello\"}", "$.protocol", "missing" },
    { "{\"t\":\"hello\",\"protocol\":\"1\"}", "$.protocol", "must be an integer" },
    { "{\"t\":\"hello\",\"protocol\":-1}", "$.protocol", "must be 0 to" },
    { "{\"t\":\"hello\",\"protocol\":1}", "$.role", "missing" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"king\"}", "$.role", "unknown role" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\"}", "$.credential", "missing" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\",\"credential\":\"\"}", "$.credential",
      "must be 1 to 32" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\",\"credential\":\"A B\"}", "$.credential",
      "must be 1 to 32" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\","
      "\"credential\":\"ABCDEFGHIJABCDEFGHIJABCDEFGHIJABC\"}",
      "$.credential", "must be 1 to 32" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\",\"credential\":\"A\",\"token\":\"" T64
      "\"}",
      "$.token", "unknown key" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"viewer\",\"credential\":\"A\"}", "$.credential",
      "unknown key" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"officer\"}", "$.token", "missing" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"officer\",\"token\":\"abc\"}", "$.token",
      "must be 64 of" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"officer\",\"token\":\"" T64 "0\"}", "$.token",
      "must be 64 of" },
    { "{\"t\":\"hello\",\"protocol\":1,\"role\":\"viewer\",\"a b\":1}", "$[\"a b\"]",
      "unknown key" },
};

static const struct bad bad_casts[] = {
    { CAST "\"mark\":[0,1,2]}", "$.marks", "missing" },
    { CAST "\"marks\":{}}", "$.marks", "must be a list" },
    { CAST "\"marks\":[]}", "$.marks", "must have 3 to 192" },
    { CAST "\"marks\":[0,1]}", "$.marks", "must have 3 to 192" },
    { CAST "\"marks\":[0,1,2,3]}", "$.marks", "triples" },
    { CAST "\"marks\":[64,1,2]}", "$.marks[0]", "must be 0 to 63" },
    { CAST "\"marks\":[0,0,2]}", "$.marks[1]", "must be 1 to 2147483647" },
    { CAST "\"marks\":[0,1,17]}", "$.marks[2]", "must be 0 to 16" },
    { CAST "\"marks\":[0,1,-1]}", "$.marks[2]", "must be 0 to 16" },
    { CAST "\"marks\":[0,1,\"2\"]}", "$.marks[2]", "must be an integer" },
    { CAST "\"marks\":[0,1,2.0]}", "$.marks[2]", "must be an integer" },
    { CAST "\"marks\":[0,1,2,0,2,1]}", "$.marks[3]", "same item twice" },
    { CAST "\"marks\":[0,1,2],\"extra\":1}", "$.extra", "unknown key" },
    { "{\"t\":\"cast\",\"id\":17,\"round\":3,\"marks\":[0,1,2]}", "$.nonce", "missing" },
    { "{\"t\":\"cast\",\"id\":17,\"round\":3,\"nonce\":\"0123456789ABCDEF\",\"marks\":[0,1,2]}",
      "$.nonce", "must be 16 of" },
    { "{\"t\":\"cast\",\"id\":17,\"round\":3,\"nonce\":7,\"marks\":[0,1,2]}", "$.nonce",
      "must be a text" },
    { "{\"t\":\"cast\",\"id\":17}", "$.round", "missing" },
    { "{\"t\":\"cast\",\"id\":17,\"round\":4097}", "$.round", "must be 1 to 4096" },
    { "{\"t\":\"cast\",\"round\":3}", "$.id", "missing" },
    { "{\"t\":\"cast\",\"id\":9007199254740992}", "$.id", "must be 0 to 9007199254740991" },
    { CASTS "[]}", "$.cards", "must have 1 to 256" },
    { CASTS "[7]}", "$.cards[0]", "must be a list" },
    { CASTS "[[7,\"0123456789abcdef\",0,1]]}", "$.cards[0]", "must have 5 to 195" },
    { CASTS "[[7,\"0123456789abcdef\",0,1,2,3]]}", "$.cards[0]", "triples" },
    { CASTS "[[0,\"0123456789abcdef\",0,1,2]]}", "$.cards[0][0]", "must be 1 to 100000" },
    { CASTS "[[7,\"xyz\",0,1,2]]}", "$.cards[0][1]", "must be 16 of" },
    { CASTS "[[7,\"0123456789abcdef\",0,1,2],[8,\"0123456789abcdef\",1,1,2,1,2,2]]}",
      "$.cards[1][5]", "same item twice" },
    { CASTS "[[7,\"0123456789abcdef\",0,1,2]],\"nonce\":\"0123456789abcdef\"}", "$.nonce",
      "unknown key" },
};

static const struct bad bad_controls[] = {
    { "{\"t\":\"control\",\"act\":\"status\"}", "$.id", "missing" },
    { "{\"t\":\"control\",\"id\":1}", "$.act", "missing" },
    { CONTROL "\"act\":\"explode\"}", "$.act", "unknown act" },
    { CONTROL "\"act\":\"invalid\"}", "$.act", "unknown act" },
    { CONTROL "\"act\":\"status\",\"round\":1}", "$.round", "unknown key" },
    { CONTROL "\"act\":\"open\"}", "$.contest", "missing" },
    { CONTROL "\"act\":\"open\",\"contest\":\"A\"}", "$.contest", "must be an id" },
    { CONTROL "\"act\":\"open\",\"contest\":\"a\",\"subject\":\"\"}", "$.subject",
      "must be an id" },
    { CONTROL "\"act\":\"pause\",\"round\":0}", "$.round", "must be 1 to 4096" },
    { CONTROL "\"act\":\"close\",\"contest\":\"a\"}", "$.contest", "unknown key" },
    { CONTROL "\"act\":\"take\",\"scene\":\"strip\"}", "$.layer", "missing" },
    { CONTROL "\"act\":\"take\",\"layer\":\"all\",\"scene\":\"strip\"}", "$.layer",
      "must be fullscreen" },
    { CONTROL "\"act\":\"take\",\"layer\":\"lower\"}", "$.scene", "missing" },
    { CONTROL "\"act\":\"take\",\"layer\":\"lower\",\"scene\":\"\"}", "$.scene", "must be strap" },
    { CONTROL "\"act\":\"take\",\"bus\":\"london\",\"layer\":\"lower\"}", "$.bus",
      "must be programme" },
    { CONTROL "\"act\":\"take\",\"layer\":\"lower\",\"scene\":\"strip\",\"params\":[]}", "$.params",
      "must be an object" },
    { CONTROL "\"act\":\"take\",\"layer\":\"lower\",\"scene\":\"strip\",\"params\":{\"a\":1}}",
      "$.params.a", "must be a text" },
    { CONTROL "\"act\":\"take\",\"layer\":\"lower\",\"scene\":\"strip\","
              "\"params\":{\"a\":\"x\\ny\"}}",
      "$.params.a", "control character" },
    { CONTROL "\"act\":\"take\",\"layer\":\"lower\",\"scene\":\"strip\","
              "\"params\":{\"a=b\":\"x\"}}",
      "$.params[\"a=b\"]", "a-z" },
    { CONTROL "\"act\":\"open\",\"contest\":\"a\",\"params\":{\"colour\":\"red\"}}",
      "$.params.colour", "unknown key" },
    { CONTROL "\"act\":\"open\",\"contest\":\"a\",\"params\":{\"candidates\":\"c1,,c2\"}}",
      "$.params.candidates", "must be ids" },
    { CONTROL "\"act\":\"open\",\"contest\":\"a\",\"params\":{\"seconds\":\"1m\"}}",
      "$.params.seconds", "must be a number" },
    { CONTROL "\"act\":\"open\",\"contest\":\"a\",\"number\":1}", "$.number", "unknown key" },
    { CONTROL "\"act\":\"void\",\"round\":1}", "$.params", "missing" },
    { CONTROL "\"act\":\"void\",\"round\":1,\"params\":{}}", "$.params.reason", "missing" },
    { CONTROL "\"act\":\"void\",\"round\":1,\"params\":{\"reason\":\" \u3000\"}}",
      "$.params.reason", "not all blank" },
    { CONTROL "\"act\":\"void\",\"params\":{\"reason\":\"" T64 "0\"}}", "$.params.reason",
      "must be 1 to 64" },
    { CONTROL "\"act\":\"void\",\"params\":{\"reason\":\"a\u202eb\"}}", "$.params.reason",
      "must be 1 to 64" },
    { CONTROL "\"act\":\"void\",\"params\":{\"reason\":\"a\\tb\"}}", "$.params.reason",
      "control character" },
    { CONTROL "\"act\":\"certify\",\"params\":{}}", "$.params", "unknown key" },
    { CONTROL "\"act\":\"check-in\"}", "$.params", "missing" },
    { CONTROL "\"act\":\"check-in\",\"params\":{\"seats\":\"\"}}", "$.params.seats",
      "must be seats" },
    { CONTROL "\"act\":\"check-in\",\"params\":{\"seats\":\"1-\"}}", "$.params.seats",
      "must be seats" },
    { CONTROL "\"act\":\"check-in\",\"params\":{\"seats\":\"1,\"}}", "$.params.seats",
      "must be seats" },
    { CONTROL "\"act\":\"check-in\",\"params\":{\"seats\":\"1 2\"}}", "$.params.seats",
      "must be seats" },
    { CONTROL "\"act\":\"revoke\",\"params\":{\"reason\":\"lost\"}}", "$.number", "missing" },
    { CONTROL "\"act\":\"revoke\",\"number\":100001,\"params\":{\"reason\":\"lost\"}}", "$.number",
      "must be 1 to 100000" },
    { CONTROL "\"act\":\"adjudicate\",\"number\":100001,\"params\":{}}", "$.number",
      "must be 1 to 100000" },
    { CONTROL "\"act\":\"adjudicate\",\"number\":1,\"params\":{\"reason\":\"E8\"}}",
      "$.params.ruling", "missing" },
    { CONTROL "\"act\":\"paper\"}", "$.params", "missing" },
    { CONTROL "\"act\":\"paper\",\"params\":{\"C\":\"1\"}}", "$.params.C", "must be a key of" },
    { CONTROL "\"act\":\"paper-confirm\",\"number\":65}", "$.number", "must be 1 to 64" },
    { CONTROL "\"act\":\"decide\",\"contest\":\"e\",\"params\":{\"for\":\"5\"}}", "$.params.base",
      "missing" },
    { CONTROL "\"act\":\"withdraw\",\"contest\":\"e\",\"params\":{\"candidate\":\"C\","
              "\"reason\":\"ill\"}}",
      "$.params.candidate", "must be an id" },
    { CONTROL "\"act\":\"lot\"}", "$.contest", "missing" },
    { CONTROL "\"act\":\"step\",\"params\":{\"step\":\"a\",\"state\":\"on\"}}", "$.params.state",
      "must be begun or ended" },
    { CONTROL "\"act\":\"clear\"}", "$.layer", "missing" },
    { CONTROL "\"act\":\"clear\",\"layer\":\"attic\"}", "$.layer", "or all" },
};

static const struct bad bad_answers[] = {
    { WELCOME "\"versions\":{}}", "$.versions", "must be a list" },
    { WELCOME "\"versions\":[[1,2]]}", "$.versions[0]", "must have 3 to 3" },
    { WELCOME "\"versions\":[[1,2,3],[1,2,-3]]}", "$.versions[1][2]", "must be 0 to" },
    { WELCOME "\"x\":1}", "$.versions", "missing" },
    { "{\"t\":\"round\",\"round\":1,\"state\":\"ajar\"}", "$.state", "unknown state" },
    { "{\"t\":\"ack\",\"id\":1,\"round\":1}", "$.receipt", "missing" },
    { "{\"t\":\"ack\",\"id\":1,\"round\":1,\"receipt\":\"short\"}", "$.receipt", "a receipt" },
    { "{\"t\":\"ack\",\"id\":1,\"round\":1,\"receipt\":\"K7M2PQ4x\"}", "$.receipt", "a receipt" },
    { "{\"t\":\"ack\",\"id\":1,\"round\":1,\"cards\":[[1,\"\"]]}", "$.cards[0][2]", "missing" },
    { "{\"t\":\"ack\",\"id\":1,\"round\":1,\"cards\":[[1]]}", "$.cards[0]", "must have 2" },
    { "{\"t\":\"refused\",\"text\":\"\"}", "$.reason", "missing" },
    { "{\"t\":\"refused\",\"reason\":\"busy\"}", "$.text", "missing" },
    { "{\"t\":\"refused\",\"id\":\"1\",\"reason\":\"busy\",\"text\":\"\"}", "$.id",
      "must be an integer" },
    { VIEW "\"closed\":[]}", "$.live", "missing" },
    { VIEW "\"live\":null}", "$.closed", "missing" },
    { VIEW "\"live\":null,\"closed\":[[\"s\",1]]}", "$.closed[0]", "must have 3" },
    { VIEW "\"live\":null,\"closed\":[[\"s\",1,\"0\"]]}", "$.closed[0][2]", "must be 16 of" },
    { LIVE "\"shows\":\"all\"}}", "$.live.shows", "must be hidden" },
    { LIVE "\"shows\":\"turnout\"}}", "$.live.cast", "missing" },
    { LIVE "\"shows\":\"tally\",\"cast\":1}}", "$.live.items", "missing" },
    { LIVE "\"shows\":\"tally\",\"cast\":1,\"items\":[]}}", "$.live.items", "must have 1 to 64" },
    { LIVE "\"shows\":\"tally\",\"cast\":1,\"items\":[[1,0],[1]]}}", "$.live.items[1]",
      "must have 2 to 2" },
    { LIVE "\"shows\":\"tally\",\"cast\":1,\"items\":[[1,6500001]]}}", "$.live.items[0][1]",
      "must be 0 to 6500000" },
    { "{\"t\":\"programme\",\"sequence\":1,\"programme\":{}}", "$.preview", "missing" },
    { "{\"t\":\"programme\",\"sequence\":1,\"preview\":{},\"programme\":{\"lower\":{"
      "\"scene\":\"strip\",\"take\":1}}}",
      "$.programme.lower.taken_ms", "missing" },
    { "{\"t\":\"status\",\"id\":1}", "$.event", "missing" },
    { BALLOT "\"order\":[0,0]}", "$.order", "twice" },
    { BALLOT "\"order\":[0,2]}", "$.order[1]", "must be 0 to 1" },
    { BALLOT "\"order\":[0,1],\"slate\":\"0000000000000004\"}", "$.slate", "not in order" },
    { BALLOT "\"write_ins\":17}", "$.write_ins", "must be 0 to 16" },
    { BALLOT "\"adopted\":[\"a\"]}", "$.adopted", "must have 0 to 0" },
    { BALLOT "\"asks_item\":1}", "$.asks_item", "must be true or false" },
    { "{\"t\":\"cases\",\"id\":1,\"round\":1,\"total\":1,\"cases\":[{\"number\":0}]}",
      "$.cases[0].number", "must be 1 to 100000" },
    { "{\"t\":\"cases\",\"id\":1,\"round\":1,\"total\":1,\"cases\":[{\"number\":1}]}",
      "$.cases[0].rule", "missing" },
    { "{\"t\":\"done\",\"id\":1,\"round\":4097}", "$.round", "must be 0 to 4096" },
};

static void assert_faults(const struct bad *cases, size_t count)
{
    static struct message message;

    for (size_t i = 0; i < count; i++) {
        struct fault fault = { .status = STATUS_OK };
        uint64_t id;
        bool has_id;
        enum status status =
            message_decode(cases[i].text, strlen(cases[i].text), &message, &has_id, &id, &fault);

        if (status != STATUS_INVALID || strcmp(fault.where, cases[i].where) != 0 ||
            strstr(fault.text, cases[i].said) == NULL) {
            fail_msg("%s\n  %s at %s: %s", cases[i].text, status_name(status), fault.where,
                     fault.text);
        }
        assert_int_equal(message.kind, MESSAGE_INVALID);
    }
}
#define ASSERT_FAULTS(cases) assert_faults(cases, sizeof(cases) / sizeof((cases)[0]))

static void bad_text_is_refused_with_its_place(void **state)
{
    ASSERT_FAULTS(bad_texts);
}

static void bad_hellos_are_refused_with_their_path(void **state)
{
    ASSERT_FAULTS(bad_hellos);
}

static void bad_airs_are_refused_with_their_path(void **state)
{
    ASSERT_FAULTS(bad_airs);
    ASSERT_FAULTS(bad_pictures);
}

static void bad_casts_are_refused_with_their_path(void **state)
{
    ASSERT_FAULTS(bad_casts);
}

static void bad_controls_are_refused_with_their_path(void **state)
{
    ASSERT_FAULTS(bad_controls);
}

static void bad_answers_are_refused_with_their_path(void **state)
{
    ASSERT_FAULTS(bad_answers);
}

/* The id comes out whenever it can be read, so that the refusal can name it. */
static void the_id_is_read_even_from_bad_messages(void **state)
{
    static const struct {
        const char *text;
        bool has_id;
        uint64_t id;
    } cases[] = {
        { "{\"id\":9}", true, 9 },
        { "{\"t\":\"cast\",\"id\":0,\"round\":\"x\"}", true, 0 },
        { "{\"t\":\"x\",\"id\":9007199254740991}", true, (1ull << 53) - 1 },
        { "{\"t\":\"x\",\"id\":9007199254740992}", false, 0 },
        { "{\"t\":\"x\",\"id\":-1}", false, 0 },
        { "{\"t\":\"x\",\"id\":\"9\"}", false, 0 },
        { "{\"t\":\"x\"}", false, 0 },
        { "[9]", false, 0 },
        { "{\"id\":9", false, 0 },
    };
    static struct message message;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t id = 77;
        bool has_id = !cases[i].has_id;

        assert_int_equal(
            message_decode(cases[i].text, strlen(cases[i].text), &message, &has_id, &id, NULL),
            STATUS_INVALID);
        assert_int_equal(has_id, cases[i].has_id);
        assert_int_equal(id, cases[i].id);
    }
}

/* Neither a credential nor a token nor a choice may come back in a text that is logged or sent. */
static void a_fault_repeats_no_value(void **state)
{
    static const char *const texts[] = {
        "{\"t\":\"hello\",\"protocol\":1,\"role\":\"voter\",\"credential\":\"SECRET 31337\"}",
        "{\"t\":\"hello\",\"protocol\":1,\"role\":\"officer\",\"token\":\"SECRET31337\"}",
        "{\"t\":\"hello\",\"protocol\":1,\"role\":\"SECRET31337\"}",
        "{\"t\":\"hello\",\"credential\":\"SECRET31337\" \"SECRET31337\"}",
        "{\"t\":\"SECRET31337\"}",
        CAST "\"marks\":[0,1,31337]}",
        CAST "\"marks\":[0,1,31337",
    };
    static struct message message;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct fault fault = { .status = STATUS_OK };
        uint64_t id;
        bool has_id;

        assert_int_equal(message_decode(texts[i], strlen(texts[i]), &message, &has_id, &id, &fault),
                         STATUS_INVALID);
        assert_null(strstr(fault.text, "31337"));
        assert_null(strstr(fault.where, "31337"));
    }
}

/* Ten thousand open brackets end in a fault, not in the stack. */
static void deep_nesting_is_refused(void **state)
{
    static struct message message;
    static char text[10000];
    struct fault fault = { .status = STATUS_OK };
    uint64_t id;
    bool has_id;

    memset(text, '[', sizeof(text));
    assert_int_equal(message_decode(text, sizeof(text), &message, &has_id, &id, &fault),
                     STATUS_INVALID);
    assert_non_null(strstr(fault.text, "nested too deeply"));
}

static void the_first_fault_of_the_caller_stays(void **state)
{
    static struct message message;
    struct fault fault = { .status = STATUS_IO, .text = "earlier" };
    uint64_t id;
    bool has_id;

    assert_int_equal(message_decode("{}", 2, &message, &has_id, &id, &fault), STATUS_INVALID);
    assert_string_equal(fault.text, "earlier");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_text_is_refused_with_its_place),
        cmocka_unit_test(bad_hellos_are_refused_with_their_path),
        cmocka_unit_test(bad_airs_are_refused_with_their_path),
        cmocka_unit_test(bad_casts_are_refused_with_their_path),
        cmocka_unit_test(bad_controls_are_refused_with_their_path),
        cmocka_unit_test(bad_answers_are_refused_with_their_path),
        cmocka_unit_test(the_id_is_read_even_from_bad_messages),
        cmocka_unit_test(a_fault_repeats_no_value),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(the_first_fault_of_the_caller_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
