#include <inttypes.h>

#include "clients/hall/truth_impl.h"
#include "clients/lib/item_result.h"
#include "server/protocol/writer.h"

struct printing {
    const struct truth *truth;
    const struct event *event;
    FILE *file;
    struct fault *fault;
};

static const char *comma(bool is_first)
{
    return is_first ? "" : ",";
}

static enum status contest_find(const struct printing *printing, uint32_t round,
                                const struct contest **contest)
{
    const struct truth_round *entry = &printing->truth->rounds[round];
    int32_t index = event_find_contest(printing->event, entry->contest);
    *contest = index >= 0 ? &printing->event->contests[index] : NULL;
    bool is_same = *contest != NULL && (entry->kind != CONTEST_APPRAISAL ||
                                        ((*contest)->criterion_count == entry->item_count &&
                                         (*contest)->grade_count == entry->grade_count));
    return is_same
               ? STATUS_OK
               : fault_set(printing->fault, STATUS_NOT_FOUND, "",
                           "round %" PRIu32 " is of contest '%s', which the server's event does "
                           "not describe as it was heard",
                           round, entry->contest);
}

static enum status appraisal_print(const struct printing *printing, uint32_t round, bool is_first)
{
    const struct truth_round *entry = &printing->truth->rounds[round];
    const struct contest *contest;
    enum status status = contest_find(printing, round, &contest);
    for (uint32_t item = 0; status == STATUS_OK && item < entry->item_count; item++) {
        uint32_t counts[GRADE_MAX];
        truth_counts(printing->truth, round, item, counts);
        fprintf(printing->file, "%s\n", comma(is_first && item == 0));
        item_result_print(printing->file, round, entry->subject, contest, item, counts);
    }
    return status;
}

static void name_print(FILE *file, const char *name)
{
    char text[WRITTEN_NAME_SIZE * 6 + 3]; /* a quoted string, every byte as \u00xx */
    struct writer writer;
    writer_init(&writer, text, sizeof(text));
    writer_string(&writer, name);
    if (writer_end(&writer) > 0) {
        fputs(text, file);
    }
}

/* Those of this outcome: ids of candidates, then names that were written in. */
static void outcome_print(const struct hand_count *count, const struct contest *contest,
                          enum hand_outcome outcome, FILE *file)
{
    bool is_first = true;
    fputc('[', file);
    for (uint32_t i = 0; i < count->person_count; i++) {
        const struct hand_person *person = &count->persons[i];
        if (person->outcome != outcome) {
            continue;
        }
        fputs(comma(is_first), file);
        if (person->candidate >= 0) {
            fprintf(file, "\"%s\"", contest->candidates[person->candidate].id);
        } else {
            name_print(file, person->name);
        }
        is_first = false;
    }
    fputc(']', file);
}

/* Names beside those of the contest, each that is on a card that counts. */
static void names_print(const struct hand_count *count, const struct contest *contest, FILE *file)
{
    bool is_first = true;
    fputs("\"writeins\":[", file);
    for (uint32_t i = contest->candidate_count; i < count->person_count; i++) {
        if (count->persons[i].stands) {
            fprintf(file, "%s{\"text\":", comma(is_first));
            name_print(file, count->persons[i].name);
            fprintf(file, ",\"for\":%" PRIu32 "}", count->persons[i].votes);
            is_first = false;
        }
    }
    fputc(']', file);
}

static void election_print(const struct truth_round *entry, const struct hand_count *count,
                           const struct contest *contest, FILE *file)
{
    const struct hand_turnout *turnout = &entry->turnout;
    fprintf(file, "\"registered\":%" PRIu32 ",\"present\":", turnout->registered);
    if (turnout->has_present) {
        fprintf(file, "%" PRIu32, turnout->present);
    } else {
        fputs("null", file);
    }
    fprintf(file,
            ",\"issued\":%" PRIu32 ",\"returned\":%" PRIu32 ",\"valid\":%" PRIu32
            ",\"void\":%" PRIu32 ",",
            turnout->issued, count->returned, count->valid, count->void_count);
    if (count->disputed > 0) {
        fprintf(file, "\"disputed\":%" PRIu32 ",", count->disputed);
    }
    fputs("\"candidates\":[", file);
    bool is_first = true;
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        const struct hand_person *person = &count->persons[i];
        if (person->stands) {
            fprintf(file,
                    "%s{\"id\":\"%s\",\"for\":%" PRIu32 ",\"against\":%" PRIu32
                    ",\"abstain\":%" PRIu32 "}",
                    comma(is_first), contest->candidates[i].id, person->votes, person->against,
                    person->abstain);
            is_first = false;
        }
    }
    fputs("],", file);
    names_print(count, contest, file);
    fputs(",\"elected\":", file);
    outcome_print(count, contest, HAND_ELECTED, file);
    fputs(",\"runoff\":", file);
    outcome_print(count, contest, HAND_TIED, file);
}

static void motion_print(const struct hand_count *count, FILE *file)
{
    fprintf(file,
            "\"for\":%" PRIu32 ",\"against\":%" PRIu32 ",\"abstain\":%" PRIu32 ",\"valid\":%" PRIu32
            ",\"void\":%" PRIu32,
            count->persons[0].votes, count->persons[0].against, count->persons[0].abstain,
            count->valid, count->void_count);
}

static void poll_print(const struct hand_count *count, const struct contest *contest, FILE *file)
{
    fputs("\"options\":[", file);
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        fprintf(file, "%s{\"id\":\"%s\",\"count\":%" PRIu32 "}", comma(i == 0),
                contest->candidates[i].id, count->persons[i].votes);
    }
    fputs("],", file);
    if (contest->write_in_count > 0) {
        names_print(count, contest, file);
        fputc(',', file);
    }
    fprintf(file, "\"valid\":%" PRIu32, count->valid);
}

static enum status cards_print(const struct printing *printing, uint32_t round, bool is_first)
{
    const struct truth_round *entry = &printing->truth->rounds[round];
    const struct contest *contest;
    struct hand_count count;
    enum status status = contest_find(printing, round, &contest);
    if (status == STATUS_OK) {
        status = hand_count_run(entry->pile, contest, &entry->turnout, entry->is_void, &count,
                                printing->fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    fprintf(printing->file, "%s\n{\"id\":\"%s\",\"round\":%" PRIu32 ",", comma(is_first),
            contest->id, round);
    if (entry->kind == CONTEST_ELECTION) {
        election_print(entry, &count, contest, printing->file);
    } else if (entry->kind == CONTEST_MOTION) {
        motion_print(&count, printing->file);
    } else {
        poll_print(&count, contest, printing->file);
    }
    fputc('}', printing->file);
    hand_count_finish(&count);
    return STATUS_OK;
}

static bool has_kind(const struct truth *truth, enum contest_kind kind)
{
    for (uint32_t round = 1; round <= truth->round_last; round++) {
        if (truth->rounds[round].is_known && truth->rounds[round].kind == kind) {
            return true;
        }
    }
    return false;
}

static enum status kind_print(const struct printing *printing, enum contest_kind kind,
                              const char *key)
{
    enum status status = STATUS_OK;
    bool is_first = true;
    fprintf(printing->file, "\"%s\":[", key);
    for (uint32_t round = 1; round <= printing->truth->round_last && status == STATUS_OK; round++) {
        const struct truth_round *entry = &printing->truth->rounds[round];
        if (!entry->is_known || entry->kind != kind) {
            continue;
        }
        status = kind == CONTEST_APPRAISAL ? appraisal_print(printing, round, is_first)
                                           : cards_print(printing, round, is_first);
        is_first = false;
    }
    fputs("\n],\n", printing->file);
    return status;
}

static void voided_print(const struct truth *truth, FILE *file)
{
    bool is_first = true;
    for (uint32_t round = 1; round <= truth->round_last; round++) {
        if (truth->rounds[round].is_void) {
            fprintf(file, "%s%" PRIu32, is_first ? "\"voided\":[" : ",", round);
            is_first = false;
        }
    }
    fputs(is_first ? "" : "],\n", file);
}

enum status truth_print(const struct truth *truth, const struct event *event, uint64_t unresolved,
                        FILE *file, struct fault *fault)
{
    static const struct {
        enum contest_kind kind;
        const char *key;
    } kinds[] = {
        { CONTEST_APPRAISAL, "items" },
        { CONTEST_ELECTION, "contests" },
        { CONTEST_MOTION, "motions" },
        { CONTEST_POLL, "polls" },
    };
    struct printing printing = { .truth = truth, .event = event, .file = file, .fault = fault };
    enum status status = STATUS_OK;
    fputc('{', file);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && status == STATUS_OK; i++) {
        bool is_wanted = has_kind(truth, kinds[i].kind) || (i == 0 && truth->round_last == 0);
        if (is_wanted) {
            status = kind_print(&printing, kinds[i].kind, kinds[i].key);
        }
    }
    voided_print(truth, file);
    fprintf(file, "\"unresolved\":%" PRIu64 "}\n", unresolved);
    return status;
}
