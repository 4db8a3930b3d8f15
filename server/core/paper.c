#include "server/core/paper.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server/core/written.h"
#include "server/model/utf8.h"

/* The largest number on a hand count: a ballot for every seat of the largest roll. */
#define PAPER_NUMBER_MAX ((uint32_t)SEAT_MAX)

/* Where the reading is: line `number` is key=value, and what was read before. */
struct reader {
    const struct event *event;
    const struct contest *contest;
    struct paper *paper;
    struct fault *fault;
    uint32_t number;
    char key[ID_SIZE];
    char value[DETAIL_SIZE];
    bool has_group;
    bool has_issued;
    bool has_returned;
    bool has_void;
    bool has_names;
    bool has_item[ITEM_MAX];
};

__attribute__((format(printf, 2, 3))) static enum status wrong(const struct reader *reader,
                                                               const char *format, ...)
{
    char where[32];
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    snprintf(where, sizeof(where), "line %u", (unsigned)reader->number);
    return fault_set(reader->fault, STATUS_INVALID, where, "%s", text);
}

/* A decimal number without sign, 0 .. PAPER_NUMBER_MAX, at text[0 .. size). */
static bool number_parse(const char *text, size_t size, uint32_t *number)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = value * 10 + (uint32_t)(text[i] - '0');
        if (value > PAPER_NUMBER_MAX) {
            return false;
        }
    }
    *number = value;
    return size > 0;
}

static enum status number_read(struct reader *reader, bool *has, uint32_t *number)
{
    if (*has) {
        return wrong(reader, "'%s' stands twice", reader->key);
    }
    *has = true;
    if (!number_parse(reader->value, strlen(reader->value), number)) {
        return wrong(reader, "'%s' is no number from 0 to %u", reader->key,
                     (unsigned)PAPER_NUMBER_MAX);
    }
    return STATUS_OK;
}

static enum status group_read(struct reader *reader)
{
    const struct event *event = reader->event;
    if (reader->has_group) {
        return wrong(reader, "'group' stands twice");
    }
    reader->has_group = true;
    for (uint32_t i = 0; i < event->group_count; i++) {
        if (strcmp(event->groups[i].id, reader->value) != 0) {
            continue;
        }
        if (event->groups[i].is_test) {
            return wrong(reader, "group '%s' is for tests and has no ballots", reader->value);
        }
        reader->paper->group = i;
        return STATUS_OK;
    }
    return wrong(reader, "no group '%.*s'", (int)utf8_cut(reader->value, 32), reader->value);
}

static enum status item_read(struct reader *reader, uint32_t item)
{
    uint32_t choice_count = contest_choice_count(reader->contest);
    const char *text = reader->value;
    if (reader->has_item[item]) {
        return wrong(reader, "'%s' stands twice", reader->key);
    }
    reader->has_item[item] = true;
    for (uint32_t choice = 0;; choice++) {
        size_t size = strcspn(text, ",");
        if (choice == choice_count) {
            return wrong(reader, "'%s' has more than %u numbers", reader->key,
                         (unsigned)choice_count);
        }
        if (!number_parse(text, size, &reader->paper->counts[item][choice])) {
            return wrong(reader, "'%s' holds '%.*s', no number from 0 to %u", reader->key,
                         (int)(size > 32 ? utf8_cut(text, 32) : size), text,
                         (unsigned)PAPER_NUMBER_MAX);
        }
        if (text[size] == '\0') {
            return STATUS_OK;
        }
        text += size + 1;
    }
}

/* The rules of a name on the wire (limits.h), and that it can be found again in a list. */
static bool name_is_sound(const char *name, size_t size)
{
    uint32_t codepoint_count = 0;
    for (size_t i = 0; i < size;) {
        uint32_t codepoint = 0;
        size_t step = utf8_next(name + i, size - i, &codepoint);
        if (step == 0 || utf8_is_control(codepoint) || utf8_is_bidi(codepoint) ||
            codepoint == '=' || ++codepoint_count > WRITTEN_CODEPOINT_MAX) {
            return false;
        }
        i += step;
    }
    return codepoint_count > 0;
}

/* Votes of a candidate stand with the candidate, and a name stands once. */
static enum status name_check(struct reader *reader, const char *name)
{
    const struct contest *contest = reader->contest;
    char plain[WRITTEN_NAME_SIZE];
    char other[LABEL_SIZE];
    if (!written_is_legible(name)) {
        return wrong(reader, "'%s' names nobody", name);
    }
    written_plain(name, plain, sizeof(plain));
    for (uint32_t c = 0; c < contest->candidate_count; c++) {
        const struct label *label = &contest->candidates[c].name;
        written_plain(label->zh, other, sizeof(other));
        bool is_candidate = strcmp(plain, other) == 0;
        written_plain(label->en, other, sizeof(other));
        if (is_candidate || strcmp(plain, other) == 0) {
            return wrong(reader, "'%s' is candidate '%s': the votes belong there", name,
                         contest->candidates[c].id);
        }
    }
    for (uint32_t i = 0; i < reader->paper->name_count; i++) {
        written_plain(reader->paper->names[i].name, other, sizeof(other));
        if (strcmp(plain, other) == 0) {
            return wrong(reader, "name '%s' stands twice", name);
        }
    }
    return STATUS_OK;
}

static enum status name_read(struct reader *reader, const char *text, size_t size)
{
    struct paper *paper = reader->paper;
    const char *colon = memchr(text, ':', size);
    uint32_t votes = 0;
    int shown = size > 120 ? (int)utf8_cut(text, 120) : (int)size;
    if (colon == NULL || !name_is_sound(text, (size_t)(colon - text)) ||
        !number_parse(colon + 1, size - (size_t)(colon + 1 - text), &votes) || votes == 0) {
        return wrong(reader, "'%.*s' is no NAME:VOTES", shown, text);
    }
    if (paper->name_count == sizeof(paper->names) / sizeof(paper->names[0])) {
        return wrong(reader, "more than %u names",
                     (unsigned)(sizeof(paper->names) / sizeof(paper->names[0])));
    }
    struct paper_name *name = &paper->names[paper->name_count];
    memcpy(name->name, text, (size_t)(colon - text));
    name->name[colon - text] = '\0';
    name->votes = votes;
    enum status status = name_check(reader, name->name);
    paper->name_count += status == STATUS_OK;
    return status;
}

static enum status names_read(struct reader *reader)
{
    const char *text = reader->value;
    if (reader->has_names) {
        return wrong(reader, "'names' stands twice");
    }
    reader->has_names = true;
    if (reader->contest->write_in_count == 0 && reader->contest->kind != CONTEST_ELECTION) {
        return wrong(reader, "'names' is for ballots with lines for other names");
    }
    for (;;) {
        size_t size = strcspn(text, ",");
        enum status status = name_read(reader, text, size);
        if (status != STATUS_OK || text[size] == '\0') {
            return status;
        }
        text += size + 1;
    }
}

static enum status line_read(struct reader *reader)
{
    struct paper *paper = reader->paper;
    if (strcmp(reader->key, "group") == 0) {
        return group_read(reader);
    }
    if (strcmp(reader->key, "issued") == 0) {
        return number_read(reader, &reader->has_issued, &paper->issued);
    }
    if (strcmp(reader->key, "returned") == 0) {
        return number_read(reader, &reader->has_returned, &paper->returned);
    }
    if (strcmp(reader->key, "void") == 0) {
        return number_read(reader, &reader->has_void, &paper->void_count);
    }
    if (strcmp(reader->key, "names") == 0) {
        return names_read(reader);
    }
    int32_t item = contest_find_item(reader->contest, reader->key);
    if (item < 0) {
        return wrong(reader, "no item '%s'", reader->key);
    }
    return item_read(reader, (uint32_t)item);
}

/* Splits text[0 .. size) at the first '='. */
static enum status line_split(struct reader *reader, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    if (equals == NULL || equals == text || equals - text >= ID_SIZE) {
        return wrong(reader, "no KEY=VALUE");
    }
    size_t key_size = (size_t)(equals - text);
    size_t value_size = size - key_size - 1;
    if (value_size >= sizeof(reader->value)) {
        return wrong(reader, "longer than %u bytes", (unsigned)sizeof(reader->value));
    }
    memcpy(reader->key, text, key_size);
    reader->key[key_size] = '\0';
    memcpy(reader->value, equals + 1, value_size);
    reader->value[value_size] = '\0';
    return STATUS_OK;
}

/* What no ballots could add up to. Lines are done: the fault names the item. */
static enum status sums_check(const struct reader *reader)
{
    const struct paper *paper = reader->paper;
    const struct contest *contest = reader->contest;
    char buffer[ID_SIZE];
    uint64_t selected = 0;
    if (!reader->has_issued || !reader->has_returned) {
        return fault_set(reader->fault, STATUS_INVALID, "", "no '%s'",
                         reader->has_issued ? "returned" : "issued");
    }
    if (paper->void_count > paper->returned) {
        return fault_set(reader->fault, STATUS_INVALID, "void", "%u void ballots of %u returned",
                         (unsigned)paper->void_count, (unsigned)paper->returned);
    }
    uint32_t valid = paper->returned - paper->void_count;
    for (uint32_t item = 0; item < contest_item_count(contest); item++) {
        const char *id = contest_item_id(contest, item, buffer);
        uint64_t marks = 0;
        for (uint32_t choice = 0; choice < contest_choice_count(contest); choice++) {
            marks += paper->counts[item][choice];
        }
        if (marks > valid) {
            return fault_set(reader->fault, STATUS_INVALID, id,
                             "'%s' has %u marks, more than %u valid ballots", id, (unsigned)marks,
                             (unsigned)valid);
        }
        selected += paper->counts[item][0];
    }
    for (uint32_t i = 0; i < paper->name_count; i++) {
        if (paper->names[i].votes > valid) {
            return fault_set(reader->fault, STATUS_INVALID, "names",
                             "'%s' has %u votes, more than %u valid ballots", paper->names[i].name,
                             (unsigned)paper->names[i].votes, (unsigned)valid);
        }
        selected += paper->names[i].votes;
    }
    bool has_seats = contest->kind == CONTEST_ELECTION || contest->kind == CONTEST_POLL;
    if (has_seats && selected > (uint64_t)contest->seats * valid) {
        return fault_set(reader->fault, STATUS_INVALID, "",
                         "%llu names were chosen, more than %u valid ballots of %u each carry",
                         (unsigned long long)selected, (unsigned)valid, (unsigned)contest->seats);
    }
    return STATUS_OK;
}

enum status paper_parse(const struct event *event, const struct contest *contest, const char *lines,
                        struct paper *paper, struct fault *fault)
{
    struct reader reader = { .event = event, .contest = contest, .paper = paper, .fault = fault };
    memset(paper, 0, sizeof(*paper));
    while (paper->group + 1 < event->group_count && event->groups[paper->group].is_test) {
        paper->group++;
    }
    while (*lines != '\0') {
        size_t size = strcspn(lines, "\n");
        reader.number++;
        enum status status = line_split(&reader, lines, size);
        if (status == STATUS_OK) {
            status = line_read(&reader);
        }
        if (status != STATUS_OK) {
            return status;
        }
        lines += size + (lines[size] == '\n');
    }
    return sums_check(&reader);
}
