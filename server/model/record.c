#include "server/model/record.h"

#include <string.h>

#include "server/model/name_table.h"

static const char *const names[ACT_COUNT] = {
    [ACT_INVALID] = "invalid",
    [ACT_ROLL] = "roll",
    [ACT_ZERO_CHECK] = "zero check",
    [ACT_OPEN] = "open",
    [ACT_ASK] = "ask",
    [ACT_PAUSE] = "pause",
    [ACT_CLOSE] = "close",
    [ACT_VOID] = "void",
    [ACT_CERTIFY] = "certify",
    [ACT_CHECK_IN_OPEN] = "check-in open",
    [ACT_CHECK_IN_CLOSE] = "check-in close",
    [ACT_CHECK_IN] = "check in",
    [ACT_CHECK_OUT] = "check out",
    [ACT_REVOKE] = "revoke",
    [ACT_REPLACE] = "replace",
    [ACT_NAME] = "name",
    [ACT_ADJUDICATE] = "adjudicate",
    [ACT_PAPER] = "paper",
    [ACT_PAPER_CONFIRM] = "paper confirm",
    [ACT_PAPER_REJECT] = "paper reject",
    [ACT_SIGN] = "sign",
    [ACT_DECIDE] = "decide",
    [ACT_WITHDRAW] = "withdraw",
    [ACT_LOT] = "lot",
    [ACT_STEP] = "step",
    [ACT_TAKE] = "take",
    [ACT_CONTINUE] = "continue",
    [ACT_CLEAR] = "clear",
    [ACT_CUT] = "cut",
    [ACT_EPOCHS] = "epochs",
};

const char *act_kind_name(enum act_kind kind)
{
    return name_table_name(names, NAME_COUNT(names), kind);
}

enum act_kind act_kind_parse(const char *name)
{
    return (enum act_kind)name_table_parse(names, NAME_COUNT(names), name);
}

bool act_kind_is_urgent(enum act_kind kind)
{
    return kind == ACT_ROLL || kind == ACT_PAUSE || kind == ACT_CLOSE || kind == ACT_VOID ||
           kind == ACT_TAKE || kind == ACT_CONTINUE || kind == ACT_CLEAR || kind == ACT_CUT ||
           kind == ACT_EPOCHS;
}

int mark_compare(const struct mark *a, const struct mark *b)
{
    int order = memcmp(a->slot, b->slot, SLOT_SIZE);

    if (order != 0) {
        return order < 0 ? -1 : 1;
    }
    if (a->item != b->item) {
        return a->item < b->item ? -1 : 1;
    }
    return (a->version > b->version) - (a->version < b->version);
}
