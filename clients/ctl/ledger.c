#include "clients/ctl/ledger.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_file.h"
#include "server/protocol/roll_file.h"

struct reading {
    struct ledger *ledger;
    uint64_t mark_capacity;
    uint64_t act_capacity;
    enum status status;
    struct fault fault;
};

/* One more place at the end of a growing array; NULL: no memory. */
static void *array_append(void **array, uint64_t *count, uint64_t *capacity, size_t size)
{
    if (*count == *capacity) {
        uint64_t wanted = *capacity == 0 ? 4096 : *capacity * 2;
        void *grown = reallocarray(*array, wanted, size);
        if (grown == NULL) {
            return NULL;
        }
        *array = grown;
        *capacity = wanted;
    }
    return (char *)*array + size * (*count)++;
}

static void on_record(void *ctx, const struct record *record)
{
    struct reading *reading = ctx;
    struct ledger *ledger = reading->ledger;
    struct applied applied;
    if (reading->status != STATUS_OK) {
        return;
    }
    reading->status = sitting_apply(ledger->sitting, record, &applied, &reading->fault);
    void *place = NULL;
    if (record->mark != NULL) {
        void *marks = ledger->marks;
        place = array_append(&marks, &ledger->mark_count, &reading->mark_capacity,
                             sizeof(*ledger->marks));
        ledger->marks = marks;
        if (place != NULL) {
            memcpy(place, record->mark, sizeof(*ledger->marks));
        }
    } else {
        void *acts = ledger->acts;
        place =
            array_append(&acts, &ledger->act_count, &reading->act_capacity, sizeof(*ledger->acts));
        ledger->acts = acts;
        struct ledger_act act = { .kind = record->act->kind,
                                  .round = record->act->round,
                                  .number = record->act->number,
                                  .before = ledger->mark_count };
        if (place != NULL) {
            memcpy(place, &act, sizeof(act));
        }
    }
    if (place == NULL && reading->status == STATUS_OK) {
        reading->status = fault_set(&reading->fault, STATUS_NOMEM, "", "no memory for the log");
    }
}

static enum status event_read(const char *path, struct event **event, struct fault *fault)
{
    struct fault_list *faults = calloc(1, sizeof(*faults));
    if (faults == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for '%s'", path);
    }
    enum status status = event_file_read(path, event, faults);
    if (status != STATUS_OK && faults->count > 0) {
        fault_set(fault, status, faults->faults[0].where, "%s", faults->faults[0].text);
    }
    free(faults);
    return status != STATUS_OK ? fault_set(fault, status, "", "cannot read event '%s'", path)
                               : STATUS_OK;
}

static enum status log_read(const char *data, struct ledger *ledger, struct fault *fault)
{
    struct votelog_options options = { .dir = data, .is_read_only = true };
    struct votelog *log = NULL;
    struct reading reading = { .ledger = ledger };
    memcpy(ledger->identity.event_hash, ledger->event->hash, sizeof(ledger->identity.event_hash));
    memcpy(ledger->identity.event_id, ledger->event->id, sizeof(ledger->identity.event_id));
    struct fault why = { 0 };
    enum status status = votelog_open_sqlite(&options, &ledger->identity, &log, &why);
    if (status == STATUS_BUSY) {
        return fault_set(fault, STATUS_BUSY, "",
                         "the log in '%s' is in use: a server runs on it; stop it, or ask it with "
                         "'minping results --url URL --token-file FILE'",
                         data);
    }
    if (status != STATUS_OK) {
        return fault_set(fault, status, why.where, "%s", why.text);
    }
    status = votelog_replay(log, on_record, &reading, fault);
    if (status == STATUS_OK && reading.status != STATUS_OK) {
        status = fault_set(fault, reading.status, reading.fault.where, "%s", reading.fault.text);
    }
    (void)votelog_close(log, NULL);
    return status;
}

/* The seats of an event that has a roll: the data directory keeps it. */
static enum status seats_read(const char *data, struct event *event, struct fault *fault)
{
    char path[PATH_MAX];
    struct roll roll = { 0 };
    if (!event->has_roll) {
        return STATUS_OK;
    }
    if (snprintf(path, sizeof(path), "%s/roll.csv", data) >= (int)sizeof(path)) {
        return fault_set(fault, STATUS_LIMIT, "", "the name of --data is too long");
    }
    struct fault_list *faults = calloc(1, sizeof(*faults));
    if (faults == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for '%s'", path);
    }
    enum status status = roll_file_read(path, event, &roll, faults);
    if (status == STATUS_OK) {
        status = event_seat_roll(event, &roll, faults);
    }
    if (status != STATUS_OK && faults->count > 0) {
        fault_set(fault, status, faults->faults[0].where, "%s", faults->faults[0].text);
    }
    roll_finish(&roll);
    free(faults);
    return status;
}

enum status ledger_read(const char *data, const char *event_file, struct ledger *ledger,
                        struct fault *fault)
{
    memset(ledger, 0, sizeof(*ledger));
    char kept[PATH_MAX];
    if (event_file == NULL) {
        int size = snprintf(kept, sizeof(kept), "%s/event.json", data);
        if (size < 0 || (size_t)size >= sizeof(kept)) {
            return fault_set(fault, STATUS_LIMIT, "", "the name of --data is too long");
        }
        event_file = kept;
    }
    enum status status = event_read(event_file, &ledger->event, fault);
    if (status != STATUS_OK) {
        return status;
    }
    status = seats_read(data, ledger->event, fault);
    if (status != STATUS_OK) {
        ledger_finish(ledger);
        return status;
    }
    ledger->sitting = sitting_create(ledger->event);
    status = ledger->sitting != NULL ? log_read(data, ledger, fault)
                                     : fault_set(fault, STATUS_NOMEM, "", "no memory");
    if (status != STATUS_OK) {
        ledger_finish(ledger);
    }
    return status;
}

void ledger_finish(struct ledger *ledger)
{
    sitting_destroy(ledger->sitting);
    event_destroy(ledger->event);
    free(ledger->marks);
    free(ledger->acts);
    memset(ledger, 0, sizeof(*ledger));
}
