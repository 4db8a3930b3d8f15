#include "server/votelog/sqlite_impl.h"

#include <string.h>

/*
 * Making a log. It is made beside its place, checkpointed, synced, and only then moved there: a log
 * that is found is whole.
 */

/* Ends the draft's connection, having put all of it into the one file that will be moved. */
static enum status draft_end(struct sqlite_log *log, enum status status, struct fault *fault)
{
    if (status == STATUS_OK) {
        status = sqlite_log_checkpoint(log, SQLITE_CHECKPOINT_TRUNCATE, fault);
    }
    sqlite_log_disconnect(log);
    return status == STATUS_OK ? sqlite_place_adopt(&log->place, fault) : status;
}

enum status sqlite_make(struct sqlite_log *log, struct votelog_identity *identity,
                        struct fault *fault)
{
    enum status status = votelog_id_draw(identity->log_id, fault);
    if (status == STATUS_OK) {
        status = sqlite_place_draft(&log->place, fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = sqlite_log_connect(log, log->place.new_path, fault);
    if (status == STATUS_OK) {
        status = sqlite_schema_make(log, identity, fault);
    }
    return draft_end(log, status, fault);
}

/* Copies what the old log says into the draft; nothing is written to the old one. */
static enum status copy(struct sqlite_log *log, struct fault *fault)
{
    sqlite3_stmt *vacuum = NULL;
    enum status status = sqlite_log_connect(log, log->place.log_path, fault);
    if (status == STATUS_OK) {
        status = sqlite_log_prepare(log, "VACUUM INTO ?", &vacuum, fault);
    }
    if (status == STATUS_OK &&
        (sqlite3_bind_text(vacuum, 1, log->place.new_path, -1, SQLITE_STATIC) != SQLITE_OK ||
         sqlite3_step(vacuum) != SQLITE_DONE)) {
        status = sqlite_log_fault(log, "copy", fault);
    }
    sqlite3_finalize(vacuum);
    sqlite_log_disconnect(log);
    return status;
}

enum status sqlite_integrity_check(struct sqlite_log *log, struct fault *fault)
{
    sqlite3_stmt *row = NULL;
    enum status status = sqlite_log_prepare(log, "PRAGMA integrity_check(1)", &row, fault);
    if (status == STATUS_OK && sqlite3_step(row) != SQLITE_ROW) {
        status = sqlite_log_fault(log, "check", fault);
    }
    if (status == STATUS_OK && strcmp((const char *)sqlite3_column_text(row, 0), "ok") != 0) {
        status = fault_set(fault, STATUS_INVALID, log->place.log_path,
                           "'%s' is damaged (%s): put a sound copy there, or use another --data",
                           log->place.log_path, (const char *)sqlite3_column_text(row, 0));
    }
    sqlite3_finalize(row);
    return status;
}

enum status sqlite_renew(struct sqlite_log *log, struct fault *fault)
{
    enum status status = sqlite_place_draft(&log->place, fault);
    if (status == STATUS_OK) {
        status = copy(log, fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = sqlite_log_connect(log, log->place.new_path, fault);
    if (status == STATUS_OK) {
        status = sqlite_integrity_check(log, fault);
    }
    if (status == STATUS_OK) {
        status = sqlite_schema_migrate(log, fault);
    }
    return draft_end(log, status, fault);
}
