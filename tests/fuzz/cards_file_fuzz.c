#include <assert.h>
#include <string.h>

#include "clients/ctl/cards.h"

/*
 * cards_parse(): no file harms it; a refused one has a fault with a place; of an accepted one every
 * card is what core takes: choices that there are, names by a number that has a name. The first
 * byte says what the cards are of.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct group groups[] = { { .id = "a" }, { .id = "b" }, { .id = "t", .is_test = true } };
static struct grade grades[] = { { .id = "good" }, { .id = "fair" } };
static struct criterion criteria[] = { { .id = "k1" }, { .id = "k2" } };
static struct subject persons[] = { { .id = "s1" }, { .id = "s2" }, { .id = "s3" } };
static struct contest contests[] = {
    { .kind = CONTEST_APPRAISAL,
      .grades = grades,
      .criteria = criteria,
      .subjects = persons,
      .grade_count = 2,
      .criterion_count = 2,
      .subject_count = 3 },
    { .kind = CONTEST_ELECTION, .candidates = persons, .candidate_count = 3, .write_in_count = 2 },
    { .kind = CONTEST_MOTION },
    { .kind = CONTEST_POLL, .candidates = persons, .candidate_count = 3, .write_in_count = 1 },
};
static const struct event event = { .groups = groups, .group_count = 3 };

static void cards_check(const struct cards *cards, const struct cards_ballot *ballot)
{
    const struct contest *contest = ballot->contest;
    bool has_lines = contest->kind == CONTEST_ELECTION || contest->kind == CONTEST_POLL;
    for (uint32_t i = 0; i < cards->count; i++) {
        struct card card;
        cards_get(cards, i, &card);
        assert(card.group < 2);
        for (uint32_t item = 0; item < contest_item_count(contest); item++) {
            bool is_line = has_lines && item >= contest->candidate_count &&
                           ballot->slate.adopted[item - contest->candidate_count] == 0;
            uint16_t choice = card.choices[item];
            assert(choice == CHOICE_NONE || (is_line ? choice >= 1 && choice <= cards->names.count
                                                     : choice < contest_choice_count(contest)));
        }
    }
    for (uint32_t i = 0; i < cards->names.count; i++) {
        uint32_t length = text_length(cards->names.texts[i]);
        assert(length >= 1 && length <= WRITTEN_CODEPOINT_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fault_list faults;
    struct cards_ballot ballot = { .event = &event, .slate = { .candidates = 0x5 } };
    struct cards cards;
    if (size == 0) {
        return 0;
    }
    ballot.contest = &contests[data[0] & 3];
    if ((data[0] & 4) != 0 && ballot.contest->kind == CONTEST_ELECTION) {
        ballot.names[0] = "other";
        ballot.name_count = 1;
        ballot.slate.adopted[0] = 1;
    }
    memset(&faults, 0, sizeof(faults));
    if (cards_parse("cards.csv", (const char *)data + 1, size - 1, &ballot, &cards, &faults) ==
        STATUS_OK) {
        cards_check(&cards, &ballot);
        cards_finish(&cards);
    } else {
        assert(faults.count > 0 && faults.faults[0].where[0] != '\0');
    }
    return 0;
}
