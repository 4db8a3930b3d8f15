#include "clients/ctl/acks_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/lib/ack_line.h"

/* Which slot a seat had in a round. */
struct pairing {
    uint32_t round;
    uint32_t seat;
    uint8_t slot[SLOT_SIZE];
};

struct check {
    const char *path;
    const struct event *event;
    const struct recount *recount;
    const struct recount_mark **index; /* the recount's marks by nonce, round, item, version */
    struct pairing *pairings;
    uint64_t pairing_count;
    uint64_t pairing_capacity;
    struct acks_report *report;
};

static int mark_key_compare(const struct mark *a, const struct mark *b)
{
    int nonces = memcmp(a->nonce, b->nonce, NONCE_SIZE);
    if (nonces != 0) {
        return nonces;
    }
    if (a->round != b->round) {
        return a->round < b->round ? -1 : 1;
    }
    if (a->item != b->item) {
        return a->item < b->item ? -1 : 1;
    }
    return a->version < b->version ? -1 : a->version > b->version;
}

static int index_order(const void *a, const void *b)
{
    const struct recount_mark *const *left = a;
    const struct recount_mark *const *right = b;
    return mark_key_compare(&(*left)->mark, &(*right)->mark);
}

static int index_search(const void *key, const void *entry)
{
    const struct recount_mark *const *mark = entry;
    return mark_key_compare(key, &(*mark)->mark);
}

static int pairing_by_seat(const void *a, const void *b)
{
    const struct pairing *left = a;
    const struct pairing *right = b;
    if (left->round != right->round) {
        return left->round < right->round ? -1 : 1;
    }
    if (left->seat != right->seat) {
        return left->seat < right->seat ? -1 : 1;
    }
    return memcmp(left->slot, right->slot, SLOT_SIZE);
}

static int pairing_by_slot(const void *a, const void *b)
{
    const struct pairing *left = a;
    const struct pairing *right = b;
    if (left->round != right->round) {
        return left->round < right->round ? -1 : 1;
    }
    int slots = memcmp(left->slot, right->slot, SLOT_SIZE);
    if (slots != 0) {
        return slots;
    }
    return left->seat < right->seat ? -1 : left->seat > right->seat;
}

static enum status pairing_append(struct check *check, const struct ack_line *line,
                                  const struct mark *mark, struct fault *fault)
{
    if (check->pairing_count == check->pairing_capacity) {
        uint64_t wanted = check->pairing_capacity == 0 ? 4096 : check->pairing_capacity * 2;
        void *grown = reallocarray(check->pairings, wanted, sizeof(*check->pairings));
        if (grown == NULL) {
            return fault_set(fault, STATUS_NOMEM, "", "no memory for '%s'", check->path);
        }
        check->pairings = grown;
        check->pairing_capacity = wanted;
    }
    struct pairing *pairing = &check->pairings[check->pairing_count++];
    pairing->round = line->round;
    pairing->seat = line->seat;
    memcpy(pairing->slot, mark->slot, SLOT_SIZE);
    return STATUS_OK;
}

static enum status line_check(struct check *check, const struct ack_line *line, const char *where,
                              struct fault *fault)
{
    struct mark key = { .round = line->round, .version = line->version };
    key.item = (uint16_t)line->item;
    memcpy(key.nonce, line->nonce, NONCE_SIZE);
    const struct recount_mark *const *found =
        line->item < ITEM_MAX ? bsearch(&key, check->index, check->recount->mark_count,
                                        sizeof(check->index[0]), index_search)
                              : NULL;
    if (found == NULL) {
        return fault_set(fault, STATUS_NOT_FOUND, where,
                         "an acknowledged mark is not in the log: round %" PRIu32 ", seat %" PRIu32
                         ", item %" PRIu32 ", version %" PRIu32,
                         line->round, line->seat, line->item, line->version);
    }
    bool is_same = line->choice == ACK_CHOICE_NAME ? (*found)->mark.choice != 0
                                                   : (*found)->mark.choice == line->choice;
    if (!is_same) {
        return fault_set(fault, STATUS_NOT_FOUND, where,
                         "an acknowledged mark has another choice in the log: round %" PRIu32
                         ", seat %" PRIu32 ", item %" PRIu32 ", version %" PRIu32,
                         line->round, line->seat, line->item, line->version);
    }
    int32_t group = event_find_group(check->event, line->seat);
    if ((*found)->mark.group != (group < 0 ? 0 : group)) {
        return fault_set(fault, STATUS_NOT_FOUND, where,
                         "an acknowledged mark has another group in the log: round %" PRIu32
                         ", seat %" PRIu32 ", item %" PRIu32,
                         line->round, line->seat, line->item);
    }
    if ((*found)->is_counted) {
        check->report->counted_count++;
    } else {
        check->report->superseded_count++;
    }
    return pairing_append(check, line, &(*found)->mark, fault);
}

static enum status lines_check(struct check *check, FILE *file, struct fault *fault)
{
    char text[ACK_LINE_SIZE];
    char where[160];
    while (fgets(text, sizeof(text), file) != NULL) {
        size_t size = strlen(text);
        snprintf(where, sizeof(where), "%s:%" PRIu64, check->path, check->report->line_count + 1);
        if (text[size - 1] != '\n') {
            if (fgetc(file) == EOF && !ferror(file)) {
                check->report->cut_count = 1;
                break;
            }
            return fault_set(fault, STATUS_INVALID, where, "not a line of acknowledgements");
        }
        struct ack_line line;
        if (!ack_line_parse(text, size - 1, &line)) {
            return fault_set(fault, STATUS_INVALID, where, "not a line of acknowledgements");
        }
        check->report->line_count++;
        enum status status = line_check(check, &line, where, fault);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return ferror(file) ? fault_set(fault, STATUS_IO, "", "cannot read '%s': %s", check->path,
                                    strerror(errno))
                        : STATUS_OK;
}

/* One seat is one slot in a round, and one slot one seat. */
static enum status pairings_check(struct check *check, struct fault *fault)
{
    if (check->pairing_count < 2) {
        return STATUS_OK;
    }
    for (int pass = 0; pass < 2; pass++) {
        qsort(check->pairings, check->pairing_count, sizeof(check->pairings[0]),
              pass == 0 ? pairing_by_seat : pairing_by_slot);
        for (uint64_t i = 1; i < check->pairing_count; i++) {
            const struct pairing *a = &check->pairings[i - 1];
            const struct pairing *b = &check->pairings[i];
            bool is_same_slot = memcmp(a->slot, b->slot, SLOT_SIZE) == 0;
            if (a->round == b->round && (a->seat == b->seat) != is_same_slot &&
                (pass == 0 ? a->seat == b->seat : is_same_slot)) {
                return fault_set(fault, STATUS_NOT_FOUND, check->path,
                                 pass == 0 ? "round %" PRIu32 ": seat %" PRIu32 " has two slots"
                                           : "round %" PRIu32 ": seat %" PRIu32
                                             " shares its slot with another",
                                 a->round, a->seat);
            }
        }
    }
    return STATUS_OK;
}

enum status acks_check(const char *path, const struct event *event, const struct recount *recount,
                       struct acks_report *report, struct fault *fault)
{
    struct check check = { .path = path, .event = event, .recount = recount, .report = report };
    memset(report, 0, sizeof(*report));
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", path, strerror(errno));
    }
    enum status status;
    check.index = calloc(recount->mark_count + 1, sizeof(*check.index));
    if (check.index == NULL) {
        status = fault_set(fault, STATUS_NOMEM, "", "no memory for '%s'", path);
    } else {
        for (uint64_t i = 0; i < recount->mark_count; i++) {
            check.index[i] = &recount->marks[i];
        }
        qsort(check.index, recount->mark_count, sizeof(check.index[0]), index_order);
        status = lines_check(&check, file, fault);
    }
    if (status == STATUS_OK) {
        status = pairings_check(&check, fault);
    }
    free(check.index);
    free(check.pairings);
    fclose(file);
    return status;
}
