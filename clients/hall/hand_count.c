#include "clients/hall/hand_count.h"

#include <stdlib.h>
#include <string.h>

/* A table at which one round is counted. */
struct table {
    const struct pile *pile;
    const struct contest *contest;
    const struct election_rules *rules; /* elections; otherwise NULL */
    struct hand_count *count;
    uint32_t *owners; /* [name number]: whose name it is, an index of persons */
};

/* What one card of an election says. is_unclear: it contradicts itself or names an outsider. */
struct reading {
    uint32_t selected; /* ○ and names */
    uint32_t crosses;
    uint32_t written;
    bool is_unclear;
};

enum finding {
    FINDING_INVALID = 0,
    FINDING_VALID,
    FINDING_WITHOUT_NAMES, /* valid, but what is on its lines does not count */
    FINDING_VOID,
    FINDING_DISPUTED,
};

/* The next byte of a name, blanks left out: ASCII's, and the ideographic and no-break ones. */
static char name_next(const char **at)
{
    for (;;) {
        const char *c = *at;
        if (*c == ' ') {
            *at += 1;
        } else if (strncmp(c, "\u3000", 3) == 0) {
            *at += 3;
        } else if (strncmp(c, "\u00a0", 2) == 0) {
            *at += 2;
        } else {
            *at += *c != '\0' ? 1 : 0;
            return *c;
        }
    }
}

static bool is_same_name(const char *a, const char *b)
{
    for (;;) {
        char left = name_next(&a);
        char right = name_next(&b);
        if (left != right) {
            return false;
        }
        if (left == '\0') {
            return true;
        }
    }
}

static bool is_candidates_name(const struct subject *candidate, const char *name)
{
    return is_same_name(candidate->name.zh, name) ||
           (candidate->name.en[0] != '\0' && is_same_name(candidate->name.en, name));
}

/* Whose name is name `number`? A candidate's (E13) or option's, a name's before, or its own. */
static void owner_find(struct table *table, uint32_t number)
{
    struct hand_count *count = table->count;
    const char *name = table->pile->names[number - 1];
    for (uint32_t i = 0; i < table->contest->candidate_count; i++) {
        if (is_candidates_name(&table->contest->candidates[i], name)) {
            table->owners[number] = i;
            return;
        }
    }
    for (uint32_t i = table->contest->candidate_count; i < count->person_count; i++) {
        if (is_same_name(count->persons[i].name, name)) {
            table->owners[number] = i;
            return;
        }
    }
    bool is_adopted = number <= table->pile->adopted_count;
    table->owners[number] = count->person_count;
    count->persons[count->person_count++] = (struct hand_person){
        .candidate = -1, .name = name, .is_printed = is_adopted, .stands = is_adopted
    };
}

/* The person a candidate's place or an adopted line stands for. */
static struct hand_person *person_at(const struct table *table, uint32_t item)
{
    uint32_t candidates = table->pile->candidate_count;
    return &table->count->persons[item < candidates ? item : table->owners[item - candidates + 1]];
}

/* The number of the name on a line; 0: none, or the item is no line. */
static uint16_t name_on(const struct pile *pile, const uint16_t *card, uint32_t item)
{
    return pile_is_line(pile, item) && card[item] != PILE_NO_CHOICE ? card[item] : 0;
}

/* Whether one of the lines before `end` names the person. */
static bool is_named_before(const struct table *table, const uint16_t *card, uint32_t end,
                            uint32_t person)
{
    for (uint32_t item = 0; item < end; item++) {
        uint16_t name = name_on(table->pile, card, item);
        if (name != 0 && table->owners[name] == person) {
            return true;
        }
    }
    return false;
}

/* A name on the line `item` of the card: whom it selects, and whether the rest agrees. */
static void line_read(const struct table *table, const uint16_t *card, uint32_t item,
                      struct reading *reading)
{
    const struct pile *pile = table->pile;
    uint32_t person = table->owners[name_on(pile, card, item)];
    reading->written++;
    if (is_named_before(table, card, item, person)) {
        reading->is_unclear = true;
        return;
    }
    if (person < pile->candidate_count) {
        bool is_on_ballot = (pile->slate >> person & 1) != 0;
        reading->is_unclear |= !is_on_ballot;
        if (is_on_ballot && card[person] == CHOICE_FOR) {
            reading->is_unclear = true;
            return;
        }
        reading->is_unclear |= is_on_ballot && card[person] == CHOICE_AGAINST;
    }
    reading->selected++;
}

static void card_read(const struct table *table, const uint16_t *card, bool has_names,
                      struct reading *reading)
{
    const struct pile *pile = table->pile;
    memset(reading, 0, sizeof(*reading));
    for (uint32_t item = 0; item < pile->item_count; item++) {
        if (!pile_is_line(pile, item)) {
            reading->selected += card[item] == CHOICE_FOR ? 1 : 0;
            reading->crosses += card[item] == CHOICE_AGAINST ? 1 : 0;
        } else if (has_names && name_on(pile, card, item) != 0) {
            line_read(table, card, item, reading);
        }
    }
}

/* E7, then E5 with W7, then what contradicts itself (E8), then a card that selects nobody. */
static enum finding card_judge(const struct table *table, const uint16_t *card)
{
    const struct election_rules *rules = table->rules;
    struct reading reading;
    enum finding finding = FINDING_VALID;
    card_read(table, card, true, &reading);
    if (reading.selected > table->pile->seats) {
        return rules->over_selected == REMEDY_ADJUDICATE ? FINDING_DISPUTED : FINDING_VOID;
    }
    if (rules->write_in_needs_against && reading.written > reading.crosses &&
        rules->write_in_without_against != REMEDY_COUNT) {
        if (rules->write_in_without_against != REMEDY_DROP) {
            return rules->write_in_without_against == REMEDY_VOID ? FINDING_VOID : FINDING_DISPUTED;
        }
        card_read(table, card, false, &reading);
        finding = FINDING_WITHOUT_NAMES;
    } else if (reading.is_unclear) {
        return FINDING_DISPUTED;
    }
    if (reading.selected == 0 && rules->none_selected != REMEDY_COUNT) {
        return rules->none_selected == REMEDY_ADJUDICATE ? FINDING_DISPUTED : FINDING_VOID;
    }
    return finding;
}

/* A valid card: each who stands gets its mark; a candidate named on a line gets the name's vote. */
static void card_count(const struct table *table, const uint16_t *card, bool has_names)
{
    const struct pile *pile = table->pile;
    for (uint32_t item = 0; item < pile->item_count; item++) {
        uint16_t name = has_names ? name_on(pile, card, item) : 0;
        if (name != 0) {
            struct hand_person *person = &table->count->persons[table->owners[name]];
            person->votes++;
            person->stands = true;
        }
        bool is_candidate = item < pile->candidate_count;
        if (pile_is_line(pile, item) || (is_candidate && (pile->slate >> item & 1) == 0) ||
            (has_names && is_candidate && is_named_before(table, card, pile->item_count, item))) {
            continue;
        }
        struct hand_person *person = person_at(table, item);
        person->votes += card[item] == CHOICE_FOR ? 1 : 0;
        person->against += card[item] == CHOICE_AGAINST ? 1 : 0;
        person->abstain += card[item] != CHOICE_FOR && card[item] != CHOICE_AGAINST ? 1 : 0;
    }
}

static void election_cards(const struct table *table)
{
    struct hand_count *count = table->count;
    for (uint32_t seat = 0; seat < table->pile->seat_count; seat++) {
        const uint16_t *card = pile_card(table->pile, seat);
        if (card == NULL) {
            continue;
        }
        count->returned++;
        enum finding finding = card_judge(table, card);
        if (finding == FINDING_VOID) {
            count->void_count++;
        } else if (finding == FINDING_DISPUTED) {
            count->disputed++;
        } else {
            count->valid++;
            card_count(table, card, finding == FINDING_VALID);
        }
    }
}

static uint32_t base_of(const struct table *table, const struct hand_turnout *turnout,
                        enum base base)
{
    switch (base) {
    case BASE_REGISTERED:
        return turnout->registered;
    case BASE_PRESENT:
        return turnout->has_present ? turnout->present : turnout->registered;
    case BASE_ISSUED:
        return turnout->issued;
    case BASE_RETURNED:
        return table->count->returned;
    default:
        return table->count->valid;
    }
}

/* E9: more than half, as the rules say it. */
static bool is_enough(const struct threshold *share, uint64_t votes, uint64_t base)
{
    uint64_t has = votes * share->den;
    uint64_t needs = (uint64_t)share->num * base;
    return share->is_inclusive ? has >= needs : has > needs;
}

/* The votes of the one at `place` from the top among those who passed (E11). */
static uint32_t votes_at(const struct hand_count *count, const bool *has_passed, uint32_t place)
{
    for (uint32_t i = 0; i < count->person_count; i++) {
        uint32_t above = 0;
        uint32_t level = 0;
        for (uint32_t j = 0; j < count->person_count; j++) {
            if (has_passed[j]) {
                above += count->persons[j].votes > count->persons[i].votes ? 1 : 0;
                level += count->persons[j].votes == count->persons[i].votes ? 1 : 0;
            }
        }
        if (has_passed[i] && above <= place && place < above + level) {
            return count->persons[i].votes;
        }
    }
    return 0;
}

/* E9 to E13: who passes, then the first by votes, and those level at the cut go on to a run-off. */
static enum status election_decide(const struct table *table, const struct hand_turnout *turnout)
{
    struct hand_count *count = table->count;
    const struct election_rules *rules = table->rules;
    uint64_t base = base_of(table, turnout, rules->majority_base);
    bool needs_majority = table->pile->stage != STAGE_RUN_OFF || rules->run_off_needs_majority;
    uint32_t passed_count = 0;
    bool *has_passed = calloc(count->person_count + 1, sizeof(*has_passed));
    if (has_passed == NULL) {
        return STATUS_NOMEM;
    }
    for (uint32_t i = 0; i < count->person_count; i++) {
        struct hand_person *person = &count->persons[i];
        bool may_win = person->stands && person->votes > 0 &&
                       (person->is_printed || rules->write_in_is_candidate);
        has_passed[i] =
            may_win && (!needs_majority || is_enough(&rules->majority, person->votes, base));
        passed_count += has_passed[i] ? 1 : 0;
    }
    uint32_t seats = table->pile->seats;
    bool is_cut = passed_count > seats && seats > 0;
    uint32_t last_in = is_cut ? votes_at(count, has_passed, seats - 1) : 0;
    uint32_t first_out = is_cut ? votes_at(count, has_passed, seats) : 0;
    for (uint32_t i = 0; i < count->person_count && seats > 0; i++) {
        struct hand_person *person = &count->persons[i];
        if (!has_passed[i] || (is_cut && person->votes < last_in)) {
            continue;
        }
        bool is_level = is_cut && last_in == first_out && person->votes == last_in;
        person->outcome = is_level ? HAND_TIED : HAND_ELECTED;
    }
    free(has_passed);
    return STATUS_OK;
}

static void motion_cards(const struct table *table)
{
    struct hand_count *count = table->count;
    struct hand_person *person = &count->persons[0];
    for (uint32_t seat = 0; seat < table->pile->seat_count; seat++) {
        const uint16_t *card = pile_card(table->pile, seat);
        if (card == NULL) {
            continue;
        }
        count->returned++;
        count->valid++;
        person->votes += card[0] == CHOICE_FOR ? 1 : 0;
        person->against += card[0] == CHOICE_AGAINST ? 1 : 0;
        person->abstain += card[0] == CHOICE_ABSTAIN ? 1 : 0;
    }
}

/* What an item of a poll's card chooses: an option, or a name that is not on it yet; or NULL. */
static struct hand_person *chosen_by(const struct table *table, const uint16_t *card, uint32_t item)
{
    struct hand_person *persons = table->count->persons;
    if (!pile_is_line(table->pile, item)) {
        return card[item] == CHOICE_CHOSEN ? &persons[item] : NULL;
    }
    uint16_t name = name_on(table->pile, card, item);
    if (name == 0) {
        return NULL;
    }
    uint32_t person = table->owners[name];
    bool is_chosen = person < table->pile->candidate_count && card[person] == CHOICE_CHOSEN;
    return is_chosen || is_named_before(table, card, item, person) ? NULL : &persons[person];
}

/* A card that chooses more than it may, options and names together, is void. */
static void poll_cards(const struct table *table)
{
    const struct pile *pile = table->pile;
    struct hand_count *count = table->count;
    for (uint32_t seat = 0; seat < pile->seat_count; seat++) {
        const uint16_t *card = pile_card(pile, seat);
        uint32_t chosen = 0;
        for (uint32_t item = 0; card != NULL && item < pile->item_count; item++) {
            chosen += chosen_by(table, card, item) != NULL ? 1 : 0;
        }
        if (card == NULL) {
            continue;
        }
        count->returned++;
        if (chosen > pile->seats) {
            count->void_count++;
            continue;
        }
        count->valid++;
        for (uint32_t item = 0; item < pile->item_count; item++) {
            struct hand_person *person = chosen_by(table, card, item);
            if (person != NULL) {
                person->votes++;
                person->stands = true;
            }
        }
    }
}

/* Whose each name is; a table has every name of its pile. */
static void owners_find(struct table *table)
{
    for (uint32_t number = 1; number <= table->pile->name_count; number++) {
        owner_find(table, number);
    }
}

static enum status election_count(struct table *table, const struct hand_turnout *turnout,
                                  bool is_void, struct fault *fault)
{
    const char *id = table->contest->id;
    if (table->contest->rules == NULL || table->contest->rules->kind != CONTEST_ELECTION) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "the rules of contest '%s' are not published",
                         id);
    }
    if (!turnout->is_known) {
        return fault_set(fault, STATUS_NOT_FOUND, "",
                         "the turnout of a round of contest '%s' could not be fetched", id);
    }
    table->rules = &table->contest->rules->election;
    owners_find(table);
    election_cards(table);
    /* E6: more came back than may. */
    bool is_over = table->count->returned > base_of(table, turnout, table->rules->cap);
    return is_void || is_over ? STATUS_OK : election_decide(table, turnout);
}

enum status hand_count_run(const struct pile *pile, const struct contest *contest,
                           const struct hand_turnout *turnout, bool is_void,
                           struct hand_count *count, struct fault *fault)
{
    memset(count, 0, sizeof(*count));
    if (contest->kind != pile->kind || contest_item_count(contest) != pile->item_count ||
        (pile->kind != CONTEST_MOTION && contest->candidate_count != pile->candidate_count)) {
        return fault_set(fault, STATUS_NOT_FOUND, "",
                         "contest '%s' is another one than the hall voted in", contest->id);
    }
    struct table table = { .pile = pile, .contest = contest, .count = count };
    table.owners = calloc(pile->name_count + 1u, sizeof(*table.owners));
    count->persons = calloc(pile->item_count + pile->name_count, sizeof(*count->persons));
    if (table.owners == NULL || count->persons == NULL) {
        free(table.owners);
        hand_count_finish(count);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a count");
    }
    count->person_count = pile->kind == CONTEST_MOTION ? 1 : pile->candidate_count;
    for (uint32_t i = 0; i < count->person_count; i++) {
        count->persons[i].candidate = (int32_t)i;
        count->persons[i].is_printed = pile->kind == CONTEST_MOTION || (pile->slate >> i & 1);
        count->persons[i].stands = count->persons[i].is_printed;
    }
    enum status status = STATUS_OK;
    if (pile->kind == CONTEST_ELECTION) {
        status = election_count(&table, turnout, is_void, fault);
    } else if (pile->kind == CONTEST_POLL) {
        owners_find(&table);
        poll_cards(&table);
    } else {
        motion_cards(&table);
    }
    free(table.owners);
    if (status != STATUS_OK) {
        hand_count_finish(count);
    }
    return status;
}

void hand_count_finish(struct hand_count *count)
{
    free(count->persons);
    memset(count, 0, sizeof(*count));
}
