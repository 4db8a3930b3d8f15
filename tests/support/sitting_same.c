#include "tests/support/sitting_same.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static bool wrong(char why[SITTING_SAME_WHY_SIZE],
                                                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, SITTING_SAME_WHY_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

/* The cards of a round, in the order in which they came. */
static bool boxes_equal(const struct round *a, const struct round *b)
{
    uint32_t versions[ITEM_MAX];
    uint32_t others[ITEM_MAX];
    if (ballot_box_card_count(a->ballots) != ballot_box_card_count(b->ballots)) {
        return false;
    }
    for (uint32_t i = 0; i < ballot_box_card_count(a->ballots); i++) {
        struct card left;
        struct card right;
        const uint8_t *slot = ballot_box_slot(a->ballots, i);
        ballot_box_card(a->ballots, i, &left);
        ballot_box_card(b->ballots, i, &right);
        (void)ballot_box_versions(a->ballots, slot, versions);
        (void)ballot_box_versions(b->ballots, slot, others);
        if (memcmp(slot, ballot_box_slot(b->ballots, i), SLOT_SIZE) != 0 ||
            left.group != right.group ||
            memcmp(left.choices, right.choices, sizeof(left.choices)) != 0 ||
            memcmp(versions, others, a->tally.item_count * sizeof(*versions)) != 0) {
            return false;
        }
    }
    return true;
}

static bool round_same(const struct sitting *live, const struct sitting *fresh, uint32_t number,
                       char why[SITTING_SAME_WHY_SIZE])
{
    struct figures figures;
    struct figures other;
    const struct round *a = sitting_round(live, number);
    const struct round *b = sitting_round(fresh, number);
    if (a->contest != b->contest || a->subject != b->subject || a->state != b->state ||
        a->asked != b->asked || a->ends_ms != b->ends_ms || a->case_count != b->case_count ||
        a->paper_count != b->paper_count ||
        memcmp(&a->at_open, &b->at_open, sizeof(a->at_open)) != 0 ||
        memcmp(&a->tally, &b->tally, sizeof(a->tally)) != 0 ||
        strcmp(a->void_reason, b->void_reason) != 0 ||
        strcmp(a->signed_reason, b->signed_reason) != 0 || !boxes_equal(a, b)) {
        return wrong(why, "round %u is another one when replayed", number);
    }
    sitting_figures(live, a, &figures);
    sitting_figures(fresh, b, &other);
    if (figures_hash(&figures) != figures_hash(&other)) {
        return wrong(why, "round %u has other figures when replayed", number);
    }
    if (!figures_are_sound(&figures)) {
        return wrong(why, "round %u has figures that do not add up", number);
    }
    return true;
}

static bool contest_same(const struct sitting *live, const struct sitting *fresh, uint32_t contest,
                         char why[SITTING_SAME_WHY_SIZE])
{
    uint32_t count = sitting_name_count(live, contest);
    bool is_same = count == sitting_name_count(fresh, contest) &&
                   sitting_withdrawn(live, contest) == sitting_withdrawn(fresh, contest) &&
                   memcmp(sitting_order(live, contest), sitting_order(fresh, contest),
                          sitting_event(live)->contests[contest].candidate_count) == 0;
    for (uint32_t n = 1; is_same && n <= count; n++) {
        is_same = strcmp(sitting_name(live, contest, n), sitting_name(fresh, contest, n)) == 0;
    }
    return is_same ? true
                   : wrong(why, "contest %u has other names or order when replayed", contest);
}

static bool hall_same(const struct sitting *live, const struct sitting *fresh,
                      char why[SITTING_SAME_WHY_SIZE])
{
    const struct event *event = sitting_event(live);
    for (uint32_t seat = 1; seat <= event->seat_count; seat++) {
        const struct attendance *a = sitting_attendance(live);
        const struct attendance *b = sitting_attendance(fresh);
        if (attendance_is_present(a, seat) != attendance_is_present(b, seat) ||
            attendance_is_enabled(a, seat) != attendance_is_enabled(b, seat)) {
            return wrong(why, "seat %u is present or not when replayed", seat);
        }
    }
    for (uint32_t contest = 0; contest < event->contest_count; contest++) {
        if (!contest_same(live, fresh, contest, why)) {
            return false;
        }
    }
    for (uint32_t step = 0; step < event->step_count; step++) {
        if (memcmp(sitting_step(live, step), sitting_step(fresh, step),
                   sizeof(struct step_progress)) != 0) {
            return wrong(why, "step %u differs when replayed", step);
        }
    }
    return memcmp(sitting_programme(live), sitting_programme(fresh), sizeof(struct programme)) ==
                       0 &&
                   sitting_epochs_reserved(live) == sitting_epochs_reserved(fresh) &&
                   strcmp(sitting_roll_hash(live), sitting_roll_hash(fresh)) == 0 &&
                   sitting_check_in_is_open(live) == sitting_check_in_is_open(fresh)
               ? true
               : wrong(why, "programme, epochs, roll or check-in differ when replayed");
}

bool sitting_same(const struct sitting *live, const struct sitting *fresh,
                  char why[SITTING_SAME_WHY_SIZE])
{
    if (sitting_round_count(fresh) != sitting_round_count(live) ||
        sitting_ignored_total(fresh) != sitting_ignored_total(live)) {
        return wrong(why, "%u rounds replayed, not %u, or marks count for nothing",
                     sitting_round_count(fresh), sitting_round_count(live));
    }
    for (uint32_t n = 1; n <= sitting_round_count(live); n++) {
        if (!round_same(live, fresh, n, why)) {
            return false;
        }
    }
    return hall_same(live, fresh, why);
}
