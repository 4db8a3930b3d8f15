#include "server/votelog/sqlite_impl.h"

#include <inttypes.h>
#include <string.h>

/*
 * Reads the two tables side by side, a batch's marks and then its act, and holds each row against
 * what minping-log(5) says a row may be: a fold over rows that nobody wrote would be a wrong
 * result.
 */
struct reader {
    struct sqlite_log *log;
    sqlite3_stmt *marks;
    sqlite3_stmt *acts;
    bool has_mark; /* `marks` and `acts` each stand on a row not handed back yet */
    bool has_act;
    uint64_t batch;    /* of the record handed back last */
    bool batch_ended;  /* by an act */
    bool has_previous; /* `previous` is the mark before, of the same batch */
    struct mark previous;
    struct mark mark;
    struct act act;
};

static enum status row_fault(const struct reader *reader, const char *table, sqlite3_stmt *row,
                             const char *what, struct fault *fault)
{
    const char *path = reader->log->place.log_path;
    return fault_set(fault, STATUS_INVALID, path,
                     "'%s' is damaged (table %s, row %" PRId64
                     ": %s): put a sound copy there, or use another --data",
                     path, table, (int64_t)sqlite3_column_int64(row, 0), what);
}

/* Steps to the next row. *has: there is one. */
static enum status next(struct reader *reader, sqlite3_stmt *rows, bool *has, struct fault *fault)
{
    int step = sqlite3_step(rows);
    *has = step == SQLITE_ROW;
    return step == SQLITE_ROW || step == SQLITE_DONE ? STATUS_OK
                                                     : sqlite_log_fault(reader->log, "read", fault);
}

/* An integer of 0 .. max; what is out of range gives max + 1. */
static uint64_t number(sqlite3_stmt *row, int column, uint64_t max)
{
    sqlite3_int64 value = sqlite3_column_int64(row, column);
    return value < 0 || (uint64_t)value > max ? max + 1 : (uint64_t)value;
}

static bool bytes_take(sqlite3_stmt *row, int column, void *bytes, int size)
{
    const void *value = sqlite3_column_blob(row, column);
    if (value == NULL || sqlite3_column_bytes(row, column) != size) {
        return false;
    }
    memcpy(bytes, value, (size_t)size);
    return true;
}

static bool text_take(sqlite3_stmt *row, int column, char *text, size_t size)
{
    const char *value = (const char *)sqlite3_column_text(row, column);
    size_t length = (size_t)sqlite3_column_bytes(row, column);
    if (value == NULL || length >= size || memchr(value, '\0', length) != NULL) {
        return false;
    }
    memcpy(text, value, length + 1);
    return true;
}

/* Batches count up by one from 1; nothing of a batch comes after its act. */
static bool batch_follows(struct reader *reader, uint64_t batch)
{
    if (batch == reader->batch && !reader->batch_ended) {
        return batch != 0;
    }
    if (batch != reader->batch + 1) {
        return false;
    }
    reader->batch = batch;
    reader->batch_ended = false;
    reader->has_previous = false;
    return true;
}

/* A row keeps the format it was written in when its log is migrated. */
static bool format_is_known(sqlite3_stmt *row)
{
    sqlite3_int64 format = sqlite3_column_int64(row, 1);
    return format >= SQLITE_LOG_FORMAT_MIN && format <= SQLITE_LOG_FORMAT;
}

static enum status mark_read(struct reader *reader, struct fault *fault)
{
    sqlite3_stmt *row = reader->marks;
    struct mark *mark = &reader->mark;
    uint64_t round = number(row, 3, ROUND_MAX);
    uint64_t item = number(row, 5, ITEM_MAX - 1);
    uint64_t version = number(row, 6, VERSION_MAX);
    uint64_t choice = number(row, 8, WRITTEN_NAME_MAX);
    uint64_t group = number(row, 9, GROUP_MAX - 1);
    if (!format_is_known(row)) {
        return row_fault(reader, "mark", row, "unknown format", fault);
    }
    if (round < 1 || round > ROUND_MAX || item >= ITEM_MAX || version < 1 ||
        version > VERSION_MAX || choice > WRITTEN_NAME_MAX || group >= GROUP_MAX ||
        !bytes_take(row, 4, mark->slot, SLOT_SIZE) ||
        !bytes_take(row, 7, mark->nonce, NONCE_SIZE)) {
        return row_fault(reader, "mark", row, "a value out of range", fault);
    }
    mark->round = (uint32_t)round;
    mark->item = (uint16_t)item;
    mark->version = (uint32_t)version;
    mark->choice = (uint16_t)choice;
    mark->group = (uint8_t)group;
    if (!batch_follows(reader, number(row, 2, INT64_MAX)) ||
        (reader->has_previous && mark_compare(&reader->previous, mark) > 0)) {
        return row_fault(reader, "mark", row, "out of order", fault);
    }
    reader->previous = *mark;
    reader->has_previous = true;
    return STATUS_OK;
}

/* The value of a name, or 0 for the empty text; false: no such name. */
static bool names_take(sqlite3_stmt *row, struct act *act)
{
    char kind[ID_SIZE];
    char bus[ID_SIZE];
    char layer[ID_SIZE];
    if (!text_take(row, 3, kind, sizeof(kind)) || !text_take(row, 10, bus, sizeof(bus)) ||
        !text_take(row, 11, layer, sizeof(layer))) {
        return false;
    }
    act->kind = act_kind_parse(kind);
    act->bus = bus[0] == '\0' ? BUS_INVALID : bus_parse(bus);
    act->layer = layer[0] == '\0' ? LAYER_INVALID : layer_parse(layer);
    return act->kind != ACT_INVALID && (bus[0] == '\0' || act->bus != BUS_INVALID) &&
           (layer[0] == '\0' || act->layer != LAYER_INVALID);
}

static enum status act_read(struct reader *reader, struct fault *fault)
{
    sqlite3_stmt *row = reader->acts;
    struct act *act = &reader->act;
    memset(act, 0, sizeof(*act));
    if (!format_is_known(row)) {
        return row_fault(reader, "act", row, "unknown format", fault);
    }
    uint64_t round = number(row, 4, ROUND_MAX);
    uint64_t value = number(row, 5, INT64_MAX);
    if (round > ROUND_MAX || value > INT64_MAX || !names_take(row, act) ||
        !text_take(row, 7, act->contest, sizeof(act->contest)) ||
        !text_take(row, 8, act->subject, sizeof(act->subject)) ||
        !text_take(row, 9, act->post, sizeof(act->post)) ||
        !text_take(row, 12, act->scene, sizeof(act->scene)) ||
        !text_take(row, 13, act->params, sizeof(act->params))) {
        return row_fault(reader, "act", row, "a value out of range", fault);
    }
    act->round = (uint32_t)round;
    act->number = value;
    act->at_ms = sqlite3_column_int64(row, 6);
    if (!batch_follows(reader, number(row, 2, INT64_MAX))) {
        return row_fault(reader, "act", row, "out of order", fault);
    }
    reader->batch_ended = true;
    return STATUS_OK;
}

/* Hands back the record that comes next. */
static enum status record_read(struct reader *reader, votelog_visit_fn visit, void *ctx,
                               struct fault *fault)
{
    bool is_mark =
        reader->has_mark && (!reader->has_act || sqlite3_column_int64(reader->marks, 2) <=
                                                     sqlite3_column_int64(reader->acts, 2));
    enum status status = is_mark ? mark_read(reader, fault) : act_read(reader, fault);
    if (status != STATUS_OK) {
        return status;
    }
    struct record record = { .batch = reader->batch,
                             .mark = is_mark ? &reader->mark : NULL,
                             .act = is_mark ? NULL : &reader->act };
    visit(ctx, &record);
    return is_mark ? next(reader, reader->marks, &reader->has_mark, fault)
                   : next(reader, reader->acts, &reader->has_act, fault);
}

enum status sqlite_replay(struct sqlite_log *log, votelog_visit_fn visit, void *ctx,
                          struct fault *fault)
{
    struct reader reader = { .log = log };
    enum status status = sqlite_log_prepare(
        log,
        "SELECT rowid,format,batch,round,slot,item,version,nonce,choice,voter_group FROM mark "
        "ORDER BY rowid",
        &reader.marks, fault);
    if (status == STATUS_OK) {
        status = sqlite_log_prepare(
            log,
            "SELECT rowid,format,batch,kind,round,number,at_ms,contest,subject,post,bus,layer,"
            "scene,params FROM act ORDER BY rowid",
            &reader.acts, fault);
    }
    if (status == STATUS_OK) {
        status = next(&reader, reader.marks, &reader.has_mark, fault);
    }
    if (status == STATUS_OK) {
        status = next(&reader, reader.acts, &reader.has_act, fault);
    }
    while (status == STATUS_OK && (reader.has_mark || reader.has_act)) {
        status = record_read(&reader, visit, ctx, fault);
    }
    sqlite3_finalize(reader.marks);
    sqlite3_finalize(reader.acts);
    return status;
}
