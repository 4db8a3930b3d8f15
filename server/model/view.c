#include "server/model/view.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/name_table.h"

static const char *const state_names[] = {
    [ROUND_INVALID] = "invalid", [ROUND_PLANNED] = "planned", [ROUND_OPEN] = "open",
    [ROUND_PAUSED] = "paused",   [ROUND_CLOSED] = "closed",   [ROUND_CERTIFIED] = "certified",
    [ROUND_VOID] = "void",
};

static const char *const stage_names[] = {
    [STAGE_INVALID] = "invalid",
    [STAGE_FIRST] = "first",
    [STAGE_RUN_OFF] = "run-off",
    [STAGE_ANOTHER] = "another",
};

static const char *const decision_names[] = {
    [DECISION_INVALID] = "none",          [DECISION_PENDING] = "pending",
    [DECISION_COUNTED] = "counted",       [DECISION_ELECTED] = "elected",
    [DECISION_RUN_OFF] = "run-off",       [DECISION_ANOTHER] = "another",
    [DECISION_STOPPED] = "stopped",       [DECISION_PASSED] = "passed",
    [DECISION_NOT_PASSED] = "not-passed", [DECISION_VOID] = "void",
};

static const char *const standing_names[] = {
    [STANDING_INVALID] = "none",    [STANDING_OFF] = "off",   [STANDING_NOT] = "not",
    [STANDING_ELECTED] = "elected", [STANDING_TIED] = "tied",
};

void document_finish(struct document *document)
{
    event_destroy(document->texts);
    free(document->closed);
    document->texts = NULL;
    document->closed = NULL;
    document->closed_count = 0;
}

const char *round_state_name(enum round_state state)
{
    return name_table_name(state_names, NAME_COUNT(state_names), state);
}

enum round_state round_state_parse(const char *name)
{
    return (enum round_state)name_table_parse(state_names, NAME_COUNT(state_names), name);
}

bool round_state_is_over(enum round_state state)
{
    return state == ROUND_CLOSED || state == ROUND_CERTIFIED || state == ROUND_VOID;
}

const char *round_stage_name(enum round_stage stage)
{
    return name_table_name(stage_names, NAME_COUNT(stage_names), stage);
}

enum round_stage round_stage_parse(const char *name)
{
    return (enum round_stage)name_table_parse(stage_names, NAME_COUNT(stage_names), name);
}

const char *decision_name(enum decision decision)
{
    return name_table_name(decision_names, NAME_COUNT(decision_names), decision);
}

enum decision decision_parse(const char *name)
{
    return (enum decision)name_table_parse(decision_names, NAME_COUNT(decision_names), name);
}

const char *standing_name(enum standing standing)
{
    return name_table_name(standing_names, NAME_COUNT(standing_names), standing);
}

enum standing standing_parse(const char *name)
{
    return (enum standing)name_table_parse(standing_names, NAME_COUNT(standing_names), name);
}

uint32_t share_of(uint64_t count, uint64_t base, uint32_t whole)
{
    if (base == 0) {
        return 0;
    }
    /* 128 bits: count × 2000 does not fit 64 for every count. Half up: floor(x + 1/2). */
    unsigned __int128 doubled = (unsigned __int128)count * 2 * whole + base;
    unsigned __int128 share = doubled / ((unsigned __int128)base * 2);

    return share > UINT32_MAX ? UINT32_MAX : (uint32_t)share;
}

uint32_t share_permille(uint64_t count, uint64_t base)
{
    return share_of(count, base, 1000);
}

#define FNV_OFFSET 0xcbf29ce484222325u /* FNV-1a, 64 bits, the authors' parameters */
#define FNV_PRIME 0x100000001b3u

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    for (unsigned shift = 0; shift < 64; shift += 8) {
        hash = (hash ^ (number >> shift & 0xff)) * FNV_PRIME;
    }
    return hash;
}

/* The NUL is hashed too, so that no text runs into the next field. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    do {
        hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
    } while (*text++ != '\0');
    return hash;
}

static uint64_t hash_score(uint64_t hash, const struct score *score)
{
    return hash_number(hash, score->is_set ? score->hundredths + 1u : 0);
}

static uint64_t hash_appraisal(uint64_t hash, const struct figures *figures)
{
    const struct appraisal_figures *appraisal = &figures->appraisal;

    hash = hash_number(hash, figures->satisfied);
    hash = hash_number(hash, figures->satisfied_base);
    hash = hash_number(hash, appraisal->has_scores);
    hash = hash_score(hash, &appraisal->person);
    for (uint32_t i = 0; i < figures->item_count && i < CRITERION_MAX; i++) {
        hash = hash_score(hash, &appraisal->items[i]);
    }
    hash = hash_number(hash, appraisal->rank);
    hash = hash_number(hash, appraisal->tied_count);
    hash = hash_number(hash, appraisal->band);
    return hash_number(hash, appraisal->remarks);
}

static uint64_t hash_election(uint64_t hash, const struct figures *figures)
{
    const struct election_figures *election = &figures->election;
    const uint32_t numbers[] = {
        election->stage,
        election->seats,
        election->base,
        election->disputed_base,
        election->base_count,
        election->disputed_count,
        election->needed,
        election->disputed_needed,
        election->run_off_seats,
        election->missing_seats,
        election->name_count,
        election->name_rest,
        election->disputed_run_off_seats,
        election->disputed_missing_seats,
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        hash = hash_number(hash, numbers[i]);
    }
    for (uint32_t i = 0; i < figures->item_count && i < CANDIDATE_MAX; i++) {
        hash = hash_number(hash, election->standings[i]);
        hash = hash_number(hash, election->disputed[i]);
        hash = hash_number(hash, election->order[i]);
    }
    for (uint32_t i = 0; i < election->name_count && i < NAME_SHOWN_MAX; i++) {
        hash = hash_text(hash, election->names[i].name);
        hash = hash_number(hash, election->names[i].votes);
        hash = hash_number(hash, election->names[i].standing);
        hash = hash_number(hash, election->names[i].disputed);
    }
    return hash;
}

/*
 * What `shows` withholds counts as zero whatever the struct holds: the same figures hash alike
 * before they are sent and after they were read.
 */
uint64_t figures_hash(const struct figures *figures)
{
    uint32_t item_count = figures->shows == LIVE_TALLY ? figures->item_count : 0;
    uint64_t hash = FNV_OFFSET;

    hash = hash_number(hash, figures->round);
    hash = hash_text(hash, figures->contest);
    hash = hash_text(hash, figures->subject);
    hash = hash_number(hash, figures->kind);
    hash = hash_number(hash, figures->state);
    hash = hash_number(hash, figures->shows);
    hash = hash_number(hash, figures->registered);
    hash = hash_number(hash, figures->has_present ? figures->present + 1u : 0);
    hash = hash_number(hash, figures->issued);
    hash = hash_number(hash, figures->shows >= LIVE_TURNOUT ? figures->cast_count : 0);
    hash = hash_number(hash, figures->shows >= LIVE_TURNOUT ? figures->paper_count : 0);
    hash = hash_number(hash, item_count);
    hash = hash_number(hash, item_count > 0 ? figures->grade_count : 0);
    hash = hash_number(hash, (uint64_t)figures->opened_ms);
    hash = hash_number(hash, (uint64_t)figures->closed_ms);
    hash = hash_number(hash, (uint64_t)figures->ends_ms);
    hash = hash_text(hash, figures->reason);
    hash = hash_text(hash, figures->rules);
    hash = hash_number(hash, figures->rules_hash);
    for (uint32_t i = 0; i < item_count && i < ITEM_MAX; i++) {
        for (uint32_t g = 0; g < figures->grade_count && g < GRADE_MAX; g++) {
            hash = hash_number(hash, figures->items[i].counts[g]);
        }
        hash = hash_number(hash, figures->items[i].valid);
    }
    if (figures->shows == LIVE_TALLY && round_state_is_over(figures->state)) {
        hash = hash_number(hash, figures->decision);
        hash = hash_number(hash, figures->valid_count);
        hash = hash_number(hash, figures->void_count);
        hash = hash_number(hash, figures->pending);
        hash = hash_appraisal(hash, figures);
        hash = hash_election(hash, figures);
    }
    return hash;
}

bool figures_are_sound(const struct figures *figures)
{
    if (figures->item_count > ITEM_MAX || figures->grade_count > GRADE_MAX ||
        figures->paper_count > figures->cast_count ||
        (figures->paper_count == 0 && figures->cast_count > figures->registered)) {
        return false;
    }
    if (round_state_is_over(figures->state) && figures->shows == LIVE_TALLY &&
        figures->pending == 0 &&
        (uint64_t)figures->valid_count + figures->void_count != figures->cast_count) {
        return false;
    }
    for (uint32_t i = 0; i < figures->item_count; i++) {
        uint64_t sum = 0;

        for (uint32_t g = 0; g < figures->grade_count; g++) {
            sum += figures->items[i].counts[g];
        }
        if (sum != figures->items[i].valid || sum > figures->cast_count) {
            return false;
        }
    }
    return true;
}
