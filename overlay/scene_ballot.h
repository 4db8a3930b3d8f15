#pragma once

#include "overlay/scene_parts.h"
#include "server/model/rules.h"

/*
 * Parts of the scenes that show what a vote came to: race and result. Only scene_*.c include this.
 *
 * Nothing is counted here: votes, bases, the line of more than half and who is elected are the
 * view's. Only shares and the lengths of bars are worked out, each from two of its numbers.
 */
#define BALLOT_TOP_PX 196 /* below the head's rule */
#define BALLOT_GAP_PX 28
#define BALLOT_INSET_PX 4 /* of names: an A or V stands out to the left */
#define BALLOT_ROW_MAX (CANDIDATE_MAX + NAME_SHOWN_MAX)

/*
 * One who was voted for.
 *
 * index   place among the contest's candidates, or with is_written among figures->election.names
 * counts  for (or chosen), against, abstain; count_count of them are known
 */
struct ballot_row {
    uint32_t index;
    bool is_written;
    uint32_t counts[CHOICE_VOTE_COUNT];
    uint32_t count_count;
    enum standing standing;
};

/*
 * The figures of the contest's newest round, of an appraisal those of `subject`. NULL: the view has
 * none, which is so of every contest but the one that was opened last.
 */
const struct figures *ballot_figures(const struct scene_data *data, const struct contest *contest,
                                     const struct subject *subject);

/*
 * Who stood in the round, in the order of the ballot, then names written in as the view has them.
 * figures without a tally, or NULL: the contest's candidates. Returns how many.
 */
uint32_t ballot_rows(const struct contest *contest, const struct figures *figures,
                     struct ballot_row rows[BALLOT_ROW_MAX]);

/*
 * One page of rows: `shown` of them from `first` on, row_px high, the same height on all pages.
 * turned_ns: when it came up.
 */
struct ballot_page {
    uint32_t page, page_count, first, shown;
    int32_t row_px;
    int64_t turned_ns;
};

/* The page that is up of row_count rows (0 too), each row_min .. row_max px of `room`. */
struct ballot_page ballot_page_of(const struct pen *pen, const struct scene_cue *cue,
                                  uint32_t row_count, int32_t room, int32_t row_min,
                                  int32_t row_max);

/* The row's name, as it stands on air. Returns buffer. */
#define BALLOT_NAME_SIZE (NAME_SIZE + 64)
const char *ballot_name(const struct pen *pen, const struct contest *contest,
                        const struct figures *figures, const struct ballot_row *row,
                        char buffer[BALLOT_NAME_SIZE]);

/* The base of an election, motion or poll, and of how many it is; BASE_INVALID: not known. */
enum base ballot_base(const struct contest *contest, const struct figures *figures,
                      uint32_t *count);
const char *ballot_base_text(const struct pen *pen, enum base base);

/*
 * Mark, title and the line under it, the state of the round, the rule. figures may be NULL: no
 * state. kept: px that the line under the title leaves free on its right, at BALLOT_OFFICE_PX.
 */
#define BALLOT_OFFICE_PX 157
void ballot_head(struct pen *pen, const char *title, const char *office,
                 const struct figures *figures, int32_t kept);

/* "首轮选举　应选 1 名　第 2 轮", or nothing. Returns buffer. */
const char *ballot_stage_text(const struct pen *pen, const struct contest *contest,
                              const struct figures *figures, char buffer[NOTE_SIZE]);

/* Whether no other round of its contest is over: everybody on the event's list stands. */
bool ballot_is_first(const struct scene_data *data, const struct figures *figures);

/* The mark of who is elected or tied, at the right edge x; nothing for others. */
void ballot_mark(struct pen *pen, uint32_t row, enum contest_kind kind, enum standing standing,
                 int32_t x, int32_t middle);
int32_t ballot_mark_width(const struct pen *pen, enum contest_kind kind);

/*
 * At the foot: of a round with a tally how many votes were needed and of which base, what the other
 * base of E10 makes of it, and the four numbers; then what is to be noted (paper, names that are
 * not shown, the page) and the time. has_line: a sample of ballot_line() stands before the votes
 * needed.
 */
void ballot_foot(struct pen *pen, const struct contest *contest, const struct figures *figures,
                 bool has_line, uint32_t page, uint32_t page_count);

/* The dashed line of more than half, 4 px wide from x on; row tells it from other lines. */
void ballot_line(struct pen *pen, uint32_t row, int32_t x, int32_t top, int32_t height);

/* What stands above it ends here. */
int32_t ballot_foot_top(const struct theme *theme);
