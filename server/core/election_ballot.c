#include "server/core/election_impl.h"

#include <assert.h>
#include <string.h>

/*
 * One ballot by E5, E7 and E8, in the order of election.h. What makes the ballot void in any case
 * (E8) is asked before what an officer may have to decide; what the voter selected is weighed (E7)
 * before the lines' worth.
 */

static bool takes_names(const struct election_count *count)
{
    return count->rules->allows_write_in && count->slate.stage != STAGE_RUN_OFF;
}

static bool person_add(struct reading *reading, uint32_t number)
{
    for (uint32_t i = 0; i < reading->person_count; i++) {
        if (reading->persons[i] == number) {
            return false;
        }
    }
    reading->persons[reading->person_count++] = (uint16_t)number;
    reading->selected++;
    return true;
}

/* A line names somebody who has a line of print, or a candidate who has none in this round. */
static void printed_name_read(const struct election_count *count, uint32_t item,
                              uint64_t *written_items, struct reading *reading)
{
    bool is_again = (*written_items >> item & 1) != 0;
    *written_items |= UINT64_C(1) << item;
    reading->has_outsider |= !election_item_stands(count, item);
    if (is_again || reading->marks[item] == CHOICE_FOR) {
        reading->has_repeat = true;
        return;
    }
    reading->has_repeat |= reading->marks[item] == CHOICE_AGAINST;
    reading->marks[item] = CHOICE_FOR;
    reading->selected++;
}

/* Whether an earlier round elected the person, under this name or one that is the same. */
static bool holds_seat(const struct election_count *count, const struct written_name *name)
{
    for (uint32_t i = 0; i < WRITE_IN_MAX && count->slate.elected[i] != 0; i++) {
        assert(count->slate.elected[i] <= count->name_count);
        if (count->names[count->slate.elected[i] - 1].first == name->first) {
            return true;
        }
    }
    return false;
}

static void line_read(const struct election_count *count, uint32_t number, enum names_read names,
                      uint64_t *written_items, struct reading *reading)
{
    assert(number <= count->name_count);
    const struct written_name *name = &count->names[number - 1];
    reading->has_illegible |= !name->is_legible;
    reading->written += name->is_legible;
    if (names == NAMES_NONE || (names == NAMES_LEGIBLE && !name->is_legible)) {
        return;
    }
    int32_t item = election_name_item(count, number);
    reading->has_outsider |= holds_seat(count, name);
    if (item >= 0) {
        printed_name_read(count, (uint32_t)item, written_items, reading);
    } else if (!person_add(reading, name->first)) {
        reading->has_repeat = true;
    }
}

static void card_read(const struct election_count *count, const struct card *card,
                      enum names_read names, struct reading *reading)
{
    uint64_t written_items = 0;
    memset(reading, 0, sizeof(*reading));
    memset(reading->marks, MARK_NONE, sizeof(reading->marks));
    for (uint32_t item = 0; item < count->item_count; item++) {
        if (!election_item_stands(count, item)) {
            continue;
        }
        uint16_t choice = card->choices[item];
        assert(choice < CHOICE_VOTE_COUNT || choice == CHOICE_NONE);
        reading->marks[item] = choice == CHOICE_NONE ? CHOICE_ABSTAIN : (uint8_t)choice;
        reading->selected += choice == CHOICE_FOR;
        reading->against += choice == CHOICE_AGAINST;
    }
    for (uint32_t item = count->contest->candidate_count; item < count->item_count; item++) {
        uint16_t number = card->choices[item];
        if (election_item_stands(count, item) || number == 0 || number == CHOICE_NONE) {
            continue;
        }
        if (!takes_names(count)) {
            reading->has_refused = true;
        } else {
            line_read(count, number, names, &written_items, reading);
        }
    }
}

static enum ballot_kind remedy_kind(enum remedy remedy)
{
    return remedy == REMEDY_ADJUDICATE ? BALLOT_DISPUTED : BALLOT_VOID;
}

/* What the lines make of the ballot; *names: what of them counts where it is valid. */
static enum ballot_kind lines_check(const struct election_count *count,
                                    const struct reading *reading, enum names_read *names,
                                    const char **rule)
{
    const struct election_rules *rules = count->rules;
    if (rules->write_in_needs_against && reading->written > reading->against &&
        rules->write_in_without_against != REMEDY_COUNT) {
        *rule = "W7";
        *names = NAMES_NONE;
        return rules->write_in_without_against == REMEDY_DROP
                   ? BALLOT_VALID
                   : remedy_kind(rules->write_in_without_against);
    }
    if (reading->has_repeat || (reading->has_illegible && rules->illegible == REMEDY_ADJUDICATE)) {
        *rule = "E8";
        return BALLOT_DISPUTED;
    }
    if (reading->has_outsider) {
        *rule = "E13";
        return BALLOT_DISPUTED;
    }
    *rule = reading->has_illegible ? "E8" : reading->has_refused ? "E5" : "";
    return BALLOT_VALID;
}

/* A disputed ballot after the officer's ruling. E7 is hard: no ruling lets a ballot select more. */
static enum ballot_kind ruled_read(const struct election_count *count, const struct card *card,
                                   enum ruling ruling, struct reading *reading)
{
    if (ruling == RULING_INVALID) {
        return BALLOT_DISPUTED;
    }
    if (ruling == RULING_VOID) {
        return BALLOT_VOID;
    }
    card_read(count, card, ruling == RULING_COUNT ? NAMES_ALL : NAMES_NONE, reading);
    bool is_void = reading->selected > count->slate.seats ||
                   (ruling == RULING_DROP && reading->selected == 0 &&
                    count->rules->none_selected == REMEDY_VOID);
    return is_void ? BALLOT_VOID : BALLOT_VALID;
}

enum ballot_kind election_ballot_read(const struct election_count *count, const struct card *card,
                                      enum ruling ruling, struct reading *reading,
                                      const char **rule)
{
    const struct election_rules *rules = count->rules;
    enum names_read names = NAMES_LEGIBLE;
    enum ballot_kind kind;
    if (card->mark != CARD_PLAIN) {
        *rule = "E8";
        return BALLOT_VOID;
    }
    card_read(count, card, names, reading);
    if (reading->has_illegible && rules->illegible == REMEDY_VOID) {
        *rule = "E8";
        return BALLOT_VOID;
    }
    if (reading->selected > count->slate.seats) {
        *rule = "E7";
        kind = remedy_kind(rules->over_selected);
    } else {
        kind = lines_check(count, reading, &names, rule);
    }
    if (kind == BALLOT_VALID) {
        card_read(count, card, names, reading);
        if (reading->selected == 0 && rules->none_selected != REMEDY_COUNT) {
            *rule = "E7";
            kind = remedy_kind(rules->none_selected);
        }
    }
    return kind == BALLOT_DISPUTED ? ruled_read(count, card, ruling, reading) : kind;
}

enum ballot_kind election_ballot_check(const struct election_count *count, const struct card *card,
                                       const char **rule)
{
    struct reading reading;
    return election_ballot_read(count, card, RULING_INVALID, &reading, rule);
}
