#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/ctl/asrun.h"
#include "clients/ctl/command.h"
#include "clients/ctl/count.h"
#include "clients/ctl/desk.h"
#include "clients/ctl/ledger.h"
#include "clients/ctl/panic.h"
#include "clients/ctl/report.h"
#include "clients/ctl/roll_call.h"
#include "clients/ctl/series.h"
#include "clients/ctl/sheet.h"
#include "clients/ctl/verify.h"
#include "clients/ctl/word.h"
#include "server/protocol/event_file.h"

/*
 * minping(1): the desk's commands, the results and their verification.
 */
static int fail(const struct fault *fault)
{
    fprintf(stderr, "minping: %s%s%s\n", fault->where, fault->where[0] != '\0' ? ": " : "",
            fault->text);
    return 1;
}

static int run_control(const struct command *command)
{
    struct desk_options options = { command->url, command->token_file, command->ca,
                                    command->timeout_s };
    struct desk_answer answer;
    struct fault fault = { 0 };
    if (desk_control(&options, &command->control, &answer, &fault) != STATUS_OK) {
        return fail(&fault);
    }
    if (answer.kind == MESSAGE_REFUSED) {
        fprintf(stderr, "minping: %s%s%s\n", refusal_name(answer.refused.refusal),
                answer.refused.text[0] != '\0' ? ": " : "", answer.refused.text);
        return 1;
    }
    if (answer.kind == MESSAGE_STATUS) {
        if (command->format == FORMAT_JSON) {
            report_print_status_json(&answer.status, stdout);
        } else {
            report_print_status(&answer.status, command->language, stdout);
        }
    } else if (answer.kind == MESSAGE_CASES) {
        if (command->format == FORMAT_JSON) {
            report_print_cases_json(&answer.cases, stdout);
        } else {
            report_print_cases(&answer.cases, command->language, stdout);
        }
    } else if (answer.done.backup[0] != '\0') {
        printf(WORD(command->language, "完成,备份在数据目录的 backups/%s\n",
                    "done, the backup is backups/%s of the data directory\n"),
               answer.done.backup);
    } else if (answer.done.round != 0) {
        printf(WORD(command->language, "完成,轮次 %" PRIu32 "\n", "done, round %" PRIu32 "\n"),
               answer.done.round);
    } else {
        puts(WORD(command->language, "完成", "done"));
    }
    return 0;
}

/* What is written to --output: a sheet or a series' report, in the format asked for. */
typedef void (*print_fn)(const void *what, const struct command *command, FILE *file);

static void sheet_print(const void *what, const struct command *command, FILE *file)
{
    const struct sheet *sheet = what;
    if (command->format == FORMAT_CSV) {
        sheet_print_csv(sheet, command->language, file);
    } else if (command->format == FORMAT_TEXT) {
        sheet_print_text(sheet, command->language, file);
    } else {
        sheet_print_json(sheet, file);
    }
}

static void series_print(const void *what, const struct command *command, FILE *file)
{
    const struct series_report *report = what;
    if (command->format == FORMAT_CSV) {
        series_print_csv(report, command->language, file);
    } else if (command->format == FORMAT_TEXT) {
        series_print_text(report, command->language, file);
    } else {
        series_print_json(report, file);
    }
}

/* To standard output, or beside its place and renamed: nobody reads half a result. */
static enum status output_save(print_fn print, const void *what, const struct command *command,
                               struct fault *fault)
{
    char draft[4096];
    if (command->output == NULL) {
        print(what, command, stdout);
        return fflush(stdout) == 0
                   ? STATUS_OK
                   : fault_set(fault, STATUS_IO, "", "cannot write: %s", strerror(errno));
    }
    if (snprintf(draft, sizeof(draft), "%s.new", command->output) >= (int)sizeof(draft)) {
        return fault_set(fault, STATUS_LIMIT, "", "too long a path: '%s'", command->output);
    }
    FILE *file = fopen(draft, "we");
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", draft, strerror(errno));
    }
    print(what, command, file);
    bool is_bad = fflush(file) != 0 || ferror(file) != 0 || fsync(fileno(file)) != 0;
    if (fclose(file) != 0 || is_bad || rename(draft, command->output) != 0) {
        enum status status = fault_set(fault, STATUS_IO, "", "cannot write '%s': %s",
                                       command->output, strerror(errno));
        unlink(draft);
        return status;
    }
    return STATUS_OK;
}

static int run_results_url(const struct command *command)
{
    struct desk_options options = { command->url, command->token_file, command->ca,
                                    command->timeout_s };
    struct document document = { 0 };
    struct sheet sheet;
    struct fault fault = { 0 };
    if (desk_document(&options, &document, &fault) != STATUS_OK) {
        return fail(&fault);
    }
    enum status status = sheet_from_document(&document, &sheet, &fault);
    if (status == STATUS_OK) {
        status = output_save(sheet_print, &sheet, command, &fault);
        sheet_finish(&sheet);
    }
    document_finish(&document);
    return status == STATUS_OK ? 0 : fail(&fault);
}

static void roll_call(const void *what, const struct command *command, FILE *file)
{
    (void)command;
    if (roll_call_print(what, file) == 0) {
        fprintf(stderr, "minping: no round was named: votes are secret\n");
    }
}

static int run_on_data(const struct command *command)
{
    struct ledger ledger;
    struct sheet sheet;
    struct fault fault = { 0 };
    if (ledger_read(command->data, command->event, &ledger, &fault) != STATUS_OK) {
        return fail(&fault);
    }
    enum status status;
    if (command->verb == VERB_ROLL_CALL) {
        status = output_save(roll_call, ledger.sitting, command, &fault);
    } else if (command->verb == VERB_VERIFY) {
        status = verify_run(&ledger, command->acks, command->language, stdout, &fault);
    } else {
        status = sheet_from_sitting(ledger.sitting, ledger.identity.log_id, command->contest,
                                    &sheet, &fault);
        if (status == STATUS_OK) {
            status = output_save(sheet_print, &sheet, command, &fault);
            sheet_finish(&sheet);
        }
    }
    ledger_finish(&ledger);
    return status == STATUS_OK ? 0 : fail(&fault);
}

/* 1 as well where a sitting could not be read: its row says so. */
static int run_series(const struct command *command)
{
    struct series *series = NULL;
    struct series_report report;
    struct fault fault = { 0 };
    struct fault_list *faults = calloc(1, sizeof(*faults));
    if (series_file_read(command->file, &series, faults) != STATUS_OK) {
        for (uint32_t i = 0; faults != NULL && i < faults->count; i++) {
            fail(&faults->faults[i]);
        }
        free(faults);
        return 1;
    }
    free(faults);
    bool is_faulty = true;
    enum status status = series_report_make(series, &report, &fault);
    if (status == STATUS_OK) {
        status = output_save(series_print, &report, command, &fault);
        is_faulty = series_report_is_faulty(&report);
        series_report_finish(&report);
    }
    series_destroy(series);
    return status != STATUS_OK ? fail(&fault) : is_faulty;
}

static void count_print(const void *what, const struct command *command, FILE *file)
{
    if (command->format == FORMAT_JSON) {
        count_print_json(what, file);
    } else {
        count_print_text(what, command->language, file);
    }
}

static int run_count(const struct command *command)
{
    struct fault_list faults = { 0 };
    struct fault fault = { 0 };
    struct event *event = NULL;
    struct count count;
    enum status status = event_file_read(command->event, &event, &faults);
    if (status == STATUS_OK) {
        status = count_make(event, command->contest, &command->count, &count, &faults);
    }
    for (uint32_t i = 0; i < faults.count; i++) {
        fail(&faults.faults[i]);
    }
    if (faults.omitted > 0) {
        fprintf(stderr, "minping: and %" PRIu32 " more faults\n", faults.omitted);
    }
    int result = 1;
    if (status == STATUS_OK) {
        result = output_save(count_print, &count, command, &fault) == STATUS_OK ? 0 : fail(&fault);
        count_finish(&count);
    }
    event_destroy(event);
    return result;
}

static int run_panic(const struct command *command)
{
    struct fault fault = { 0 };
    enum status status =
        panic_run(command->socket, command->timeout_s, command->language, stdout, &fault);
    return status == STATUS_OK ? 0 : fail(&fault);
}

int main(int argc, char **argv)
{
    struct command command;
    switch (command_parse(argc, argv, &command)) {
    case PARSED_DONE:
        return 0;
    case PARSED_RUN:
        break;
    default:
        return 2;
    }
    if (command.verb == VERB_SERIES) {
        return run_series(&command);
    }
    if (command.verb == VERB_ASRUN) {
        struct fault fault = { 0 };
        enum status status =
            asrun_answer(command.file, command.at, command.language, stdout, &fault);
        return status == STATUS_OK ? 0 : fail(&fault) + (status == STATUS_INVALID);
    }
    if (command.verb == VERB_PANIC) {
        return run_panic(&command);
    }
    if (command.verb == VERB_COUNT) {
        return run_count(&command);
    }
    if (command.data != NULL) {
        return run_on_data(&command);
    }
    return command.verb == VERB_RESULTS ? run_results_url(&command) : run_control(&command);
}
