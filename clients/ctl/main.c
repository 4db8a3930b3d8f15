#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clients/ctl/command.h"
#include "clients/ctl/desk.h"
#include "clients/ctl/ledger.h"
#include "clients/ctl/sheet.h"
#include "clients/ctl/verify.h"
#include "clients/ctl/word.h"

/*
 * minping(1): the desk's commands, the results and their verification.
 */
static int fail(const struct fault *fault)
{
    fprintf(stderr, "minping: %s%s%s\n", fault->where, fault->where[0] != '\0' ? ": " : "",
            fault->text);
    return 1;
}

static void status_print_json(const struct status_report *status)
{
    printf("{\"event\":\"%s\",\"log\":\"%s\",\"round\":%" PRIu32 ",\"state\":\"%s\","
           "\"contest\":\"%s\",\"subject\":\"%s\",\"registered\":%" PRIu32 ",\"voters\":%" PRIu32
           ",\"cast\":%" PRIu32 ",\"recorded\":%" PRIu64 ",\"epoch\":%" PRIu64
           ",\"overlays\":%" PRIu32 ",\"unsafe_disk\":%s}\n",
           status->event, status->log_id, status->round.round,
           round_state_name(status->round.state), status->round.contest, status->round.subject,
           status->registered, status->connected_voters, status->cast_count, status->recorded_total,
           status->epoch, status->overlays, status->unsafe_disk ? "true" : "false");
}

static const char *state_word(enum round_state state, enum language language)
{
    switch (state) {
    case ROUND_OPEN:
        return WORD(language, "正在投票", "open");
    case ROUND_PAUSED:
        return WORD(language, "暂停", "paused");
    case ROUND_CLOSED:
        return WORD(language, "已关票", "closed");
    default:
        return WORD(language, "未开票", "not opened yet");
    }
}

static void status_print_text(const struct status_report *status, enum language language)
{
    printf(WORD(language, "活动 %s,记录 %s\n", "event %s, log %s\n"), status->event,
           status->log_id);
    printf(WORD(language, "轮次 %" PRIu32 " %s %s:%s\n", "round %" PRIu32 " %s %s: %s\n"),
           status->round.round, status->round.contest, status->round.subject,
           state_word(status->round.state, language));
    printf(WORD(language,
                "应到 %" PRIu32 ",在线 %" PRIu32 ",收回 %" PRIu32 ",已记录标记 %" PRIu64
                ",字幕机 %" PRIu32 "\n",
                "registered %" PRIu32 ", connected %" PRIu32 ", cast %" PRIu32
                ", marks recorded %" PRIu64 ", overlays %" PRIu32 "\n"),
           status->registered, status->connected_voters, status->cast_count, status->recorded_total,
           status->overlays);
    if (status->unsafe_disk) {
        puts(WORD(language, "注意:数据目录不在可靠的磁盘上",
                  "warning: the data directory is not on a safe disk"));
    }
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
            status_print_json(&answer.status);
        } else {
            status_print_text(&answer.status, command->language);
        }
    } else if (answer.done.round != 0) {
        printf(WORD(command->language, "完成,轮次 %" PRIu32 "\n", "done, round %" PRIu32 "\n"),
               answer.done.round);
    } else {
        puts(WORD(command->language, "完成", "done"));
    }
    return 0;
}

static void sheet_print(const struct sheet *sheet, const struct command *command, FILE *file)
{
    if (command->format == FORMAT_CSV) {
        sheet_print_csv(sheet, command->language, file);
    } else if (command->format == FORMAT_TEXT) {
        sheet_print_text(sheet, command->language, file);
    } else {
        sheet_print_json(sheet, file);
    }
}

/* To standard output, or beside its place and renamed: nobody reads half a result. */
static enum status sheet_save(const struct sheet *sheet, const struct command *command,
                              struct fault *fault)
{
    char draft[4096];
    if (command->output == NULL) {
        sheet_print(sheet, command, stdout);
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
    sheet_print(sheet, command, file);
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
        status = sheet_save(&sheet, command, &fault);
        sheet_finish(&sheet);
    }
    document_finish(&document);
    return status == STATUS_OK ? 0 : fail(&fault);
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
    if (command->verb == VERB_VERIFY) {
        status = verify_run(&ledger, command->acks, command->language, stdout, &fault);
    } else {
        status = sheet_from_sitting(ledger.sitting, ledger.identity.log_id, command->contest,
                                    &sheet, &fault);
        if (status == STATUS_OK) {
            status = sheet_save(&sheet, command, &fault);
            sheet_finish(&sheet);
        }
    }
    ledger_finish(&ledger);
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
    if (command.data != NULL) {
        return run_on_data(&command);
    }
    return command.verb == VERB_RESULTS ? run_results_url(&command) : run_control(&command);
}
