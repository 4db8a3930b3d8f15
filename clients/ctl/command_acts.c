#include "clients/ctl/command_acts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENT_MAX 3

enum argument_kind {
    ARGUMENT_INVALID = 0,
    ARGUMENT_CONTEST,
    ARGUMENT_SUBJECT,
    ARGUMENT_ROUND,
    ARGUMENT_NUMBER,
    ARGUMENT_PARAM, /* a parameter that needs no KEY= */
    ARGUMENT_LAYER,
    ARGUMENT_SCENE,
};

struct argument {
    enum argument_kind kind;
    const char *name; /* as faults call it; of a parameter its key */
};

/*
 * One line an act. Behind its arguments come KEY=VALUE; which keys it takes the protocol knows.
 *
 * second  the argument that makes it this one, or NULL; such a line stands before the others
 * need    how many of `arguments` cannot be left out
 */
static const struct act_line {
    const char *name;
    const char *second;
    enum control_kind control;
    int need;
    struct argument arguments[ARGUMENT_MAX];
} acts[] = {
    { "open",
      NULL,
      CONTROL_OPEN,
      1,
      { { ARGUMENT_CONTEST, "contest" }, { ARGUMENT_SUBJECT, "subject" } } },
    { "ask", NULL, CONTROL_ASK, 1, { { ARGUMENT_NUMBER, "item" }, { ARGUMENT_ROUND, "round" } } },
    { "pause", NULL, CONTROL_PAUSE, 0, { { ARGUMENT_ROUND, "round" } } },
    { "close", NULL, CONTROL_CLOSE, 0, { { ARGUMENT_ROUND, "round" } } },
    { "void", NULL, CONTROL_VOID, 1, { { ARGUMENT_ROUND, "round" } } },
    { "certify", NULL, CONTROL_CERTIFY, 0, { { ARGUMENT_ROUND, "round" } } },
    { "checkin", "open", CONTROL_CHECK_IN_OPEN, 0, { { 0 } } },
    { "checkin", "close", CONTROL_CHECK_IN_CLOSE, 0, { { 0 } } },
    { "checkin", NULL, CONTROL_CHECK_IN, 1, { { ARGUMENT_PARAM, "seats" } } },
    { "checkout", NULL, CONTROL_CHECK_OUT, 1, { { ARGUMENT_PARAM, "seats" } } },
    { "revoke", NULL, CONTROL_REVOKE, 1, { { ARGUMENT_NUMBER, "seat" } } },
    { "replace", NULL, CONTROL_REPLACE, 1, { { ARGUMENT_NUMBER, "seat" } } },
    { "adjudicate",
      NULL,
      CONTROL_ADJUDICATE,
      3,
      { { ARGUMENT_ROUND, "round" }, { ARGUMENT_NUMBER, "case" }, { ARGUMENT_PARAM, "ruling" } } },
    { "cases", NULL, CONTROL_CASES, 0, { { ARGUMENT_ROUND, "round" } } },
    { "backup", NULL, CONTROL_BACKUP, 0, { { 0 } } },
    { "paper",
      "confirm",
      CONTROL_PAPER_CONFIRM,
      2,
      { { ARGUMENT_ROUND, "round" }, { ARGUMENT_NUMBER, "batch" } } },
    { "paper",
      "reject",
      CONTROL_PAPER_REJECT,
      2,
      { { ARGUMENT_ROUND, "round" }, { ARGUMENT_NUMBER, "batch" } } },
    { "paper", NULL, CONTROL_PAPER, 1, { { ARGUMENT_ROUND, "round" } } },
    { "sign", NULL, CONTROL_SIGN, 1, { { ARGUMENT_ROUND, "round" } } },
    { "decide", NULL, CONTROL_DECIDE, 1, { { ARGUMENT_CONTEST, "contest" } } },
    { "withdraw",
      NULL,
      CONTROL_WITHDRAW,
      2,
      { { ARGUMENT_CONTEST, "contest" }, { ARGUMENT_PARAM, "candidate" } } },
    { "lot", NULL, CONTROL_LOT, 1, { { ARGUMENT_CONTEST, "contest" } } },
    { "step", NULL, CONTROL_STEP, 2, { { ARGUMENT_PARAM, "step" }, { ARGUMENT_PARAM, "state" } } },
    { "status", NULL, CONTROL_STATUS, 0, { { 0 } } },
    { "take", NULL, CONTROL_TAKE, 2, { { ARGUMENT_LAYER, "layer" }, { ARGUMENT_SCENE, "scene" } } },
    { "continue", NULL, CONTROL_CONTINUE, 1, { { ARGUMENT_LAYER, "layer" } } },
    { "clear", NULL, CONTROL_CLEAR, 1, { { ARGUMENT_LAYER, "layer" } } },
    { "cut", NULL, CONTROL_CUT, 0, { { 0 } } },
};

static bool wrong(const char *what, const char *text, const char *expected)
{
    fprintf(stderr, "minping: %s '%s': %s\n", what, text, expected);
    return false;
}

static const struct act_line *act_find(const char *name, const char *second)
{
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (strcmp(acts[i].name, name) == 0 &&
            (acts[i].second == NULL || (second != NULL && strcmp(acts[i].second, second) == 0))) {
            return &acts[i];
        }
    }
    return NULL;
}

bool act_is_known(const char *name)
{
    return act_find(name, NULL) != NULL;
}

static bool id_take(const char *what, const char *text, char id[ID_SIZE])
{
    if (!id_is_valid(text)) {
        return wrong(what, text, "an id is [a-z0-9][a-z0-9-]*, at most 32 characters");
    }
    memcpy(id, text, strlen(text) + 1);
    return true;
}

static bool number_take(const char *what, const char *text, uint64_t most, const char *expected,
                        uint64_t *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 || value > most) {
        return wrong(what, text, expected);
    }
    *number = value;
    return true;
}

static bool param_put(struct control *control, const char *key, const char *value)
{
    return control->kind == CONTROL_TAKE ? params_put(control->params, key, value)
                                         : detail_put(control->params, key, value);
}

/* "key=value" into the parameters. */
static bool param_take(const char *text, struct control *control)
{
    char key[64];
    const char *sign = strchr(text, '=');
    if (sign == text || (size_t)(sign - text) >= sizeof(key)) {
        return wrong("parameter", text, "must be KEY=VALUE");
    }
    memcpy(key, text, (size_t)(sign - text));
    key[sign - text] = '\0';
    return param_put(control, key, sign + 1) ||
           wrong("parameter", text,
                 control->kind == CONTROL_TAKE
                     ? "the key must be [a-z_]+, once, and the value one short line"
                     : "the key must be [a-z0-9_-]+, once, and the value one short line");
}

static bool layer_take(const char *text, struct control *control)
{
    bool may_be_all = control->kind == CONTROL_CLEAR;
    control->layer = layer_parse(text);
    if (control->layer == LAYER_INVALID || (control->layer == LAYER_ALL && !may_be_all)) {
        return wrong("layer", text,
                     may_be_all ? "must be fullscreen, lower, bug, crawl, alert or all"
                                : "must be fullscreen, lower, bug, crawl or alert");
    }
    return true;
}

static bool argument_take(const struct argument *argument, const char *text,
                          struct control *control)
{
    uint64_t number = 0;
    switch (argument->kind) {
    case ARGUMENT_CONTEST:
        return id_take("contest", text, control->contest);
    case ARGUMENT_SUBJECT:
        return id_take("subject", text, control->subject);
    case ARGUMENT_ROUND:
        if (!number_take("round", text, ROUND_MAX, "must be the number of a round", &number)) {
            return false;
        }
        control->round = (uint32_t)number;
        return true;
    case ARGUMENT_NUMBER:
        return number_take(argument->name, text, SEAT_MAX, "must be a number from 1",
                           &control->number);
    case ARGUMENT_PARAM:
        return param_put(control, argument->name, text) ||
               wrong(argument->name, text, "must be one short line");
    case ARGUMENT_LAYER:
        return layer_take(text, control);
    case ARGUMENT_SCENE:
        control->scene = scene_parse(text);
        return control->scene != SCENE_INVALID ||
               wrong("scene", text,
                     "must be strap, strip, board, matrix, turnout, clock, crawl, opinion, "
                     "correction, notice, race, result or test");
    case ARGUMENT_INVALID:
        break;
    }
    return wrong("argument", text, "is one too many");
}

/* What the server would refuse as a bad message is wrong usage: it is read as the server reads. */
static bool control_check(const char *name, const struct control *control)
{
    static struct message message;
    static char text[MESSAGE_SIZE_MAX];
    struct fault fault = { 0 };
    bool has_id;
    uint64_t id;
    message.kind = MESSAGE_CONTROL;
    message.control = *control;
    size_t size = message_encode(&message, text, sizeof(text));
    if (size == 0) {
        fprintf(stderr, "minping: %s: more parameters than one message holds\n", name);
        return false;
    }
    if (message_decode(text, size, &message, &has_id, &id, &fault) == STATUS_OK) {
        if (control->params[0] != '\0' && message.control.params[0] == '\0') {
            fprintf(stderr, "minping: %s: takes no KEY=VALUE\n", name);
            return false;
        }
        return true;
    }
    const char *where = fault.where;
    const char *params = "$.params.";
    if (strncmp(where, params, strlen(params)) == 0) {
        where += strlen(params);
    } else if (strncmp(where, "$.", 2) == 0) {
        where += 2;
    }
    fprintf(stderr, "minping: %s: %s: %s\n", name, where, fault.text);
    return false;
}

bool act_take(const char *name, int count, char **arguments, struct control *control)
{
    const struct act_line *act = act_find(name, count > 0 ? arguments[0] : NULL);
    int taken = 0;
    if (act == NULL) {
        return wrong("command", name, "there is none of this name; --help lists them");
    }
    if (act->second != NULL) {
        arguments++;
        count--;
    }
    control->kind = act->control;
    while (taken < count && strchr(arguments[taken], '=') == NULL) {
        if (taken == ARGUMENT_MAX) {
            return wrong("argument", arguments[taken], "is one too many");
        }
        if (!argument_take(&act->arguments[taken], arguments[taken], control)) {
            return false;
        }
        taken++;
    }
    if (taken < act->need) {
        fprintf(stderr, "minping: %s: %s is missing; --help lists the commands\n", name,
                act->arguments[taken].name);
        return false;
    }
    if (act->control == CONTROL_TAKE && count - taken > PARAM_COUNT_MAX) {
        return wrong("parameter", arguments[taken + PARAM_COUNT_MAX], "is one too many");
    }
    for (; taken < count; taken++) {
        if (strchr(arguments[taken], '=') == NULL) {
            return wrong("argument", arguments[taken], "must stand before KEY=VALUE");
        }
        if (!param_take(arguments[taken], control)) {
            return false;
        }
    }
    return control_check(name, control);
}
