#include "clients/ctl/roll_call.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clients/ctl/csv.h"
#include "server/model/rules.h"

struct entry {
    uint32_t seat;
    uint32_t card;
};

static int entry_compare(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    return (left->seat > right->seat) - (left->seat < right->seat);
}

/* The seat of a named slot: its last four bytes, big endian. */
static uint32_t slot_seat(const uint8_t *slot)
{
    uint32_t seat = 0;
    for (size_t i = SLOT_SIZE - 4; i < SLOT_SIZE; i++) {
        seat = seat << 8 | slot[i];
    }
    return seat;
}

static void card_print(const struct sitting *sitting, const struct round *round,
                       const struct entry *entry, FILE *file)
{
    const struct event *event = sitting_event(sitting);
    const struct contest *contest = &event->contests[round->contest];
    struct card card;
    ballot_box_card(round->ballots, entry->card, &card);
    for (uint32_t item = 0; item < round->tally.item_count; item++) {
        uint16_t choice = card.choices[item];
        bool is_line = sitting_round_is_line(sitting, round, item);
        const char *name = is_line ? sitting_name(sitting, round->contest, choice) : NULL;
        char buffer[ID_SIZE];
        if (choice == CHOICE_NONE || (is_line && name == NULL)) {
            continue;
        }
        fprintf(file, "%" PRIu32 ",%s,%s,%" PRIu32 ",%s,%s,%s,", round->number, contest->id,
                contest->kind == CONTEST_APPRAISAL ? contest->subjects[round->subject].id : "",
                entry->seat, card.group < event->group_count ? event->groups[card.group].id : "",
                contest_item_id(contest, item, buffer),
                is_line ? "" : contest_choice_id(contest, choice));
        csv_text(file, name != NULL ? name : "");
        csv_line_end(file);
    }
}

static void round_print(const struct sitting *sitting, const struct round *round, FILE *file)
{
    uint32_t count = ballot_box_card_count(round->ballots);
    struct entry *entries = calloc(count + 1u, sizeof(*entries));
    for (uint32_t i = 0; entries != NULL && i < count; i++) {
        entries[i] = (struct entry){ slot_seat(ballot_box_slot(round->ballots, i)), i };
    }
    if (entries != NULL) {
        qsort(entries, count, sizeof(*entries), entry_compare);
    }
    for (uint32_t i = 0; entries != NULL && i < count; i++) {
        card_print(sitting, round, &entries[i], file);
    }
    free(entries);
}

uint32_t roll_call_print(const struct sitting *sitting, FILE *file)
{
    uint32_t named_count = 0;
    fputs(CSV_BYTE_ORDER_MARK "round,contest,subject,seat,group,item,choice,name", file);
    csv_line_end(file);
    for (uint32_t number = 1; number <= sitting_round_count(sitting); number++) {
        const struct round *round = sitting_round(sitting, number);
        const struct rules *rules = sitting_event(sitting)->contests[round->contest].rules;
        if (rules->secrecy == SECRECY_NAMED && round_state_is_over(round->state) &&
            round->state != ROUND_VOID) {
            round_print(sitting, round, file);
            named_count++;
        }
    }
    return named_count;
}
