#include <string.h>

#include "server/protocol/message_parts.h"

/* Control: the acts of officers and operators. */

/* What an act takes beside t, id and act. */
enum {
    TAKES_ROUND = 1 << 0, /* may be missing: the current or latest one */
    TAKES_NUMBER = 1 << 1,
    TAKES_CONTEST = 1 << 2,
    TAKES_SUBJECT = 1 << 3, /* may be missing */
    TAKES_BUS = 1 << 4,     /* may be missing: programme */
    TAKES_LAYER = 1 << 5,
    TAKES_SCENE = 1 << 6,
    TAKES_PARAMS = 1 << 7,
};

struct param {
    const char *key;
    enum look look;
    bool is_optional;
};

/*
 * One line an act.
 *
 * number_max  of TAKES_NUMBER: 1 .. number_max
 * params      the keys that TAKES_PARAMS allows; none named: any
 */
static const struct act_form {
    const char *name;
    unsigned takes;
    uint32_t number_max;
    struct param params[3];
} forms[CONTROL_COUNT] = {
#define PARAM(name, looks)                                                                         \
    {                                                                                              \
        .key = (name), .look = (looks)                                                             \
    }
#define OPTIONAL(name, looks)                                                                      \
    {                                                                                              \
        .key = (name), .look = (looks), .is_optional = true                                        \
    }
#define REASON PARAM("reason", LOOK_REASON)
#define SEATS PARAM("seats", LOOK_SEATS)
    [CONTROL_INVALID] = { .name = "invalid" },
    [CONTROL_OPEN] = { .name = "open",
                       .takes = TAKES_CONTEST | TAKES_SUBJECT | TAKES_PARAMS,
                       .params = { OPTIONAL("candidates", LOOK_IDS),
                                   OPTIONAL("seconds", LOOK_NUMBER),
                                   OPTIONAL("pads", LOOK_NONE) } },
    [CONTROL_ASK] = { .name = "ask", .takes = TAKES_ROUND | TAKES_NUMBER, .number_max = ITEM_MAX },
    [CONTROL_PAUSE] = { .name = "pause", .takes = TAKES_ROUND },
    [CONTROL_CLOSE] = { .name = "close", .takes = TAKES_ROUND },
    [CONTROL_VOID] = { .name = "void", .takes = TAKES_ROUND | TAKES_PARAMS, .params = { REASON } },
    [CONTROL_CERTIFY] = { .name = "certify", .takes = TAKES_ROUND },
    [CONTROL_CHECK_IN_OPEN] = { .name = "check-in-open" },
    [CONTROL_CHECK_IN_CLOSE] = { .name = "check-in-close" },
    [CONTROL_CHECK_IN] = { .name = "check-in", .takes = TAKES_PARAMS, .params = { SEATS } },
    [CONTROL_CHECK_OUT] = { .name = "check-out", .takes = TAKES_PARAMS, .params = { SEATS } },
    [CONTROL_REVOKE] = { .name = "revoke",
                         .takes = TAKES_NUMBER | TAKES_PARAMS,
                         .number_max = SEAT_MAX,
                         .params = { REASON } },
    [CONTROL_REPLACE] = { .name = "replace",
                          .takes = TAKES_NUMBER | TAKES_PARAMS,
                          .number_max = SEAT_MAX,
                          .params = { REASON } },
    [CONTROL_ADJUDICATE] = { .name = "adjudicate",
                             .takes = TAKES_ROUND | TAKES_NUMBER | TAKES_PARAMS,
                             .number_max = CASE_MAX,
                             .params = { PARAM("ruling", LOOK_RULING), REASON } },
    [CONTROL_PAPER] = { .name = "paper", .takes = TAKES_ROUND | TAKES_PARAMS },
    [CONTROL_BACKUP] = { .name = "backup" },
    [CONTROL_PAPER_CONFIRM] = { .name = "paper-confirm",
                                .takes = TAKES_ROUND | TAKES_NUMBER,
                                .number_max = PAPER_MAX },
    [CONTROL_PAPER_REJECT] = { .name = "paper-reject",
                               .takes = TAKES_ROUND | TAKES_NUMBER | TAKES_PARAMS,
                               .number_max = PAPER_MAX,
                               .params = { REASON } },
    [CONTROL_SIGN] = { .name = "sign", .takes = TAKES_ROUND | TAKES_PARAMS, .params = { REASON } },
    [CONTROL_DECIDE] = { .name = "decide",
                         .takes = TAKES_CONTEST | TAKES_PARAMS,
                         .params = { PARAM("for", LOOK_NUMBER), PARAM("base", LOOK_NUMBER) } },
    [CONTROL_WITHDRAW] = { .name = "withdraw",
                           .takes = TAKES_CONTEST | TAKES_PARAMS,
                           .params = { PARAM("candidate", LOOK_ID), REASON } },
    [CONTROL_LOT] = { .name = "lot", .takes = TAKES_CONTEST },
    [CONTROL_STEP] = { .name = "step",
                       .takes = TAKES_PARAMS,
                       .params = { PARAM("step", LOOK_ID), PARAM("state", LOOK_STATE) } },
    [CONTROL_TAKE] = { .name = "take",
                       .takes = TAKES_BUS | TAKES_LAYER | TAKES_SCENE | TAKES_PARAMS },
    [CONTROL_CONTINUE] = { .name = "continue", .takes = TAKES_BUS | TAKES_LAYER },
    [CONTROL_CLEAR] = { .name = "clear", .takes = TAKES_BUS | TAKES_LAYER },
    [CONTROL_CUT] = { .name = "cut" },
    [CONTROL_STATUS] = { .name = "status" },
    [CONTROL_CASES] = { .name = "cases", .takes = TAKES_ROUND },
#undef PARAM
#undef OPTIONAL
#undef REASON
#undef SEATS
};
#define PARAM_COUNT KEY_COUNT(((const struct act_form *)NULL)->params)

const char *control_kind_name(enum control_kind kind)
{
    return (unsigned)kind < CONTROL_COUNT ? forms[kind].name : forms[CONTROL_INVALID].name;
}

enum control_kind control_kind_parse(const char *name)
{
    for (int kind = CONTROL_INVALID + 1; kind < CONTROL_COUNT; kind++) {
        if (strcmp(forms[kind].name, name) == 0) {
            return (enum control_kind)kind;
        }
    }
    return CONTROL_INVALID;
}

/* Whether an act whose parameters are named can do without any. */
static bool params_are_optional(const struct act_form *form)
{
    for (size_t i = 0; i < PARAM_COUNT && form->params[i].key; i++) {
        if (!form->params[i].is_optional) {
            return false;
        }
    }
    return form->params[0].key != NULL;
}

/* The keys and values of an act whose parameters are known by name. */
static bool params_check(struct reader *reader, const struct place *up, json_t *object,
                         const struct act_form *form)
{
    struct place at = { .up = up, .key = "params" };
    const char *keys[PARAM_COUNT];
    size_t count = 0;

    for (; count < PARAM_COUNT && form->params[count].key; count++) {
        const struct param *param = &form->params[count];
        struct place place = { .up = &at, .key = param->key };
        const json_t *value = json_object_get(object, param->key);
        const char *wrong;

        keys[count] = param->key;
        if (!value && param->is_optional) {
            continue;
        }
        if (!reader_text(reader, &place, value)) {
            return false;
        }
        wrong = param_wrong(param->look, json_string_value(value));
        if (wrong) {
            return reader_fault(reader, &place, STATUS_INVALID, "%s", wrong);
        }
    }
    return count == 0 || reader_keys(reader, &at, object, keys, count);
}

static bool params_take(struct reader *reader, const struct place *at, json_t *object,
                        const struct act_form *form, struct control *control)
{
    struct place place = { .up = at, .key = "params" };
    json_t *params = json_object_get(object, "params");

    if (control->kind == CONTROL_TAKE) {
        return !params || params_read(reader, at, params, control->params);
    }
    if (!params && params_are_optional(form)) {
        return true;
    }
    if (!form->params[0].key && json_is_object(params) && json_object_size(params) == 0) {
        return reader_fault(reader, &place, STATUS_INVALID, "must not be empty");
    }
    return reader_is_object(reader, &place, params) && params_check(reader, at, params, form) &&
           detail_read(reader, at, params, control->params);
}

/* bus (may be missing: programme) and layer of take, continue and clear. */
static bool air_read(struct reader *reader, const struct place *at, json_t *object,
                     struct control *control)
{
    struct place bus = { .up = at, .key = "bus" };
    struct place layer = { .up = at, .key = "layer" };
    const char *word;

    control->bus = BUS_PROGRAMME;
    if (json_object_get(object, "bus")) {
        word = reader_get_text(reader, at, object, "bus");
        if (!word) {
            return false;
        }
        control->bus = bus_parse(word);
        if (control->bus == BUS_INVALID) {
            return reader_fault(reader, &bus, STATUS_INVALID, "must be programme or preview");
        }
    }
    word = reader_get_text(reader, at, object, "layer");
    if (!word) {
        return false;
    }
    control->layer = layer_parse(word);
    if (control->layer == LAYER_INVALID ||
        (control->layer == LAYER_ALL && control->kind != CONTROL_CLEAR)) {
        return reader_fault(reader, &layer, STATUS_INVALID,
                            "must be fullscreen, lower, bug, crawl or alert%s",
                            control->kind == CONTROL_CLEAR ? ", or all" : "");
    }
    return true;
}

static bool scene_read(struct reader *reader, const struct place *at, json_t *object,
                       struct control *control)
{
    struct place scene = { .up = at, .key = "scene" };
    const char *word = reader_get_text(reader, at, object, "scene");

    if (!word) {
        return false;
    }
    control->scene = scene_parse(word);
    return control->scene != SCENE_INVALID ||
           reader_fault(reader, &scene, STATUS_INVALID,
                        "must be strap, strip, board, matrix, turnout, clock, crawl, "
                        "opinion, correction, notice, race, result or test");
}

/* A key that the act does not take is unknown. */
static bool keys_check(struct reader *reader, const struct place *at, json_t *object,
                       const struct act_form *form)
{
    static const struct {
        unsigned takes;
        const char *key;
    } all[] = {
        { TAKES_ROUND, "round" },     { TAKES_NUMBER, "number" }, { TAKES_CONTEST, "contest" },
        { TAKES_SUBJECT, "subject" }, { TAKES_BUS, "bus" },       { TAKES_LAYER, "layer" },
        { TAKES_SCENE, "scene" },     { TAKES_PARAMS, "params" },
    };
    const char *keys[KEY_COUNT(all) + 3] = { "t", "id", "act" };
    size_t count = 3;

    for (size_t i = 0; i < KEY_COUNT(all); i++) {
        if (form->takes & all[i].takes) {
            keys[count++] = all[i].key;
        }
    }
    return reader_keys(reader, at, object, keys, count);
}

static bool values_read(struct reader *reader, const struct place *at, json_t *object,
                        const struct act_form *form, struct control *control)
{
    unsigned takes = form->takes;

    if ((takes & TAKES_ROUND) &&
        !reader_may_uint32(reader, at, object, "round", 1, ROUND_MAX, &control->round)) {
        return false;
    }
    if ((takes & TAKES_NUMBER) &&
        !reader_get_number(reader, at, object, "number", 1, form->number_max, &control->number)) {
        return false;
    }
    if ((takes & TAKES_CONTEST) &&
        !reader_get_id(reader, at, object, "contest", false, control->contest)) {
        return false;
    }
    if ((takes & TAKES_SUBJECT) && json_object_get(object, "subject") &&
        !reader_get_id(reader, at, object, "subject", false, control->subject)) {
        return false;
    }
    if ((takes & TAKES_LAYER) && !air_read(reader, at, object, control)) {
        return false;
    }
    if ((takes & TAKES_SCENE) && !scene_read(reader, at, object, control)) {
        return false;
    }
    return !(takes & TAKES_PARAMS) || params_take(reader, at, object, form, control);
}

bool control_read(struct reader *reader, const struct place *at, json_t *object,
                  struct control *control)
{
    struct place place = { .up = at, .key = "act" };
    const char *act = reader_get_text(reader, at, object, "act");

    memset(control, 0, sizeof(*control));
    if (!act || !reader_get_number(reader, at, object, "id", 0, MESSAGE_ID_MAX, &control->id)) {
        return false;
    }
    control->kind = control_kind_parse(act);
    if (control->kind == CONTROL_INVALID) {
        return reader_fault(reader, &place, STATUS_INVALID, "unknown act");
    }
    return keys_check(reader, at, object, &forms[control->kind]) &&
           values_read(reader, at, object, &forms[control->kind], control);
}

static void word_write(struct writer *writer, const char *key, const char *word)
{
    writer_literal(writer, ",");
    writer_string(writer, key);
    writer_literal(writer, ":");
    writer_string(writer, word);
}

void control_write(struct writer *writer, const struct control *control)
{
    bool is_known = (unsigned)control->kind < CONTROL_COUNT;
    const struct act_form *form = &forms[is_known ? control->kind : CONTROL_INVALID];

    writer_literal(writer, "{\"t\":\"control\",\"id\":");
    writer_uint(writer, control->id);
    word_write(writer, "act", form->name);
    if (form->takes & TAKES_CONTEST) {
        word_write(writer, "contest", control->contest);
    }
    if ((form->takes & TAKES_SUBJECT) && control->subject[0] != '\0') {
        word_write(writer, "subject", control->subject);
    }
    if ((form->takes & TAKES_ROUND) && control->round > 0) {
        writer_literal(writer, ",\"round\":");
        writer_uint(writer, control->round);
    }
    if (form->takes & TAKES_NUMBER) {
        writer_literal(writer, ",\"number\":");
        writer_uint(writer, control->number);
    }
    if ((form->takes & TAKES_BUS) && control->bus != BUS_INVALID) {
        word_write(writer, "bus", bus_name(control->bus));
    }
    if (form->takes & TAKES_LAYER) {
        word_write(writer, "layer", layer_name(control->layer));
    }
    if (form->takes & TAKES_SCENE) {
        word_write(writer, "scene", scene_name(control->scene));
    }
    if ((form->takes & TAKES_PARAMS) &&
        (control->params[0] != '\0' || !params_are_optional(form))) {
        writer_literal(writer, ",\"params\":");
        params_write(writer, control->params);
    }
    writer_literal(writer, "}");
}
