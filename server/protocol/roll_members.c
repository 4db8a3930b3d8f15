#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/model/utf8.h"
#include "server/protocol/roll_parts.h"

/* What the columns of a roll mean, and its members. */

enum column {
    COLUMN_GROUP = 0,
    COLUMN_NAME,
    COLUMN_VOTES,
    COLUMN_CREDENTIAL,
    COLUMN_SEAT,
    COLUMN_COUNT
};

static const struct {
    const char *word;
    enum column column;
} column_words[] = {
    { "类别", COLUMN_GROUP },        { "代表类别", COLUMN_GROUP },
    { "group", COLUMN_GROUP },       { "姓名", COLUMN_NAME },
    { "name", COLUMN_NAME },         { "表决权", COLUMN_VOTES },
    { "votes", COLUMN_VOTES },       { "凭证", COLUMN_CREDENTIAL },
    { "表决器", COLUMN_CREDENTIAL }, { "credential", COLUMN_CREDENTIAL },
    { "座位", COLUMN_SEAT },         { "seat", COLUMN_SEAT },
};

static const char *const column_names[COLUMN_COUNT] = { "类别 or group", "姓名 or name",
                                                        "表决权 or votes", "凭证 or credential",
                                                        "座位 or seat" };

#define WORD_COUNT(words) (sizeof(words) / sizeof((words)[0]))

/* A roll while it is read. places: the field of each column, -1 where there is none. */
struct intake {
    struct roll_reader *reader;
    const struct event *event;
    int places[COLUMN_COUNT];
    uint32_t column_count;
    struct member *members;
    uint32_t count;
    uint32_t capacity;
    char ignored[256];
};

static void ignore(struct intake *list, const char *word)
{
    size_t used = strlen(list->ignored);
    size_t room = sizeof(list->ignored) - used;

    if (*word != '\0' && strlen(word) + 3 <= room) {
        snprintf(list->ignored + used, room, "%s%s", used > 0 ? ", " : "", word);
    }
}

static void header_read(struct intake *list, const struct row *row)
{
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        list->places[c] = -1;
    }
    list->column_count = row->field_count;
    for (uint32_t i = 0; i < row->field_count; i++) {
        size_t w = 0;

        while (w < WORD_COUNT(column_words) &&
               strcasecmp(column_words[w].word, row->fields[i]) != 0) {
            w++;
        }
        if (w == WORD_COUNT(column_words)) {
            ignore(list, row->fields[i]);
            continue;
        }
        if (list->places[column_words[w].column] >= 0) {
            (void)roll_fault(list->reader, STATUS_INVALID, row->line, "two columns '%s'",
                             column_names[column_words[w].column]);
        }
        list->places[column_words[w].column] = (int)i;
    }
    for (size_t c = COLUMN_GROUP; c <= COLUMN_NAME; c++) {
        if (list->places[c] < 0) {
            (void)roll_fault(list->reader, STATUS_INVALID, row->line, "no column '%s'",
                             column_names[c]);
        }
    }
}

/* The field of a column, "" where the row is too short. */
static const char *field_of(const struct intake *list, const struct row *row, enum column column)
{
    int place = list->places[column];

    return place >= 0 && (uint32_t)place < row->field_count ? row->fields[place] : "";
}

static bool group_read(struct intake *list, const struct row *row, struct member *member)
{
    const char *word = field_of(list, row, COLUMN_GROUP);

    for (uint32_t g = 0; g < list->event->group_count; g++) {
        const struct group *group = &list->event->groups[g];

        if (strcmp(group->id, word) == 0 || strcmp(group->label.zh, word) == 0 ||
            (group->label.en[0] != '\0' && strcasecmp(group->label.en, word) == 0)) {
            member->group = g;
            return true;
        }
    }
    if (*word == '\0') {
        return roll_fault(list->reader, STATUS_INVALID, row->line, "names no group");
    }
    return roll_fault(list->reader, STATUS_INVALID, row->line, "the event has no group '%.*s'",
                      (int)utf8_cut(word, 64), word);
}

static bool name_read(struct intake *list, const struct row *row, struct member *member)
{
    const char *name = field_of(list, row, COLUMN_NAME);
    size_t size = strlen(name);
    size_t count = 0;

    if (size == 0) {
        return roll_fault(list->reader, STATUS_INVALID, row->line, "has no name");
    }
    for (size_t i = 0; i < size; count++) {
        uint32_t codepoint;
        size_t step = utf8_next(name + i, size - i, &codepoint);

        if (step == 0 || utf8_is_control(codepoint)) {
            return roll_fault(list->reader, STATUS_INVALID, row->line,
                              "the name has the control character U+%04X", (unsigned)codepoint);
        }
        i += step;
    }
    if (count > LABEL_CODEPOINT_MAX) {
        return roll_fault(list->reader, STATUS_INVALID, row->line,
                          "the name has %zu characters, more than %d", count, LABEL_CODEPOINT_MAX);
    }
    memcpy(member->name, name, size + 1);
    return true;
}

static bool votes_read(struct intake *list, const struct row *row, struct member *member)
{
    static const char *const yes[] = { "是", "有", "yes", "1" };
    static const char *const no[] = { "否", "无", "no", "0" };
    const char *word = field_of(list, row, COLUMN_VOTES);

    member->has_vote = true;
    if (list->places[COLUMN_VOTES] < 0) {
        return true;
    }
    for (size_t i = 0; i < WORD_COUNT(yes); i++) {
        if (strcasecmp(word, yes[i]) == 0) {
            return true;
        }
        if (strcasecmp(word, no[i]) == 0) {
            member->has_vote = false;
            return true;
        }
    }
    return roll_fault(list->reader, STATUS_INVALID, row->line,
                      "the right to vote must be 是, 有, yes, 1 or 否, 无, no, 0");
}

static bool credential_read(struct intake *list, const struct row *row, struct member *member)
{
    const char *word = field_of(list, row, COLUMN_CREDENTIAL);
    size_t size = strlen(word);
    size_t count = 0;

    for (size_t i = 0; i < size; i++) {
        if (!isalnum((unsigned char)word[i]) && word[i] != '-') {
            return roll_fault(list->reader, STATUS_INVALID, row->line,
                              "the credential has other characters than A-Z, 0-9 and -");
        }
        count += word[i] != '-';
    }
    if (size >= CREDENTIAL_SIZE) {
        return roll_fault(list->reader, STATUS_INVALID, row->line,
                          "the credential has %zu characters, more than %d", size,
                          CREDENTIAL_SIZE - 1);
    }
    if (size > 0 && count < CREDENTIAL_LEAST) {
        return roll_fault(list->reader, STATUS_INVALID, row->line,
                          "the credential has %zu characters but -, fewer than %d", count,
                          CREDENTIAL_LEAST);
    }
    memcpy(member->credential, word, size + 1);
    return true;
}

static bool has_room(struct intake *list, const struct row *row)
{
    uint32_t capacity = list->capacity > 0 ? 2 * list->capacity : 256;
    struct member *members;

    if (list->count < list->capacity) {
        return true;
    }
    if (list->count == SEAT_MAX) {
        return roll_fault(list->reader, STATUS_LIMIT, row->line, "more than %d members", SEAT_MAX);
    }
    capacity = capacity < SEAT_MAX ? capacity : SEAT_MAX;
    members = realloc(list->members, capacity * sizeof(*members));
    if (!members) {
        return roll_fault(list->reader, STATUS_NOMEM, row->line, "no memory for the roll");
    }
    list->members = members;
    list->capacity = capacity;
    return true;
}

/* False where reading cannot go on. */
static bool member_read(struct intake *list, const struct row *row)
{
    struct member *member;
    bool is_short = true;

    if (!has_room(list, row)) {
        return false;
    }
    member = &list->members[list->count];
    memset(member, 0, sizeof(*member));
    member->line = row->line;
    for (uint32_t i = list->column_count; i < row->field_count && is_short; i++) {
        if (row->fields[i][0] != '\0') {
            is_short = roll_fault(list->reader, STATUS_INVALID, row->line,
                                  "more fields than the header has (%u)", list->column_count);
        }
    }
    /* Each reports its own faults. */
    (void)group_read(list, row, member);
    (void)name_read(list, row, member);
    (void)votes_read(list, row, member);
    (void)credential_read(list, row, member);
    list->count++;
    return true;
}

/* A character as the server hears credentials: case does not matter, look-alikes are one. */
static int credential_char(char c)
{
    int upper = toupper((unsigned char)c);

    return upper == 'O' ? '0' : upper == 'I' || upper == 'L' ? '1' : upper;
}

/* As strcmp(), without '-'. */
static int credential_order(const char *x, const char *y)
{
    for (;; x++, y++) {
        x += strspn(x, "-");
        y += strspn(y, "-");
        if (*x == '\0' || credential_char(*x) != credential_char(*y)) {
            return credential_char(*x) - credential_char(*y);
        }
    }
}

static int credential_compare(const void *left, const void *right)
{
    const struct member *a = *(const struct member *const *)left;
    const struct member *b = *(const struct member *const *)right;
    int order = credential_order(a->credential, b->credential);

    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* Every credential but the first of its kind is a fault that names both lines. */
static void doubled_check(struct intake *list)
{
    const struct member **sorted = calloc(list->count, sizeof(const struct member *));
    uint32_t *first_lines = calloc(list->count, sizeof(*first_lines));
    uint32_t first = 0;

    if (!sorted || !first_lines) {
        (void)roll_fault(list->reader, STATUS_NOMEM, 0, "no memory for the roll");
        free(sorted);
        free(first_lines);
        return;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        sorted[i] = &list->members[i];
    }
    qsort(sorted, list->count, sizeof(const struct member *), credential_compare);
    for (uint32_t i = 1; i < list->count; i++) {
        if (credential_order(sorted[first]->credential, sorted[i]->credential) != 0) {
            first = i;
        } else if (sorted[i]->credential[0] != '\0') {
            first_lines[sorted[i] - list->members] = sorted[first]->line;
        }
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (first_lines[i] > 0) {
            (void)roll_fault(list->reader, STATUS_INVALID, list->members[i].line,
                             "the credential is that of line %u too", first_lines[i]);
        }
    }
    free(sorted);
    free(first_lines);
}

/* The order of seats: by group, those with the right to vote first, then by line. */
static struct member *seats_make(struct intake *list)
{
    struct member *seats = calloc(list->count + 1u, sizeof(*seats));
    uint32_t next[2 * GROUP_MAX + 1] = { 0 };

    if (!seats) {
        (void)roll_fault(list->reader, STATUS_NOMEM, 0, "no memory for the roll");
        return NULL;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        next[2 * list->members[i].group + !list->members[i].has_vote + 1]++;
    }
    for (uint32_t place = 1; place < 2 * GROUP_MAX; place++) {
        next[place] += next[place - 1];
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const struct member *member = &list->members[i];

        seats[next[2 * member->group + !member->has_vote]++] = *member;
    }
    return seats;
}

/* The header and every member of the text. */
static void members_read(struct intake *list, char *text)
{
    struct rows rows;
    struct row row;

    rows_init(&rows, text);
    if (!rows_next(&rows, list->reader, &row)) {
        (void)roll_fault(list->reader, STATUS_INVALID, 1, "the roll is empty");
        return;
    }
    header_read(list, &row);
    if (list->reader->first != STATUS_OK) {
        return;
    }
    while (rows_next(&rows, list->reader, &row)) {
        if (row.field_count > 0 && !member_read(list, &row)) {
            return;
        }
    }
    if (list->count > 0) {
        doubled_check(list);
    } else if (list->reader->first == STATUS_OK) {
        (void)roll_fault(list->reader, STATUS_INVALID, 1, "nobody follows the header");
    }
}

enum status roll_parse(const char *file, const char *text, size_t size, const struct event *event,
                       struct roll *roll, struct fault_list *faults)
{
    struct roll_reader reader = { .file = file, .faults = faults };
    struct intake list = { .reader = &reader, .event = event };
    size_t decoded_size = 0;
    char *decoded = NULL;

    memset(roll, 0, sizeof(*roll));
    if (size > ROLL_SIZE_MAX) {
        (void)roll_fault(&reader, STATUS_LIMIT, 0, "is larger than %u bytes", ROLL_SIZE_MAX);
        return reader.first;
    }
    decoded = roll_decode(&reader, text, size, &decoded_size);
    if (decoded) {
        members_read(&list, decoded);
    }
    if (reader.first == STATUS_OK) {
        roll->members = seats_make(&list);
    }
    if (roll->members) {
        roll->count = list.count;
        memcpy(roll->ignored, list.ignored, sizeof(roll->ignored));
    }
    free(list.members);
    free(decoded);
    return reader.first;
}
