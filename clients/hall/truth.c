#include "clients/hall/truth.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clients/lib/item_result.h"

/* One mark in 4 bytes: version in the upper 24 bits, choice in the lower 8; 0: none. */
#define MARK_VERSION_MAX 0xffffffu

struct truth_round {
    bool is_known;
    uint32_t item_count;
    uint32_t grade_count;
    char contest[ID_SIZE];
    char subject[ID_SIZE];
    uint32_t *marks; /* [seat_count][item_count]; NULL until the first mark */
};

struct truth {
    uint32_t seat_first;
    uint32_t seat_count;
    uint32_t round_last;
    struct truth_round rounds[ROUND_MAX + 1];
};

struct truth *truth_create(uint32_t seat_first, uint32_t seat_count)
{
    struct truth *truth = calloc(1, sizeof(*truth));
    if (truth != NULL) {
        truth->seat_first = seat_first;
        truth->seat_count = seat_count;
    }
    return truth;
}

void truth_destroy(struct truth *truth)
{
    if (truth == NULL) {
        return;
    }
    for (uint32_t i = 0; i <= truth->round_last; i++) {
        free(truth->rounds[i].marks);
    }
    free(truth);
}

enum status truth_round(struct truth *truth, uint32_t round, const char *contest,
                        const char *subject, uint32_t item_count, uint32_t grade_count)
{
    if (round < 1 || round > ROUND_MAX || item_count > ITEM_MAX || grade_count > GRADE_MAX ||
        strlen(contest) >= ID_SIZE || strlen(subject) >= ID_SIZE) {
        return STATUS_LIMIT;
    }
    struct truth_round *entry = &truth->rounds[round];
    if (entry->is_known) {
        return STATUS_OK;
    }
    entry->marks = calloc((size_t)truth->seat_count * item_count, sizeof(*entry->marks));
    if (entry->marks == NULL) {
        return STATUS_NOMEM;
    }
    entry->is_known = true;
    entry->item_count = item_count;
    entry->grade_count = grade_count;
    memcpy(entry->contest, contest, strlen(contest) + 1);
    memcpy(entry->subject, subject, strlen(subject) + 1);
    if (round > truth->round_last) {
        truth->round_last = round;
    }
    return STATUS_OK;
}

void truth_mark(struct truth *truth, uint32_t round, uint32_t seat, uint32_t item, uint32_t version,
                uint32_t choice)
{
    if (round < 1 || round > truth->round_last || seat < truth->seat_first ||
        seat - truth->seat_first >= truth->seat_count) {
        return;
    }
    struct truth_round *entry = &truth->rounds[round];
    if (!entry->is_known || item >= entry->item_count || choice >= entry->grade_count ||
        version < 1 || version > MARK_VERSION_MAX) {
        return;
    }
    uint32_t *mark = &entry->marks[(size_t)(seat - truth->seat_first) * entry->item_count + item];
    if (version > *mark >> 8) {
        *mark = version << 8 | choice;
    }
}

void truth_counts(const struct truth *truth, uint32_t round, uint32_t item,
                  uint32_t counts[GRADE_MAX])
{
    memset(counts, 0, GRADE_MAX * sizeof(counts[0]));
    if (round < 1 || round > truth->round_last || !truth->rounds[round].is_known ||
        item >= truth->rounds[round].item_count) {
        return;
    }
    const struct truth_round *entry = &truth->rounds[round];
    for (uint32_t seat = 0; seat < truth->seat_count; seat++) {
        uint32_t mark = entry->marks[(size_t)seat * entry->item_count + item];
        if (mark != 0) {
            counts[mark & 0xff]++;
        }
    }
}

enum status truth_print(const struct truth *truth, const struct event *event, uint64_t unresolved,
                        FILE *file, struct fault *fault)
{
    bool is_first = true;
    fprintf(file, "{\"items\":[");
    for (uint32_t round = 1; round <= truth->round_last; round++) {
        const struct truth_round *entry = &truth->rounds[round];
        if (!entry->is_known) {
            continue;
        }
        int32_t index = event_find_contest(event, entry->contest);
        const struct contest *contest = index >= 0 ? &event->contests[index] : NULL;
        if (contest == NULL || contest->criterion_count != entry->item_count ||
            contest->grade_count != entry->grade_count) {
            return fault_set(fault, STATUS_NOT_FOUND, "",
                             "round %" PRIu32 " is of contest '%s', which the server's event does "
                             "not describe as it was heard",
                             round, entry->contest);
        }
        for (uint32_t item = 0; item < entry->item_count; item++) {
            uint32_t counts[GRADE_MAX];
            truth_counts(truth, round, item, counts);
            fprintf(file, "%s\n", is_first ? "" : ",");
            item_result_print(file, round, entry->subject, contest, item, counts);
            is_first = false;
        }
    }
    fprintf(file, "\n],\n\"unresolved\":%" PRIu64 "}\n", unresolved);
    return STATUS_OK;
}
