#include "clients/hall/pile.h"

#include <stdlib.h>
#include <string.h>

/* The number of `name` in the table, put there if it is new. */
static enum status name_number(struct pile *pile, const char *name, uint16_t *number)
{
    for (uint32_t i = 0; i < pile->name_count; i++) {
        if (strcmp(pile->names[i], name) == 0) {
            *number = (uint16_t)(i + 1);
            return STATUS_OK;
        }
    }
    size_t size = strlen(name) + 1;
    if (pile->name_count == WRITTEN_NAME_MAX || size > WRITTEN_NAME_SIZE) {
        return STATUS_LIMIT;
    }
    if (pile->name_count == pile->name_capacity) {
        uint32_t wanted = pile->name_capacity == 0 ? 16 : pile->name_capacity * 2;
        void *grown = reallocarray(pile->names, wanted, sizeof(*pile->names));
        if (grown == NULL) {
            return STATUS_NOMEM;
        }
        pile->names = grown;
        pile->name_capacity = wanted;
    }
    memcpy(pile->names[pile->name_count++], name, size);
    *number = (uint16_t)pile->name_count;
    return STATUS_OK;
}

struct pile *pile_create(const struct round_notice *round, uint32_t seat_count)
{
    struct pile *pile = calloc(1, sizeof(*pile));
    if (pile == NULL) {
        return NULL;
    }
    pile->kind = round->kind;
    pile->stage = round->stage;
    pile->seats = round->seats;
    pile->slate = round->slate;
    pile->candidate_count = round->candidate_count;
    pile->item_count = round->item_count;
    pile->choice_count = round->grade_count;
    pile->seat_count = seat_count;
    size_t mark_count = (size_t)seat_count * round->item_count;
    pile->has_card = calloc(seat_count, sizeof(*pile->has_card));
    pile->versions = calloc(mark_count, sizeof(*pile->versions));
    pile->choices = malloc(mark_count * sizeof(*pile->choices));
    if (pile->has_card == NULL || pile->versions == NULL || pile->choices == NULL) {
        pile_destroy(pile);
        return NULL;
    }
    memset(pile->choices, 0xff, mark_count * sizeof(*pile->choices)); /* PILE_NO_CHOICE */
    for (uint32_t i = 0; i < round->adopted_count && i < WRITE_IN_MAX; i++) {
        uint16_t number;
        if (name_number(pile, round->adopted[i], &number) != STATUS_OK) {
            pile_destroy(pile);
            return NULL;
        }
    }
    pile->adopted_count = pile->name_count;
    return pile;
}

void pile_destroy(struct pile *pile)
{
    if (pile == NULL) {
        return;
    }
    free(pile->has_card);
    free(pile->versions);
    free(pile->choices);
    free(pile->names);
    free(pile);
}

bool pile_is_line(const struct pile *pile, uint32_t item)
{
    return (pile->kind == CONTEST_ELECTION || pile->kind == CONTEST_POLL) &&
           item >= pile->candidate_count + pile->adopted_count;
}

enum status pile_put(struct pile *pile, uint32_t seat, uint32_t version,
                     const struct ballot *ballot)
{
    uint16_t numbers[WRITE_IN_MAX + 1] = { 0 };
    if (seat >= pile->seat_count) {
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < ballot->name_count && i < WRITE_IN_MAX; i++) {
        enum status status = name_number(pile, ballot->names[i], &numbers[i + 1]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    size_t first = (size_t)seat * pile->item_count;
    for (uint32_t i = 0; i < ballot->mark_count; i++) {
        const struct ballot_mark *mark = &ballot->marks[i];
        bool is_line = pile_is_line(pile, mark->item);
        uint32_t choice_count = is_line ? ballot->name_count + 1 : pile->choice_count;
        if (mark->item >= pile->item_count || mark->choice >= choice_count ||
            version <= pile->versions[first + mark->item]) {
            continue;
        }
        pile->versions[first + mark->item] = version;
        pile->choices[first + mark->item] = is_line ? numbers[mark->choice] : mark->choice;
        pile->has_card[seat] = true;
    }
    return STATUS_OK;
}

const uint16_t *pile_card(const struct pile *pile, uint32_t seat)
{
    return seat < pile->seat_count && pile->has_card[seat]
               ? &pile->choices[(size_t)seat * pile->item_count]
               : NULL;
}
