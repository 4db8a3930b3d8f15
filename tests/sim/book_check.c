/* The server against the book. */
#include <string.h>

#include "tests/sim/book.h"

/* What the ballots of a round hold, item by item, and what the tally makes of it. */
static bool ballots_check(const struct book_round *own, const struct round *round,
                          char why[BOOK_WHY_SIZE])
{
    uint32_t versions[ITEM_MAX];
    uint32_t voter_count = 0;
    for (uint32_t seat = 1; seat <= BOOK_SEAT_MAX; seat++) {
        bool has_card = ballot_box_versions(round->ballots, own->slots[seat - 1], versions);
        voter_count += has_card;
        if (has_card != ((own->voters >> (seat - 1) & 1) != 0)) {
            return book_wrong(why, "seat %u has a card in round %u, or has none in the log", seat,
                              round->number);
        }
        for (uint32_t item = 0; item < own->item_count; item++) {
            if (versions[item] != own->held[seat - 1][item].version) {
                return book_wrong(why,
                                  "seat %u, round %u, item %u: version %u counts, the log's "
                                  "highest is %u",
                                  seat, round->number, item, versions[item],
                                  own->held[seat - 1][item].version);
            }
        }
    }
    return voter_count == ballot_box_card_count(round->ballots) &&
                   voter_count == round->tally.cast_count
               ? true
               : book_wrong(why, "round %u has %u cards and %u in its tally, of %u voters",
                            round->number, ballot_box_card_count(round->ballots),
                            round->tally.cast_count, voter_count);
}

static bool counts_check(const struct book *book, const struct book_round *own,
                         const struct round *round, char why[BOOK_WHY_SIZE])
{
    const struct contest *contest = &book->event->contests[own->contest];
    for (uint32_t item = 0; contest->kind != CONTEST_ELECTION && item < own->item_count; item++) {
        if (memcmp(own->counts[item], round->tally.counts[item], sizeof(own->counts[item])) != 0) {
            return book_wrong(why, "round %u, item %u: the tally is not the log's", round->number,
                              item);
        }
    }
    return true;
}

static bool electors_check(const struct book_round *own, const struct round *round,
                           char why[BOOK_WHY_SIZE])
{
    for (uint32_t seat = 1; round->electors != NULL && seat <= BOOK_SEAT_MAX; seat++) {
        if (round_has_elector(round, seat) != ((own->electors >> (seat - 1) & 1) != 0)) {
            return book_wrong(why, "seat %u joined or left the electorate of round %u", seat,
                              round->number);
        }
    }
    return true;
}

static bool round_check(const struct book *book, const struct sitting *sitting, uint32_t number,
                        char why[BOOK_WHY_SIZE])
{
    const struct book_round *own = &book->rounds[number - 1];
    const struct round *round = sitting_round(sitting, number);
    if (round->state != own->state || round->contest != own->contest ||
        round->subject != own->subject || round->asked != own->asked) {
        return book_wrong(why, "round %u is %s, in the log it is %s", number,
                          round_state_name(round->state), round_state_name(own->state));
    }
    return ballots_check(own, round, why) && counts_check(book, own, round, why) &&
           electors_check(own, round, why);
}

static bool pads_check(const struct book *book, const struct sitting *sitting,
                       char why[BOOK_WHY_SIZE])
{
    const struct attendance *attendance = sitting_attendance(sitting);
    for (uint32_t seat = 1; seat <= book->event->seat_count; seat++) {
        bool is_present = (book->present >> (seat - 1) & 1) != 0;
        bool is_revoked = (book->revoked >> (seat - 1) & 1) != 0;
        if (attendance_is_present(attendance, seat) != is_present ||
            attendance_is_enabled(attendance, seat) == is_revoked) {
            return book_wrong(why, "seat %u is present, or its pad taken, against the log", seat);
        }
    }
    return sitting_check_in_is_open(sitting) == book->is_check_in_open
               ? true
               : book_wrong(why, "check-in is open, or is not, against the log");
}

bool book_check(const struct book *book, const struct sitting *sitting, bool is_every_round,
                char why[BOOK_WHY_SIZE])
{
    if (sitting_round_count(sitting) != book->round_count) {
        return book_wrong(why, "%u rounds, %u in the log", sitting_round_count(sitting),
                          book->round_count);
    }
    if (sitting_ignored_total(sitting) != 0) {
        return book_wrong(why, "%llu marks of the log count for nothing",
                          (unsigned long long)sitting_ignored_total(sitting));
    }
    if (sitting_epochs_reserved(sitting) != book->epochs_reserved ||
        sitting_programme(sitting)->sequence != book->programme_sequence) {
        return book_wrong(why, "epochs or programme are not the log's");
    }
    uint32_t first = is_every_round || book->round_count == 0 ? 1 : book->round_count;
    for (uint32_t number = first; number <= book->round_count; number++) {
        if (!round_check(book, sitting, number, why)) {
            return false;
        }
    }
    return pads_check(book, sitting, why);
}

bool book_check_view(const struct book *book, const struct view *view, char why[BOOK_WHY_SIZE])
{
    if (!view->has_live) {
        return book->round_count == 0 ? true : book_wrong(why, "the view has no round");
    }
    const struct figures *live = &view->live;
    const struct book_round *own = book_round(book, live->round);
    if (own == NULL || own->state != live->state) {
        return book_wrong(why, "the view has round %u as %s", live->round,
                          round_state_name(live->state));
    }
    if (round_state_is_over(live->state)) {
        return true; /* its figures are the rules', and replay is held against them */
    }
    uint32_t voter_count = (uint32_t)__builtin_popcount(own->voters);
    if (live->cast_count != (live->shows >= LIVE_TURNOUT ? voter_count : 0)) {
        return book_wrong(why, "the view has %u cards of round %u, the log %u", live->cast_count,
                          live->round, voter_count);
    }
    bool is_counted = live->shows == LIVE_TALLY;
    for (uint32_t item = 0; item < own->item_count; item++) {
        for (uint32_t choice = 0; choice < own->choice_count; choice++) {
            uint32_t count = is_counted ? own->counts[item][choice] : 0;
            if (live->items[item].counts[choice] != count) {
                return book_wrong(why, "the view has item %u of round %u otherwise than the log",
                                  item, live->round);
            }
        }
    }
    return true;
}
