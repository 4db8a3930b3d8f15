#include "clients/ctl/cards.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/ctl/csv_lines.h"

enum field { FIELD_CARD, FIELD_GROUP, FIELD_SUBJECT, FIELD_ITEM, FIELD_CHOICE, FIELD_TEXT };
#define FIELD_COUNT 6
static const char *const field_names[FIELD_COUNT] = { "card", "group",  "subject",
                                                      "item", "choice", "text" };

enum remark { REMARK_NONE = 0, REMARK_BLANK, REMARK_MARKED, REMARK_ILLEGIBLE };
static const char *const remark_names[] = { "", "blank", "marked", "illegible" };
static const uint8_t remark_marks[] = { CARD_PLAIN, CARD_PLAIN, CARD_MARKED, CARD_ILLEGIBLE };
#define REMARK_COUNT (sizeof(remark_names) / sizeof(remark_names[0]))
#define RULING_PREFIX "ruling-"

/* What reading needs besides its result. */
struct cards_reader {
    const char *path;
    const struct cards_ballot *ballot;
    struct cards *cards;
    struct fault_list *faults;
    uint32_t line;
    uint32_t capacity; /* of entries and choices */
    uint32_t *table;   /* index + 1 of an entry by (id, subject); 0: free */
    uint32_t table_size;
    uint32_t *subject_counts;
};

#define WRONG(reader, status, ...) (wrong_add(reader, status, __VA_ARGS__), false)

__attribute__((format(printf, 3, 4))) static void
wrong_add(struct cards_reader *reader, enum status status, const char *format, ...)
{
    char where[160];
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0) {
        text[0] = '\0';
    }
    va_end(arguments);
    snprintf(where, sizeof(where), "%.140s:%u", reader->path, reader->line);
    fault_list_add(reader->faults, status, where, "%s", text);
}

/* Where the card is in the table, or would be. */
static uint32_t *table_find(struct cards_reader *reader, const char *id, uint32_t subject)
{
    uint32_t mask = reader->table_size - 1;
    uint32_t at = text_hash(id, subject * 2654435761u) & mask;
    while (reader->table[at] != 0) {
        const struct cards_entry *entry = &reader->cards->entries[reader->table[at] - 1];
        if (entry->subject == subject && strcmp(entry->id, id) == 0) {
            break;
        }
        at = (at + 1) & mask;
    }
    return &reader->table[at];
}

/* Room for one more entry, with the table at most half full. */
static bool room_make(struct cards_reader *reader)
{
    struct cards *cards = reader->cards;
    if (cards->count < reader->capacity) {
        return true;
    }
    uint32_t capacity = reader->capacity > 0 ? 2 * reader->capacity : 1024;
    struct cards_entry *entries = realloc(cards->entries, capacity * sizeof(*entries));
    cards->entries = entries != NULL ? entries : cards->entries;
    uint16_t *choices =
        realloc(cards->choices, (size_t)capacity * cards->item_count * sizeof(*choices));
    cards->choices = choices != NULL ? choices : cards->choices;
    uint32_t *table = calloc(2 * (size_t)capacity, sizeof(*table));
    if (entries == NULL || choices == NULL || table == NULL) {
        free(table);
        return false;
    }
    free(reader->table);
    reader->capacity = capacity;
    reader->table = table;
    reader->table_size = 2 * capacity;
    for (uint32_t i = 0; i < cards->count; i++) {
        *table_find(reader, cards->entries[i].id, cards->entries[i].subject) = i + 1;
    }
    return true;
}

static bool card_add(struct cards_reader *reader, const char *id, uint32_t subject, uint32_t group)
{
    struct cards *cards = reader->cards;
    if (cards->count == CARDS_MAX) {
        return WRONG(reader, STATUS_LIMIT, "one card too many: a file has at most %u", CARDS_MAX);
    }
    if (reader->subject_counts[subject] == SEAT_MAX) {
        return WRONG(reader, STATUS_LIMIT, "one card too many: at most %u of a subject", SEAT_MAX);
    }
    if (!room_make(reader)) {
        return WRONG(reader, STATUS_NOMEM, "no memory for %u cards", cards->count + 1);
    }
    cards->entries[cards->count] = (struct cards_entry){
        .id = id, .line = reader->line, .subject = subject, .group = (uint8_t)group
    };
    uint16_t *choices = cards->choices + (size_t)cards->count * cards->item_count;
    for (uint32_t item = 0; item < cards->item_count; item++) {
        choices[item] = CHOICE_NONE;
    }
    uint32_t of_subject = ++reader->subject_counts[subject];
    cards->most = of_subject > cards->most ? of_subject : cards->most;
    cards->count++;
    *table_find(reader, id, subject) = cards->count;
    return true;
}

static bool card_find(struct cards_reader *reader, const char *id, uint32_t subject, uint32_t group,
                      uint32_t *index)
{
    uint32_t found = reader->table_size > 0 ? *table_find(reader, id, subject) : 0;
    if (found == 0) {
        if (!card_add(reader, id, subject, group)) {
            return false;
        }
        found = reader->cards->count;
    }
    const struct cards_entry *entry = &reader->cards->entries[found - 1];
    *index = found - 1;
    return entry->group == group ||
           WRONG(reader, STATUS_INVALID, "card '%s' is of group '%s' in line %u", id,
                 reader->ballot->event->groups[entry->group].id, entry->line);
}

static bool place_read(struct cards_reader *reader, char **fields, uint32_t *group,
                       uint32_t *subject)
{
    const struct cards_ballot *ballot = reader->ballot;
    const char *id = fields[FIELD_GROUP];
    uint32_t length = text_length(fields[FIELD_CARD]);
    if (length < 1 || length > CARD_ID_CODEPOINT_MAX) {
        return WRONG(reader, STATUS_INVALID, "card '%s': must be 1 to %u characters",
                     fields[FIELD_CARD], CARD_ID_CODEPOINT_MAX);
    }
    for (*group = 0; *group < ballot->event->group_count; (*group)++) {
        if (strcmp(ballot->event->groups[*group].id, id) == 0) {
            break;
        }
    }
    if (*group == ballot->event->group_count) {
        return WRONG(reader, STATUS_INVALID, "unknown group '%s'", id);
    }
    if (ballot->event->groups[*group].is_test) {
        return WRONG(reader, STATUS_INVALID, "group '%s' is for trying out: nothing of it counts",
                     id);
    }
    *subject = 0;
    if (ballot->contest->kind != CONTEST_APPRAISAL) {
        return fields[FIELD_SUBJECT][0] == '\0' ||
               WRONG(reader, STATUS_INVALID, "subject '%s': only appraisals have any",
                     fields[FIELD_SUBJECT]);
    }
    int32_t index = contest_find_subject(ballot->contest, fields[FIELD_SUBJECT]);
    *subject = index >= 0 ? (uint32_t)index : 0;
    return index >= 0 ||
           WRONG(reader, STATUS_INVALID, "unknown subject '%s'", fields[FIELD_SUBJECT]);
}

static bool ruling_read(struct cards_reader *reader, struct cards_entry *entry, const char *word)
{
    enum ruling ruling = ruling_parse(word);
    if (ruling == RULING_INVALID) {
        return WRONG(reader, STATUS_INVALID, "unknown ruling '%s': must be count, drop or void",
                     word);
    }
    if (reader->ballot->contest->kind != CONTEST_ELECTION) {
        return WRONG(reader, STATUS_INVALID, "card '%s': only ballots of elections are ruled on",
                     entry->id);
    }
    if (entry->ruling != RULING_INVALID) {
        return WRONG(reader, STATUS_INVALID, "card '%s' has a ruling in line %u already", entry->id,
                     entry->ruling_line);
    }
    entry->ruling = (uint8_t)ruling;
    entry->ruling_line = reader->line;
    return true;
}

/* Whether anything is marked on the card. */
static bool card_has_marks(const struct cards *cards, uint32_t index)
{
    const uint16_t *choices = cards->choices + (size_t)index * cards->item_count;
    for (uint32_t item = 0; item < cards->item_count; item++) {
        if (choices[item] != CHOICE_NONE) {
            return true;
        }
    }
    return false;
}

/* A line without an item: what is to be said of the whole card. */
static bool remark_read(struct cards_reader *reader, char **fields, uint32_t index)
{
    struct cards_entry *entry = &reader->cards->entries[index];
    const char *word = fields[FIELD_CHOICE];
    if (fields[FIELD_TEXT][0] != '\0') {
        return WRONG(reader, STATUS_INVALID, "text '%s': only a line for other names has one",
                     fields[FIELD_TEXT]);
    }
    if (strncmp(word, RULING_PREFIX, strlen(RULING_PREFIX)) == 0) {
        return ruling_read(reader, entry, word + strlen(RULING_PREFIX));
    }
    for (uint32_t remark = REMARK_BLANK; remark < REMARK_COUNT; remark++) {
        if (strcmp(word, remark_names[remark]) != 0) {
            continue;
        }
        if (entry->remark != REMARK_NONE) {
            return WRONG(reader, STATUS_INVALID, "card '%s' is '%s' already", entry->id,
                         remark_names[entry->remark]);
        }
        if (remark == REMARK_BLANK && card_has_marks(reader->cards, index)) {
            return WRONG(reader, STATUS_INVALID, "card '%s' has marks: it is not blank", entry->id);
        }
        entry->remark = (uint8_t)remark;
        entry->mark = remark_marks[remark];
        return true;
    }
    return WRONG(reader, STATUS_INVALID,
                 "'%s' without an item: must be blank, marked, illegible or ruling-…", word);
}

/* The choice of a line that names an item; CHOICE_NONE after a fault. */
static uint16_t choice_read(struct cards_reader *reader, char **fields, uint32_t item)
{
    const struct cards_ballot *ballot = reader->ballot;
    const struct contest *contest = ballot->contest;
    bool is_ballot = contest->kind == CONTEST_ELECTION;
    bool is_line = (is_ballot || contest->kind == CONTEST_POLL) && item >= contest->candidate_count;
    uint32_t line = is_line ? item - contest->candidate_count : 0;
    const char *word = fields[FIELD_CHOICE];
    if (is_line && ballot->slate.adopted[line] == 0) {
        struct fault fault = { 0 };
        uint16_t number = 0;
        const char *only = is_ballot ? "for" : "chosen";
        if (word[0] != '\0' && strcmp(word, only) != 0) {
            wrong_add(reader, STATUS_INVALID, "choice '%s': a name written in is %s", word, only);
            return CHOICE_NONE;
        }
        if (names_number(&reader->cards->names, fields[FIELD_TEXT], &number, &fault) != STATUS_OK) {
            wrong_add(reader, fault.status, "%s", fault.text);
            return CHOICE_NONE;
        }
        return number;
    }
    int32_t choice = contest_find_choice(contest, word);
    if (fields[FIELD_TEXT][0] != '\0') {
        wrong_add(reader, STATUS_INVALID, "text '%s': only a line for other names has one",
                  fields[FIELD_TEXT]);
    } else if (!is_line && is_ballot && (ballot->slate.candidates >> item & 1) == 0) {
        wrong_add(reader, STATUS_INVALID, "candidate '%s' does not stand in this round",
                  fields[FIELD_ITEM]);
    } else if (choice < 0) {
        wrong_add(reader, STATUS_INVALID, "unknown choice '%s'", word);
    } else {
        return (uint16_t)choice;
    }
    return CHOICE_NONE;
}

static void mark_read(struct cards_reader *reader, char **fields, uint32_t index)
{
    const struct cards_entry *entry = &reader->cards->entries[index];
    int32_t item = contest_find_item(reader->ballot->contest, fields[FIELD_ITEM]);
    if (item < 0) {
        wrong_add(reader, STATUS_INVALID, "unknown item '%s'", fields[FIELD_ITEM]);
        return;
    }
    if (entry->remark == REMARK_BLANK) {
        wrong_add(reader, STATUS_INVALID, "card '%s' is blank: it has no marks", entry->id);
        return;
    }
    uint16_t *place =
        &reader->cards->choices[(size_t)index * reader->cards->item_count + (uint32_t)item];
    uint16_t choice = choice_read(reader, fields, (uint32_t)item);
    if (choice != CHOICE_NONE && *place != CHOICE_NONE) {
        wrong_add(reader, STATUS_INVALID, "card '%s' has a mark on '%s' already", entry->id,
                  fields[FIELD_ITEM]);
        return;
    }
    *place = choice != CHOICE_NONE ? choice : *place;
}

static void line_read(struct cards_reader *reader, char **fields, uint32_t count)
{
    uint32_t group;
    uint32_t subject;
    uint32_t index;
    if (count != FIELD_COUNT) {
        wrong_add(reader, STATUS_INVALID, "%u fields: must be card,group,subject,item,choice,text",
                  count);
        return;
    }
    if (!place_read(reader, fields, &group, &subject) ||
        !card_find(reader, fields[FIELD_CARD], subject, group, &index)) {
        return;
    }
    if (fields[FIELD_ITEM][0] == '\0') {
        (void)remark_read(reader, fields, index);
    } else {
        mark_read(reader, fields, index);
    }
}

/* Whether the first line is the header. */
static bool header_read(struct cards_reader *reader, struct csv *csv)
{
    char *fields[CSV_FIELD_MAX];
    uint32_t count;
    const char *wrong;
    enum status status = csv_next(csv, fields, &count, &wrong);
    bool is_header = status == STATUS_OK && count == FIELD_COUNT;
    for (uint32_t i = 0; is_header && i < FIELD_COUNT; i++) {
        is_header = strcmp(fields[i], field_names[i]) == 0;
    }
    reader->line = csv->line > 0 ? csv->line : 1;
    return is_header ||
           WRONG(reader, STATUS_INVALID,
                 "no file of cards: it must begin with card,group,subject,item,choice,text");
}

static void lines_read(struct cards_reader *reader, struct csv *csv)
{
    char *fields[CSV_FIELD_MAX];
    uint32_t count;
    const char *wrong;
    enum status status;
    if (!header_read(reader, csv)) {
        return;
    }
    while ((status = csv_next(csv, fields, &count, &wrong)) != STATUS_NOT_FOUND) {
        reader->line = csv->line;
        if (status == STATUS_OK) {
            line_read(reader, fields, count);
        } else {
            wrong_add(reader, status, "%s", wrong);
        }
    }
}

/* The names that are on the ballot have the first numbers. */
static void adopted_names_put(struct cards_reader *reader)
{
    for (uint32_t i = 0; i < reader->ballot->name_count; i++) {
        char text[WRITTEN_NAME_SIZE];
        struct fault fault = { 0 };
        uint16_t number = 0;
        snprintf(text, sizeof(text), "%s", reader->ballot->names[i]);
        if (names_number(&reader->cards->names, text, &number, &fault) != STATUS_OK) {
            wrong_add(reader, fault.status, "%s", fault.text);
        } else if (number != i + 1) {
            wrong_add(reader, STATUS_INVALID, "name '%s' is on the ballot twice", text);
        }
    }
}

/* Takes `text`, which has a byte of room after `size`. */
static enum status cards_take(const char *path, char *text, size_t size,
                              const struct cards_ballot *ballot, struct cards *cards,
                              struct fault_list *faults)
{
    struct cards_reader reader = { path, ballot, cards, faults, .line = 1 };
    uint32_t subject_count = ballot->contest->subject_count;
    struct csv csv;
    memset(cards, 0, sizeof(*cards));
    cards->text = text;
    cards->item_count = contest_item_count(ballot->contest);
    reader.subject_counts = calloc(subject_count > 0 ? subject_count : 1, sizeof(uint32_t));
    if (names_init(&cards->names) != STATUS_OK || reader.subject_counts == NULL) {
        fault_list_add(faults, STATUS_NOMEM, path, "no memory");
    } else {
        adopted_names_put(&reader);
        csv_init(&csv, text, size);
        lines_read(&reader, &csv);
    }
    free(reader.table);
    free(reader.subject_counts);
    if (faults->count > 0) {
        cards_finish(cards);
        return faults->faults[0].status;
    }
    return STATUS_OK;
}

enum status cards_parse(const char *path, const char *text, size_t size,
                        const struct cards_ballot *ballot, struct cards *cards,
                        struct fault_list *faults)
{
    char *copy = size <= CARDS_SIZE_MAX ? malloc(size + 1) : NULL;
    memset(cards, 0, sizeof(*cards));
    if (copy == NULL) {
        enum status status = size > CARDS_SIZE_MAX ? STATUS_LIMIT : STATUS_NOMEM;
        fault_list_add(faults, status, path,
                       size > CARDS_SIZE_MAX ? "too large: at most 128 MiB" : "no memory");
        return status;
    }
    memcpy(copy, text, size);
    return cards_take(path, copy, size, ballot, cards, faults);
}

enum status cards_read(const char *path, const struct cards_ballot *ballot, struct cards *cards,
                       struct fault_list *faults)
{
    char *text = NULL;
    size_t size = 0;
    struct fault fault = { 0 };
    memset(cards, 0, sizeof(*cards));
    if (csv_file_read(path, CARDS_SIZE_MAX, &text, &size, &fault) != STATUS_OK) {
        fault_list_add(faults, fault.status, fault.where, "%s", fault.text);
        return fault.status;
    }
    return cards_take(path, text, size, ballot, cards, faults);
}

void cards_finish(struct cards *cards)
{
    free(cards->entries);
    free(cards->choices);
    free(cards->text);
    names_finish(&cards->names);
    memset(cards, 0, sizeof(*cards));
}

void cards_get(const struct cards *cards, uint32_t index, struct card *card)
{
    const struct cards_entry *entry = &cards->entries[index];
    assert(index < cards->count);
    card->group = entry->group;
    card->mark = (enum card_mark_kind)entry->mark;
    memcpy(card->choices, cards->choices + (size_t)index * cards->item_count,
           cards->item_count * sizeof(card->choices[0]));
}
