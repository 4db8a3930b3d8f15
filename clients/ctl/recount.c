#include "clients/ctl/recount.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int mark_order(const void *a, const void *b)
{
    const struct recount_mark *left = a;
    const struct recount_mark *right = b;
    if (left->mark.round != right->mark.round) {
        return left->mark.round < right->mark.round ? -1 : 1;
    }
    int slots = memcmp(left->mark.slot, right->mark.slot, SLOT_SIZE);
    if (slots != 0) {
        return slots;
    }
    if (left->mark.item != right->mark.item) {
        return left->mark.item < right->mark.item ? -1 : 1;
    }
    if (left->mark.version != right->mark.version) {
        return left->mark.version < right->mark.version ? -1 : 1;
    }
    /* The same version twice: the one recorded first stands, so it comes last. */
    return left->place > right->place ? -1 : left->place < right->place;
}

/* Walks the log: which marks fall into the time their round is open. */
static enum status marks_gather(const struct ledger *ledger, struct recount *recount,
                                struct fault *fault)
{
    uint32_t open = 0; /* the round that takes marks, or 0 */
    uint64_t at = 0;
    for (uint64_t i = 0; i <= ledger->act_count; i++) {
        const struct ledger_act *act = i < ledger->act_count ? &ledger->acts[i] : NULL;
        uint64_t end = act != NULL ? act->before : ledger->mark_count;
        for (; at < end; at++) {
            const struct mark *mark = &ledger->marks[at];
            if (open == 0 || mark->round != open || mark->item >= ITEM_MAX ||
                mark->choice > WRITTEN_NAME_MAX) {
                recount->outside_count++;
                continue;
            }
            recount->marks[recount->mark_count++] =
                (struct recount_mark){ .mark = *mark, .place = at };
        }
        if (act == NULL) {
            break;
        }
        if (act->kind == ACT_OPEN) {
            if (act->round < 1 || act->round > recount->round_count + 1) {
                return fault_set(fault, STATUS_INVALID, "",
                                 "round %" PRIu32 " opens after round %" PRIu32, act->round,
                                 recount->round_count);
            }
            if (act->round > recount->round_count) {
                recount->round_count = act->round;
            }
            open = act->round;
        } else if ((act->kind == ACT_PAUSE || act->kind == ACT_CLOSE || act->kind == ACT_VOID) &&
                   act->round == open) {
            open = 0;
        }
    }
    return STATUS_OK;
}

static bool is_same_item(const struct mark *a, const struct mark *b)
{
    return a->round == b->round && a->item == b->item && memcmp(a->slot, b->slot, SLOT_SIZE) == 0;
}

static void marks_count(struct recount *recount)
{
    for (uint64_t i = 0; i < recount->mark_count; i++) {
        struct recount_mark *entry = &recount->marks[i];
        const struct mark *mark = &entry->mark;
        const struct mark *before = i > 0 ? &recount->marks[i - 1].mark : NULL;
        const struct mark *after = i + 1 < recount->mark_count ? &recount->marks[i + 1].mark : NULL;
        struct recount_round *round = &recount->rounds[mark->round - 1];
        round->first_mark = round->mark_count == 0 ? i : round->first_mark;
        round->mark_count++;
        if (before == NULL || before->round != mark->round ||
            memcmp(before->slot, mark->slot, SLOT_SIZE) != 0) {
            round->card_count++;
        }
        if (after == NULL || !is_same_item(mark, after)) {
            entry->is_counted = true;
            if (mark->choice < GRADE_MAX) {
                round->counts[mark->item][mark->choice]++;
            }
        }
    }
}

bool recount_card(const struct recount *recount, uint32_t round, const uint8_t slot[SLOT_SIZE],
                  uint16_t choices[ITEM_MAX], uint8_t *group)
{
    const struct recount_round *about = &recount->rounds[round - 1];
    uint64_t low = about->first_mark;
    uint64_t high = about->first_mark + about->mark_count;
    uint64_t end = high;
    bool has_mark = false;
    while (low < high) { /* the first mark whose slot is not below */
        uint64_t middle = low + (high - low) / 2;
        if (memcmp(recount->marks[middle].mark.slot, slot, SLOT_SIZE) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (uint32_t item = 0; item < ITEM_MAX; item++) {
        choices[item] = CHOICE_NONE;
    }
    for (; low < end && memcmp(recount->marks[low].mark.slot, slot, SLOT_SIZE) == 0; low++) {
        const struct recount_mark *entry = &recount->marks[low];
        if (has_mark && *group != entry->mark.group) {
            return false;
        }
        has_mark = true;
        *group = entry->mark.group;
        if (entry->is_counted) {
            choices[entry->mark.item] = entry->mark.choice;
        }
    }
    return has_mark;
}

enum status recount_run(const struct ledger *ledger, struct recount *recount, struct fault *fault)
{
    memset(recount, 0, sizeof(*recount));
    recount->marks = calloc(ledger->mark_count + 1, sizeof(*recount->marks));
    if (recount->marks == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the second count");
    }
    enum status status = marks_gather(ledger, recount, fault);
    if (status == STATUS_OK) {
        recount->rounds = calloc(recount->round_count + 1u, sizeof(*recount->rounds));
        if (recount->rounds == NULL) {
            status = fault_set(fault, STATUS_NOMEM, "", "no memory for the second count");
        }
    }
    if (status != STATUS_OK) {
        recount_finish(recount);
        return status;
    }
    for (uint32_t i = 0; i < recount->round_count; i++) {
        recount->rounds[i].round = i + 1;
    }
    qsort(recount->marks, recount->mark_count, sizeof(recount->marks[0]), mark_order);
    marks_count(recount);
    return STATUS_OK;
}

void recount_finish(struct recount *recount)
{
    free(recount->rounds);
    free(recount->marks);
    memset(recount, 0, sizeof(*recount));
}
