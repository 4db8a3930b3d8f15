#include "clients/ctl/count.h"

#include <inttypes.h>
#include <string.h>

#include "clients/ctl/json.h"
#include "clients/ctl/sheet.h"
#include "server/core/share.h"
#include "server/model/rules.h"

static void score_print(FILE *file, const struct score *score)
{
    if (score->is_set) {
        fprintf(file, "\"%" PRIu32 ".%02" PRIu32 "\"", score->hundredths / 100,
                score->hundredths % 100);
    } else {
        fputs("null", file);
    }
}

static void item_print(const struct contest *contest, const struct figures *figures, uint32_t item,
                       FILE *file)
{
    fprintf(file, "{\"subject\":\"%s\",\"criterion\":\"%s\",\"counts\":{", figures->subject,
            contest->criteria[item].id);
    for (uint32_t grade = 0; grade < contest->grade_count; grade++) {
        fprintf(file, "%s\"%s\":%" PRIu32, grade > 0 ? "," : "", contest->grades[grade].id,
                figures->items[item].counts[grade]);
    }
    fprintf(file, "},\"valid\":%" PRIu32 "}", figures->items[item].valid);
}

static void remarks_print(const struct appraisal_rules *rules, uint32_t remarks, FILE *file)
{
    const char *comma = "";
    for (uint32_t i = 0; i < rules->remark_count; i++) {
        if ((remarks >> i & 1) != 0) {
            fprintf(file, "%s\"%s\"", comma, rules->remarks[i].id);
            comma = ",";
        }
    }
    if ((remarks >> REMARK_FLOOR & 1) != 0) {
        fprintf(file, "%s\"floor\"", comma);
    }
}

static void subject_print(const struct contest *contest, const struct figures *figures, FILE *file)
{
    const struct appraisal_rules *rules = &contest->rules->appraisal;
    const struct appraisal_figures *appraisal = &figures->appraisal;
    fprintf(file,
            "{\"subject\":\"%s\",\"returned\":%" PRIu32 ",\"valid\":%" PRIu32 ",\"void\":%" PRIu32
            ",\"score\":",
            figures->subject, figures->cast_count, figures->valid_count, figures->void_count);
    score_print(file, &appraisal->person);
    fputs(",\"items\":[", file);
    for (uint32_t item = 0; item < contest->criterion_count; item++) {
        fputs(item > 0 ? "," : "", file);
        score_print(file, &appraisal->items[item]);
    }
    fprintf(file,
            "],\"satisfied\":[%" PRIu64 ",%" PRIu64 "],\"rank\":%" PRIu32 ",\"tied\":%" PRIu32
            ",\"band\":",
            figures->satisfied, figures->satisfied_base, appraisal->rank, appraisal->tied_count);
    if (appraisal->band > 0) {
        fprintf(file, "\"%s\"", rules->bands[appraisal->band - 1].id);
    } else {
        fputs("null", file);
    }
    fputs(",\"remarks\":[", file);
    remarks_print(rules, appraisal->remarks, file);
    fputs("],\"shares\":[", file);
    for (uint32_t item = 0; item < contest->criterion_count; item++) {
        uint32_t shares[GRADE_MAX];
        shares_round(figures->items[item].counts, contest->grade_count, figures->items[item].valid,
                     contest->rules->rounding, 10000, shares);
        for (uint32_t grade = 0; grade < contest->grade_count; grade++) {
            fprintf(file, "%s%" PRIu32, grade > 0 ? "," : (item > 0 ? ",[" : "["), shares[grade]);
        }
        fputc(']', file);
    }
    fputs("]}", file);
}

static void appraisal_print(const struct count *count, FILE *file)
{
    const struct contest *contest = count->ballot.contest;
    fputs("\"items\":[", file);
    for (uint32_t i = 0; i < count->figures_count; i++) {
        for (uint32_t item = 0; item < contest->criterion_count; item++) {
            fputs(i + item > 0 ? ",\n" : "\n", file);
            item_print(contest, &count->figures[i], item, file);
        }
    }
    fputs("\n],\n\"subjects\":[", file);
    for (uint32_t i = 0; i < count->figures_count; i++) {
        fputs(i > 0 ? ",\n" : "\n", file);
        subject_print(contest, &count->figures[i], file);
    }
    fputs("\n]", file);
}

/* 应到 … 无效, of every kind but an appraisal, whose subjects differ. */
static void turnout_print(const struct count *count, const struct figures *figures, FILE *file)
{
    fprintf(file,
            "\"id\":\"%s\",\"registered\":%" PRIu32 ",\"present\":%" PRIu32 ",\"issued\":%" PRIu32
            ",\"returned\":%" PRIu32 ",\"valid\":%" PRIu32 ",\"void\":%" PRIu32
            ",\"pending\":%" PRIu32,
            count->ballot.contest->id, figures->registered, figures->present, figures->issued,
            figures->cast_count, figures->valid_count, figures->void_count, figures->pending);
}

/* Ids of candidates, then names, with this standing in the one reading or the other. */
static void standing_print(const char *key, const struct contest *contest,
                           const struct election_figures *election, bool is_disputed,
                           enum standing standing, FILE *file)
{
    const char *comma = "";
    fprintf(file, ",\"%s\":[", key);
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        if ((is_disputed ? election->disputed : election->standings)[i] == standing) {
            fprintf(file, "%s\"%s\"", comma, contest->candidates[i].id);
            comma = ",";
        }
    }
    for (uint32_t i = 0; i < election->name_count; i++) {
        const struct name_figures *name = &election->names[i];
        if ((is_disputed ? name->disputed : name->standing) == standing) {
            fputs(comma, file);
            json_text(file, name->name);
            comma = ",";
        }
    }
    fputc(']', file);
}

static void disputed_print(const struct contest *contest, const struct figures *figures, FILE *file)
{
    const struct election_figures *election = &figures->election;
    if (election->disputed_base == BASE_INVALID) {
        fputs(",\"disputed\":null", file);
        return;
    }
    fprintf(file, ",\"disputed\":{\"base\":\"%s\",\"base_count\":%" PRIu32 ",\"needed\":%" PRIu32,
            base_name((enum base)election->disputed_base), election->disputed_count,
            election->disputed_needed);
    standing_print("elected", contest, election, true, STANDING_ELECTED, file);
    standing_print("runoff", contest, election, true, STANDING_TIED, file);
    fprintf(file, ",\"runoff_seats\":%" PRIu32 ",\"missing\":%" PRIu32 "}",
            election->disputed_run_off_seats, election->disputed_missing_seats);
}

static void election_print(const struct count *count, FILE *file)
{
    const struct contest *contest = count->ballot.contest;
    const struct figures *figures = &count->figures[0];
    const struct election_figures *election = &figures->election;
    fputs("\"contests\":[\n{", file);
    turnout_print(count, figures, file);
    fprintf(file, ",\"stage\":\"%s\",\"seats\":%" PRIu32 ",\n\"candidates\":[",
            round_stage_name(count->ballot.slate.stage), count->ballot.slate.seats);
    const char *comma = "";
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        const uint32_t *counts = figures->items[i].counts;
        /* One who does not stand may have been written in and let in by a ruling (E13). */
        if ((count->ballot.slate.candidates >> i & 1) != 0 || counts[CHOICE_FOR] > 0) {
            fprintf(file,
                    "%s{\"id\":\"%s\",\"for\":%" PRIu32 ",\"against\":%" PRIu32
                    ",\"abstain\":%" PRIu32 "}",
                    comma, contest->candidates[i].id, counts[CHOICE_FOR], counts[CHOICE_AGAINST],
                    counts[CHOICE_ABSTAIN]);
            comma = ",\n";
        }
    }
    fputs("],\n", file);
    json_names(file, election);
    standing_print("elected", contest, election, false, STANDING_ELECTED, file);
    standing_print("runoff", contest, election, false, STANDING_TIED, file);
    fprintf(file,
            ",\"runoff_seats\":%" PRIu32 ",\"missing\":%" PRIu32
            ",\"decision\":\"%s\",\"base\":\"%s\",\"base_count\":%" PRIu32 ",\"needed\":%" PRIu32,
            election->run_off_seats, election->missing_seats, decision_name(figures->decision),
            base_name((enum base)election->base), election->base_count, election->needed);
    disputed_print(contest, figures, file);
    fputs("}\n]", file);
}

static void motion_print(const struct count *count, FILE *file)
{
    const struct figures *figures = &count->figures[0];
    const struct motion_rules *rules = &count->ballot.contest->rules->motion;
    const uint32_t *counts = figures->items[0].counts;
    uint32_t base = figures_base_count(figures, rules->base);
    fputs("\"motions\":[\n{", file);
    turnout_print(count, figures, file);
    fprintf(file,
            ",\"for\":%" PRIu32 ",\"against\":%" PRIu32 ",\"abstain\":%" PRIu32
            ",\"decision\":\"%s\",\"base\":\"%s\",\"base_count\":%" PRIu32 ",\"needed\":%" PRIu64
            "}\n]",
            counts[CHOICE_FOR], counts[CHOICE_AGAINST], counts[CHOICE_ABSTAIN],
            decision_name(figures->decision), base_name(rules->base), base,
            threshold_least(&rules->majority, base));
}

static void poll_print(const struct count *count, FILE *file)
{
    const struct contest *contest = count->ballot.contest;
    const struct figures *figures = &count->figures[0];
    const struct poll_rules *rules = &contest->rules->poll;
    fputs("\"polls\":[\n{", file);
    turnout_print(count, figures, file);
    fputs(",\"options\":[", file);
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        fprintf(file, "%s{\"id\":\"%s\",\"count\":%" PRIu32 "}", i > 0 ? "," : "",
                contest->candidates[i].id, figures->items[i].counts[CHOICE_CHOSEN]);
    }
    fputs("],", file);
    json_names(file, &figures->election);
    standing_print("shortlist", contest, &figures->election, false, STANDING_ELECTED, file);
    standing_print("tied", contest, &figures->election, false, STANDING_TIED, file);
    fprintf(file, ",\"decision\":\"%s\",\"base\":\"%s\",\"base_count\":%" PRIu32 "}\n]",
            decision_name(figures->decision), base_name(rules->base),
            figures_base_count(figures, rules->base));
}

void count_print_json(const struct count *count, FILE *file)
{
    const struct contest *contest = count->ballot.contest;
    fprintf(file,
            "{\"minping\":1,\"event\":\"%s\",\"contest\":\"%s\",\"rules\":{\"id\":\"%s\",\"hash\":"
            "\"",
            count->ballot.event->id, contest->id, contest->rules->id);
    for (size_t i = 0; i < sizeof(contest->rules->hash); i++) {
        fprintf(file, "%02x", contest->rules->hash[i]);
    }
    fputs("\"},\n", file);
    switch (contest->kind) {
    case CONTEST_APPRAISAL:
        appraisal_print(count, file);
        break;
    case CONTEST_ELECTION:
        election_print(count, file);
        break;
    case CONTEST_MOTION:
        motion_print(count, file);
        break;
    default:
        poll_print(count, file);
        break;
    }
    fputs("}\n", file);
}
