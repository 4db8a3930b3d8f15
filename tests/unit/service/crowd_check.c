/* Whether a crowd's hall is what it must be. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crowd.h"
#include "server/core/disclosure.h"
#include "server/model/rules.h"
#include "server/protocol/message.h"
#include "tests/support/sitting_same.h"

__attribute__((format(printf, 2, 3))) static bool wrong(char why[512], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, 512, format, arguments);
    va_end(arguments);
    return false;
}

static const uint8_t *slot_find(const struct ballot_box *box, const uint8_t *slot, uint32_t *card)
{
    for (*card = 0; *card < ballot_box_card_count(box); ++*card) {
        if (memcmp(ballot_box_slot(box, *card), slot, SLOT_SIZE) == 0) {
            return slot;
        }
    }
    return NULL;
}

static bool replay_check(struct crowd *crowd, char why[512])
{
    const struct sitting *live = room_sitting(crowd->room);
    struct sitting *fresh = sitting_create(crowd->event);
    struct fault fault = { 0 };
    bool is_good = true;
    for (uint32_t i = 0; is_good && i < crowd->record_count; i++) {
        const struct kept_record *kept = &crowd->records[i];
        struct applied applied;
        struct record record = { .batch = kept->batch,
                                 .mark = kept->is_act ? NULL : &kept->mark,
                                 .act = kept->act };
        if (sitting_apply(fresh, &record, &applied, &fault) != STATUS_OK) {
            is_good = wrong(why, "the log is refused: %s", fault.text);
        }
    }
    if (is_good && sitting_ignored_total(fresh) != 0) {
        is_good = wrong(why, "marks of the log count for nothing");
    }
    is_good = is_good && sitting_same(live, fresh, why);
    sitting_destroy(fresh);
    return is_good;
}

static bool item_check(const struct crowd *crowd, const struct round *round, uint32_t item,
                       const struct known_mark *known, uint32_t version, uint16_t choice)
{
    if (known->version != version) {
        return false;
    }
    if (version == 0) {
        return choice == CHOICE_NONE;
    }
    const struct sitting *sitting = room_sitting(crowd->room);
    if (!sitting_round_is_line(sitting, round, item)) {
        return choice == known->choice;
    }
    const char *name = choice == 0 ? "" : sitting_name(sitting, round->contest, choice);
    return name != NULL && strcmp(name, known->name) == 0;
}

/* What was acknowledged is what the box holds. */
static bool box_check(const struct crowd *crowd, const struct round *round, char why[512])
{
    bool is_named = crowd->event->contests[round->contest].rules->secrecy == SECRECY_NAMED;
    uint32_t voter_count = 0;
    for (uint32_t seat = 1; seat <= CROWD_SEAT_MAX; seat++) {
        uint8_t slot[SLOT_SIZE];
        uint32_t versions[ITEM_MAX];
        uint32_t at = 0;
        struct card card;
        custody_slot(crowd->custody, round->number, seat, is_named, slot);
        bool has_card = ballot_box_versions(round->ballots, slot, versions);
        if (has_card) {
            (void)slot_find(round->ballots, slot, &at);
            ballot_box_card(round->ballots, at, &card);
        }
        voter_count += has_card;
        for (uint32_t item = 0; item < round->tally.item_count; item++) {
            const struct known_mark *known = &crowd->known[round->number][seat - 1][item];
            if (!item_check(crowd, round, item, known, versions[item],
                            has_card ? card.choices[item] : CHOICE_NONE)) {
                return wrong(why,
                             "round %u, seat %u, item %u: version %u was acknowledged, the box has "
                             "version %u",
                             round->number, seat, item, known->version, versions[item]);
            }
        }
    }
    return voter_count == ballot_box_card_count(round->ballots) &&
                   voter_count == round->tally.cast_count
               ? true
               : wrong(why, "round %u has %u cards of %u voters", round->number,
                       ballot_box_card_count(round->ballots), voter_count);
}

/* Every message of the hall as it is can be written. */
static bool messages_check(const struct crowd *crowd, char why[512])
{
    static struct view view;
    static char text[32768];
    for (int audience = AUDIENCE_PUBLIC; audience < AUDIENCE_COUNT; audience++) {
        disclosure_view(room_sitting(crowd->room), (enum audience)audience, &view);
        snprintf(view.log_id, sizeof(view.log_id), "0123456789abcdef");
        if (view_encode(&view, text, sizeof(text)) == 0) {
            return wrong(why, "the view cannot be written");
        }
    }
    return true;
}

bool crowd_check(struct crowd *crowd, char why[512])
{
    const struct sitting *live = room_sitting(crowd->room);
    if (!replay_check(crowd, why) || !messages_check(crowd, why)) {
        return false;
    }
    for (uint32_t n = 1; n <= sitting_round_count(live); n++) {
        if (!box_check(crowd, sitting_round(live, n), why)) {
            return false;
        }
    }
    return true;
}

/* A random record that is a mark, or an act of a kind; NULL: there is none. */
static struct kept_record *record_draw(struct crowd *crowd, bool is_act, enum act_kind kind)
{
    for (uint32_t i = 0; i < 20000 && crowd->record_count > 0; i++) {
        struct kept_record *kept = &crowd->records[crowd_draw(crowd, crowd->record_count)];
        if (kept->is_act == is_act && (!is_act || kept->act->kind == kind)) {
            return kept;
        }
    }
    return NULL;
}

bool crowd_spoil(struct crowd *crowd, enum crowd_mistake mistake)
{
    bool is_act = mistake == MISTAKE_NAME_CHANGED || mistake == MISTAKE_ACT_LOST;
    struct kept_record *kept =
        record_draw(crowd, is_act, mistake == MISTAKE_NAME_CHANGED ? ACT_NAME : ACT_CHECK_IN);
    if (mistake == MISTAKE_ACK_INVENTED) {
        crowd->known[1][0][0].version++;
        return sitting_round_count(room_sitting(crowd->room)) > 0;
    }
    if (kept == NULL) {
        return false;
    }
    struct kept_record spoilt = *kept;
    uint32_t at = (uint32_t)(kept - crowd->records);
    switch (mistake) {
    case MISTAKE_MARK_CHANGED:
        kept->mark.choice = kept->mark.choice == 0;
        return true;
    case MISTAKE_NAME_CHANGED:
        kept->act->params[0] = '\0';
        return detail_put(kept->act->params, "name", "另一个人");
    case MISTAKE_MARK_LATE:
        memmove(kept, kept + 1, (crowd->record_count - at - 1) * sizeof(*kept));
        crowd->records[crowd->record_count - 1] = spoilt;
        return true;
    default: /* lost */
        free(kept->act);
        memmove(kept, kept + 1, (crowd->record_count - at - 1) * sizeof(*kept));
        crowd->record_count--;
        return true;
    }
}
