#include "clients/ctl/sheet.h"

#include <inttypes.h>

#include "clients/ctl/json.h"
#include "clients/lib/item_result.h"

static void score_print(FILE *file, const struct score *score)
{
    if (!score->is_set) {
        fputs("null", file);
        return;
    }
    fprintf(file, "%" PRIu32 ".%02" PRIu32, score->hundredths / 100, score->hundredths % 100);
}

static void present_print(FILE *file, const struct figures *round)
{
    if (round->has_present) {
        fprintf(file, "%" PRIu32, round->present);
    } else {
        fputs("null", file);
    }
}

static void reason_print(FILE *file, const struct figures *round)
{
    if (round->reason[0] != '\0') {
        fputs(",\"reason\":", file);
        json_text(file, round->reason);
    }
}

static void rules_print(FILE *file, const struct figures *round)
{
    fprintf(file, ",\"rules\":{\"id\":\"%s\",\"hash\":\"%016" PRIx64 "\"}", round->rules,
            round->rules_hash);
}

static void base_print(FILE *file, enum base base, uint32_t count, uint32_t needed)
{
    if (base == BASE_INVALID) {
        fputs("\"base\":null", file);
        return;
    }
    fprintf(file, "\"base\":{\"of\":\"%s\",\"count\":%" PRIu32, base_name(base), count);
    if (needed > 0) {
        fprintf(file, ",\"needed\":%" PRIu32, needed);
    }
    fputc('}', file);
}

/* What every round of every kind has: 应到, 实到, 发出, 收回, of them paper, 有效, 无效. */
static void turnout_print(FILE *file, const struct figures *round)
{
    fprintf(file, "\"registered\":%" PRIu32 ",\"present\":", round->registered);
    present_print(file, round);
    fprintf(file, ",\"issued\":%" PRIu32 ",\"returned\":%" PRIu32 ",\"paper\":%" PRIu32,
            round->issued, round->cast_count, round->paper_count);
    if (figures_have_counts(round)) {
        fprintf(file, ",\"valid\":%" PRIu32 ",\"void\":%" PRIu32, round->valid_count,
                round->void_count);
    } else {
        fputs(",\"valid\":null,\"void\":null", file);
    }
}

static void round_print(const struct sheet *sheet, const struct figures *round, FILE *file)
{
    fprintf(file,
            "{\"round\":%" PRIu32 ",\"contest\":\"%s\",\"kind\":\"%s\",\"subject\":\"%s\","
            "\"state\":\"%s\",\"decision\":\"%s\",\"stands\":%s,",
            round->round, round->contest, contest_kind_name(round->kind), round->subject,
            round_state_name(round->state), decision_name(round->decision),
            sheet_stands(sheet, round) ? "true" : "false");
    turnout_print(file, round);
    fprintf(file, ",\"cast\":%" PRIu32 ",\"opened_ms\":%" PRId64 ",\"closed_ms\":%" PRId64,
            round->cast_count, round->opened_ms, round->closed_ms);
    rules_print(file, round);
    reason_print(file, round);
    fputc('}', file);
}

static void items_print(const struct sheet *sheet, FILE *file)
{
    bool is_first = true;
    fputs(",\n\"items\":[", file);
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        if (round->kind != CONTEST_APPRAISAL || !sheet_stands(sheet, round)) {
            continue;
        }
        for (uint32_t item = 0; item < round->item_count; item++) {
            fprintf(file, "%s\n", is_first ? "" : ",");
            item_result_print(file, round->round, round->subject, sheet_contest(sheet, round), item,
                              round->items[item].counts);
            is_first = false;
        }
    }
    fputs("\n]", file);
}

/* The ids of the remarks that hold (A7), and "floor" (A8). */
static void remarks_print(const struct rules *rules, uint32_t remarks, FILE *file)
{
    bool is_first = true;
    fputs(",\"remarks\":[", file);
    for (uint32_t i = 0; rules != NULL && i < rules->appraisal.remark_count; i++) {
        if ((remarks >> i & 1) != 0) {
            fprintf(file, "%s\"%s\"", is_first ? "" : ",", rules->appraisal.remarks[i].id);
            is_first = false;
        }
    }
    if ((remarks >> REMARK_FLOOR & 1) != 0) {
        fprintf(file, "%s\"floor\"", is_first ? "" : ",");
    }
    fputc(']', file);
}

static void person_print(const struct sheet *sheet, const struct figures *round, FILE *file)
{
    const struct contest *contest = sheet_contest(sheet, round);
    const struct appraisal_figures *appraisal = &round->appraisal;
    fprintf(file, "{\"round\":%" PRIu32 ",\"contest\":\"%s\",\"subject\":\"%s\"", round->round,
            round->contest, round->subject);
    if (round->satisfied_base > 0) {
        fprintf(file, ",\"satisfied\":{\"count\":%" PRIu64 ",\"of\":%" PRIu64 "}", round->satisfied,
                round->satisfied_base);
    }
    if (appraisal->has_scores) {
        fputs(",\"score\":", file);
        score_print(file, &appraisal->person);
        fputs(",\"scores\":{", file);
        for (uint32_t item = 0; item < round->item_count && item < CRITERION_MAX; item++) {
            fprintf(file, "%s\"%s\":", item > 0 ? "," : "", contest->criteria[item].id);
            score_print(file, &appraisal->items[item]);
        }
        fprintf(file, "},\"rank\":%" PRIu32 ",\"tied\":%" PRIu32, appraisal->rank,
                appraisal->tied_count);
        const struct rules *rules = contest->rules;
        bool has_band =
            rules != NULL && appraisal->band > 0 && appraisal->band <= rules->appraisal.band_count;
        if (has_band) {
            fprintf(file, ",\"band\":\"%s\"", rules->appraisal.bands[appraisal->band - 1].id);
        }
    }
    remarks_print(contest->rules, appraisal->remarks, file);
    fputc('}', file);
}

static void persons_print(const struct sheet *sheet, FILE *file)
{
    bool is_first = true;
    fputs(",\n\"persons\":[", file);
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        if (round->kind == CONTEST_APPRAISAL && sheet_stands(sheet, round)) {
            fprintf(file, "%s\n", is_first ? "" : ",");
            person_print(sheet, round, file);
            is_first = false;
        }
    }
    fputs("\n]", file);
}

/* The list of those of this standing: ids of candidates, in the event's order, then names. */
static void standing_print(const struct contest *contest, const struct figures *round,
                           bool is_disputed, enum standing standing, FILE *file)
{
    const struct election_figures *election = &round->election;
    bool is_first = true;
    fputc('[', file);
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        if ((is_disputed ? election->disputed[i] : election->standings[i]) == standing) {
            fprintf(file, "%s\"%s\"", is_first ? "" : ",", contest->candidates[i].id);
            is_first = false;
        }
    }
    for (uint32_t i = 0; i < election->name_count; i++) {
        const struct name_figures *name = &election->names[i];
        if ((is_disputed ? name->disputed : name->standing) == standing) {
            fputs(is_first ? "" : ",", file);
            json_text(file, name->name);
            is_first = false;
        }
    }
    fputc(']', file);
}

static void outcome_print(const struct contest *contest, const struct figures *round,
                          bool is_disputed, FILE *file)
{
    const struct election_figures *election = &round->election;
    fputs(",\"elected\":", file);
    standing_print(contest, round, is_disputed, STANDING_ELECTED, file);
    fputs(",\"runoff\":", file);
    standing_print(contest, round, is_disputed, STANDING_TIED, file);
    fprintf(file, ",\"runoff_seats\":%" PRIu32 ",\"missing\":%" PRIu32,
            is_disputed ? election->disputed_run_off_seats : election->run_off_seats,
            is_disputed ? election->disputed_missing_seats : election->missing_seats);
}

static void votes_print(const struct contest *contest, const struct figures *round, FILE *file)
{
    const struct election_figures *election = &round->election;
    bool is_first = true;
    fputs(",\"candidates\":[", file);
    for (uint32_t i = 0; i < contest->candidate_count && i < round->item_count; i++) {
        const uint32_t *counts = round->items[i].counts;
        if (election->standings[i] == STANDING_OFF) {
            continue;
        }
        fprintf(file,
                "%s{\"id\":\"%s\",\"for\":%" PRIu32 ",\"against\":%" PRIu32 ",\"abstain\":%" PRIu32
                "}",
                is_first ? "" : ",", contest->candidates[i].id, counts[CHOICE_FOR],
                counts[CHOICE_AGAINST], counts[CHOICE_ABSTAIN]);
        is_first = false;
    }
    fputc(']', file);
    fputc(',', file);
    json_names(file, election);
}

static void election_print(const struct contest *contest, const struct figures *round, FILE *file)
{
    const struct election_figures *election = &round->election;
    if (figures_have_counts(round)) {
        fprintf(file, ",\"stage\":\"%s\",\"seats\":%" PRIu32, round_stage_name(election->stage),
                election->seats);
    } else {
        fputs(",\"stage\":null,\"seats\":null", file);
    }
    votes_print(contest, round, file);
    outcome_print(contest, round, false, file);
    fputc(',', file);
    base_print(file, (enum base)election->base, election->base_count, election->needed);
    if (election->disputed_base != BASE_INVALID) {
        fputs(",\"disputed\":{", file);
        base_print(file, (enum base)election->disputed_base, election->disputed_count,
                   election->disputed_needed);
        outcome_print(contest, round, true, file);
        fputc('}', file);
    }
}

static void motion_print(const struct contest *contest, const struct figures *round, FILE *file)
{
    const uint32_t *counts = round->items[0].counts; /* zero where nothing is disclosed */
    enum base base = contest_base(contest);
    fprintf(file, ",\"for\":%" PRIu32 ",\"against\":%" PRIu32 ",\"abstain\":%" PRIu32 ",",
            counts[CHOICE_FOR], counts[CHOICE_AGAINST], counts[CHOICE_ABSTAIN]);
    base_print(file, base, figures_base_count(round, base), motion_needed(contest, round));
}

static void poll_print(const struct contest *contest, const struct figures *round, FILE *file)
{
    enum base base = contest_base(contest);
    fputs(",\"options\":[", file);
    for (uint32_t i = 0; i < contest->candidate_count && i < round->item_count; i++) {
        fprintf(file, "%s{\"id\":\"%s\",\"count\":%" PRIu32 "}", i > 0 ? "," : "",
                contest->candidates[i].id, round->items[i].counts[CHOICE_CHOSEN]);
    }
    fputc(']', file);
    if (contest->write_in_count > 0) {
        fputc(',', file);
        json_names(file, &round->election);
    }
    fputs(",\"shortlist\":", file);
    standing_print(contest, round, false, STANDING_ELECTED, file);
    fputs(",\"tied\":", file);
    standing_print(contest, round, false, STANDING_TIED, file);
    fputc(',', file);
    base_print(file, base, figures_base_count(round, base), 0);
}

/* Every round of the contests of one kind, void ones too. */
static void ballots_print(const struct sheet *sheet, enum contest_kind kind, const char *key,
                          FILE *file)
{
    bool is_first = true;
    if (!sheet_has_kind(sheet, kind)) {
        return;
    }
    fprintf(file, ",\n\"%s\":[", key);
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        const struct contest *contest = sheet_contest(sheet, round);
        if (round->kind != kind) {
            continue;
        }
        fprintf(file, "%s\n{\"id\":\"%s\",\"round\":%" PRIu32 ",\"state\":\"%s\",",
                is_first ? "" : ",", contest->id, round->round, round_state_name(round->state));
        turnout_print(file, round);
        if (kind == CONTEST_ELECTION) {
            election_print(contest, round, file);
        } else if (kind == CONTEST_MOTION) {
            motion_print(contest, round, file);
        } else {
            poll_print(contest, round, file);
        }
        fprintf(file, ",\"decision\":\"%s\"", decision_name(round->decision));
        rules_print(file, round);
        reason_print(file, round);
        fputc('}', file);
        is_first = false;
    }
    fputs("\n]", file);
}

void sheet_print_json(const struct sheet *sheet, FILE *file)
{
    fprintf(file, "{\"minping\":1,\"event\":\"%s\",\"log\":\"%s\",\n\"rounds\":[", sheet->event->id,
            sheet->log_id);
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        fprintf(file, "%s\n", i > 0 ? "," : "");
        round_print(sheet, &sheet->rounds[i], file);
    }
    fputs("\n]", file);
    if (sheet_has_kind(sheet, CONTEST_APPRAISAL)) {
        items_print(sheet, file);
        persons_print(sheet, file);
    }
    ballots_print(sheet, CONTEST_ELECTION, "contests", file);
    ballots_print(sheet, CONTEST_MOTION, "motions", file);
    ballots_print(sheet, CONTEST_POLL, "polls", file);
    fputs("}\n", file);
}
