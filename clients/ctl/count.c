#include "clients/ctl/count.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/appraisal.h"
#include "server/core/motion.h"
#include "server/core/nomination.h"
#include "server/model/rules.h"

static enum status wrong(struct fault_list *faults, enum status status, const char *what,
                         const char *text, const char *expected)
{
    fault_list_add(faults, status, "", "%s '%s': %s", what, text, expected);
    return status;
}

/* The part of a list before the next comma into `part`; NULL: there is none left. */
static const char *part_take(const char *list, char part[WRITTEN_NAME_SIZE])
{
    if (list == NULL || *list == '\0') {
        return NULL;
    }
    size_t size = strcspn(list, ",");
    size_t kept = size < WRITTEN_NAME_SIZE ? size : WRITTEN_NAME_SIZE - 1;
    memcpy(part, list, kept);
    part[kept] = '\0';
    return list + size + (list[size] == ',' ? 1 : 0);
}

static enum status candidates_take(const struct count_options *options,
                                   const struct contest *contest, struct slate *slate,
                                   struct fault_list *faults)
{
    char part[WRITTEN_NAME_SIZE];
    const char *rest = options->candidates;
    slate->candidates = rest != NULL ? 0 : (UINT64_C(1) << contest->candidate_count) - 1;
    while ((rest = part_take(rest, part)) != NULL) {
        int32_t index = contest_find_candidate(contest, part);
        if (index < 0) {
            return wrong(faults, STATUS_NOT_FOUND, "--candidates", part,
                         "no such candidate in the contest");
        }
        if ((slate->candidates >> index & 1) != 0) {
            return wrong(faults, STATUS_INVALID, "--candidates", part, "is named twice");
        }
        slate->candidates |= UINT64_C(1) << index;
    }
    return STATUS_OK;
}

static enum status names_take(const struct count_options *options, const struct contest *contest,
                              struct count *count, struct fault_list *faults)
{
    struct cards_ballot *ballot = &count->ballot;
    const char *rest = options->names;
    char part[WRITTEN_NAME_SIZE];
    if (rest != NULL && ballot->slate.stage == STAGE_FIRST) {
        return wrong(faults, STATUS_INVALID, "--names", rest,
                     "a first round has no names that were written in before");
    }
    while ((rest = part_take(rest, part)) != NULL) {
        if (ballot->name_count == contest->write_in_count) {
            return wrong(faults, STATUS_INVALID, "--names", part,
                         "more names than the ballot has lines for other names");
        }
        memcpy(count->adopted[ballot->name_count], part, sizeof(part));
        ballot->names[ballot->name_count] = count->adopted[ballot->name_count];
        ballot->slate.adopted[ballot->name_count] = (uint16_t)(ballot->name_count + 1);
        ballot->name_count++;
    }
    return STATUS_OK;
}

static enum status slate_take(const struct count_options *options, struct count *count,
                              struct fault_list *faults)
{
    const struct contest *contest = count->ballot.contest;
    struct slate *slate = &count->ballot.slate;
    slate->stage = options->stage != STAGE_INVALID ? options->stage : STAGE_FIRST;
    slate->seats = options->seats.is_set ? options->seats.value : contest->seats;
    if (contest->kind != CONTEST_ELECTION) {
        bool is_asked = options->stage != STAGE_INVALID || options->seats.is_set ||
                        options->candidates != NULL || options->names != NULL;
        return is_asked ? wrong(faults, STATUS_INVALID, "--contest", contest->id,
                                "--stage, --seats, --candidates, --names are for elections")
                        : STATUS_OK;
    }
    if (slate->seats > contest->seats) {
        fault_list_add(faults, STATUS_INVALID, "", "--seats '%u': contest '%s' has %u",
                       slate->seats, contest->id, contest->seats);
        return STATUS_INVALID;
    }
    enum status status = candidates_take(options, contest, slate, faults);
    return status == STATUS_OK ? names_take(options, contest, count, faults) : status;
}

/* 应到, 实到, 发出, as they were said or by default; `cards` is the most of one subject. */
static enum status turnout_take(const struct count_options *options, const struct event *event,
                                uint32_t cards, struct turnout *turnout, struct fault_list *faults)
{
    uint32_t seats = event->has_roll ? 0 : event_vote_count(event);
    turnout->registered = options->registered.is_set ? options->registered.value
                          : seats > 0                ? seats
                                                     : cards;
    turnout->present = options->present.is_set ? options->present.value : turnout->registered;
    turnout->issued = options->issued.is_set ? options->issued.value : turnout->present;
    if (turnout->present > turnout->registered || turnout->issued > turnout->present) {
        fault_list_add(faults, STATUS_INVALID, "",
                       "registered %u, present %u, issued %u: none may be more than the one before",
                       turnout->registered, turnout->present, turnout->issued);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* What the core does not fill in. */
static void figures_begin(const struct count *count, uint32_t subject, uint32_t returned,
                          struct figures *figures)
{
    const struct contest *contest = count->ballot.contest;
    memcpy(figures->contest, contest->id, sizeof(figures->contest));
    if (contest->kind == CONTEST_APPRAISAL) {
        memcpy(figures->subject, contest->subjects[subject].id, sizeof(figures->subject));
    }
    figures->kind = contest->kind;
    figures->state = ROUND_CLOSED;
    figures->shows = LIVE_TALLY;
    figures->has_present = true;
    figures->registered = count->turnout.registered;
    figures->present = count->turnout.present;
    figures->issued = count->turnout.issued;
    figures->cast_count = returned;
    figures->round = subject + 1; /* of a file of cards, not of a log */
    memcpy(figures->rules, contest->rules->id, sizeof(figures->rules));
    for (size_t i = 0; i < sizeof(figures->rules_hash); i++) {
        figures->rules_hash = figures->rules_hash << 8 | contest->rules->hash[i];
    }
}

static enum status appraisal_run(struct count *count, const struct cards *cards,
                                 struct fault_list *faults)
{
    const struct contest *contest = count->ballot.contest;
    struct appraisal_count *subjects[SUBJECT_MAX] = { NULL };
    struct figures *figures[SUBJECT_MAX];
    uint32_t returned[SUBJECT_MAX] = { 0 };
    enum status status = STATUS_OK;
    struct card card;
    for (uint32_t i = 0; i < contest->subject_count && status == STATUS_OK; i++) {
        subjects[i] = appraisal_count_create(contest, count->ballot.event);
        status = subjects[i] != NULL ? STATUS_OK : STATUS_NOMEM;
    }
    for (uint32_t i = 0; i < cards->count && status == STATUS_OK; i++) {
        uint32_t subject = cards->entries[i].subject;
        cards_get(cards, i, &card);
        status = appraisal_count_add(subjects[subject], &card);
        returned[subject]++;
    }
    for (uint32_t i = 0; i < contest->subject_count && status == STATUS_OK; i++) {
        figures[i] = &count->figures[i];
        figures_begin(count, i, returned[i], figures[i]);
        appraisal_count_figures(subjects[i], figures[i]);
    }
    if (status == STATUS_OK) {
        appraisal_rank(contest->rules, subjects, contest->subject_count, figures);
    } else {
        fault_list_add(faults, status, "", "no memory for %u cards", cards->count);
    }
    for (uint32_t i = 0; i < contest->subject_count; i++) {
        appraisal_count_destroy(subjects[i]);
    }
    return status;
}

/* One ballot; a ruling on one that needs none is a mistake in the file. */
static void ballot_add(struct election_count *election, const struct cards *cards, uint32_t index,
                       const char *path, struct fault_list *faults)
{
    const struct cards_entry *entry = &cards->entries[index];
    const char *rule;
    struct card card;
    cards_get(cards, index, &card);
    enum ruling ruling = (enum ruling)entry->ruling;
    if (ruling != RULING_INVALID &&
        election_ballot_check(election, &card, &rule) != BALLOT_DISPUTED) {
        char where[160];
        snprintf(where, sizeof(where), "%.140s:%u", path, entry->ruling_line);
        fault_list_add(faults, STATUS_INVALID, where,
                       "card '%s': the rules decide it, it needs no ruling", entry->id);
        return;
    }
    election_count_add(election, &card, ruling);
}

static enum status election_run(struct count *count, const struct cards *cards, const char *path,
                                struct fault_list *faults)
{
    struct election_count *election =
        election_count_create(count->ballot.contest, &count->ballot.slate);
    enum status status = election != NULL ? STATUS_OK : STATUS_NOMEM;
    for (uint32_t i = 0; i < cards->names.count && status == STATUS_OK; i++) {
        status = election_count_name(election, cards->names.texts[i]);
    }
    if (status != STATUS_OK) {
        fault_list_add(faults, status, "", "no memory for %u names", cards->names.count);
        election_count_destroy(election);
        return status;
    }
    for (uint32_t i = 0; i < cards->count; i++) {
        ballot_add(election, cards, i, path, faults);
    }
    figures_begin(count, 0, cards->count, count->figures);
    election_count_figures(election, &count->turnout, false, count->figures);
    election_count_destroy(election);
    return faults->count == 0 ? STATUS_OK : STATUS_INVALID;
}

/* The names written into a poll; NULL: no memory. Given. */
static struct nominations *nominations_make(const struct contest *contest,
                                            const struct names *names)
{
    struct nominations *nominations = nominations_create(contest);
    for (uint32_t i = 0; nominations != NULL && i < names->count; i++) {
        if (nominations_name(nominations, names->texts[i]) != STATUS_OK) {
            nominations_destroy(nominations);
            return NULL;
        }
    }
    return nominations;
}

static enum status motion_run(struct count *count, const struct cards *cards,
                              struct fault_list *faults)
{
    const struct contest *contest = count->ballot.contest;
    struct nominations *nominations = NULL;
    struct motion_count motion;
    if (contest->write_in_count > 0) {
        nominations = nominations_make(contest, &cards->names);
        if (nominations == NULL) {
            fault_list_add(faults, STATUS_NOMEM, "", "no memory for %u names", cards->names.count);
            return STATUS_NOMEM;
        }
    }
    motion_count_init(&motion, contest);
    for (uint32_t i = 0; i < cards->count; i++) {
        struct card card;
        uint32_t void_before = motion.void_count;
        cards_get(cards, i, &card);
        if (nominations != NULL) {
            nominations_read(nominations, &card);
        }
        motion_count_add(&motion, &card);
        if (nominations != NULL && motion.void_count == void_before) {
            nominations_add(nominations, &card);
        }
    }
    figures_begin(count, 0, cards->count, count->figures);
    motion_count_figures(&motion, &count->turnout, count->figures);
    if (nominations != NULL) {
        nominations_figures(nominations, count->figures);
        nominations_destroy(nominations);
    }
    return STATUS_OK;
}

static enum status cards_run(struct count *count, const struct cards *cards, const char *path,
                             struct fault_list *faults)
{
    const struct contest *contest = count->ballot.contest;
    bool is_appraisal = contest->kind == CONTEST_APPRAISAL;
    count->figures_count = is_appraisal ? contest->subject_count : 1;
    count->figures = calloc(count->figures_count, sizeof(*count->figures));
    if (count->figures == NULL) {
        fault_list_add(faults, STATUS_NOMEM, "", "no memory for the figures");
        return STATUS_NOMEM;
    }
    if (is_appraisal) {
        return appraisal_run(count, cards, faults);
    }
    return contest->kind == CONTEST_ELECTION ? election_run(count, cards, path, faults)
                                             : motion_run(count, cards, faults);
}

enum status count_make(const struct event *event, const char *contest,
                       const struct count_options *options, struct count *count,
                       struct fault_list *faults)
{
    struct cards cards;
    memset(count, 0, sizeof(*count));
    int32_t index = event_find_contest(event, contest);
    if (index < 0) {
        return wrong(faults, STATUS_NOT_FOUND, "--contest", contest, "no such contest");
    }
    count->ballot.event = event;
    count->ballot.contest = &event->contests[index];
    enum status status = slate_take(options, count, faults);
    if (status != STATUS_OK) {
        return status;
    }
    status = cards_read(options->cards, &count->ballot, &cards, faults);
    if (status != STATUS_OK) {
        return status;
    }
    status = turnout_take(options, event, cards.most, &count->turnout, faults);
    if (status == STATUS_OK) {
        status = cards_run(count, &cards, options->cards, faults);
    }
    cards_finish(&cards);
    if (status != STATUS_OK) {
        count_finish(count);
    }
    return status;
}

void count_finish(struct count *count)
{
    free(count->figures);
    count->figures = NULL;
    count->figures_count = 0;
}
