#include "clients/ctl/report.h"

#include <inttypes.h>

#include "clients/ctl/word.h"
#include "server/protocol/writer.h"

void report_print_status_json(const struct status_report *status, FILE *file)
{
    fprintf(file,
            "{\"event\":\"%s\",\"log\":\"%s\",\"round\":%" PRIu32 ",\"state\":\"%s\","
            "\"contest\":\"%s\",\"subject\":\"%s\",\"registered\":%" PRIu32 ",\"voters\":%" PRIu32
            ",\"cast\":%" PRIu32 ",\"recorded\":%" PRIu64 ",\"epoch\":%" PRIu64
            ",\"overlays\":%" PRIu32 ",\"unsafe_disk\":%s,\"storage\":\"%s\"",
            status->event, status->log_id, status->round.round,
            round_state_name(status->round.state), status->round.contest, status->round.subject,
            status->registered, status->connected_voters, status->cast_count,
            status->recorded_total, status->epoch, status->overlays,
            status->unsafe_disk ? "true" : "false", storage_name(status->storage));
    fprintf(file,
            ",\"check_in_open\":%s,\"present\":%" PRIu32 ",\"issued\":%" PRIu32
            ",\"pending\":%" PRIu32
            ",\"decision\":\"%s\",\"step\":\"%s\",\"step_begun_ms\":%" PRId64 "}\n",
            status->is_check_in_open ? "true" : "false", status->present, status->issued,
            status->pending, decision_name(status->decision), status->step, status->step_begun_ms);
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
    case ROUND_CERTIFIED:
        return WORD(language, "已认定", "certified");
    case ROUND_VOID:
        return WORD(language, "作废", "void");
    default:
        return WORD(language, "未开票", "not opened yet");
    }
}

static const char *decision_word(enum decision decision, enum language language)
{
    switch (decision) {
    case DECISION_PENDING:
        return WORD(language, "有票待裁定", "cards wait for a ruling");
    case DECISION_COUNTED:
        return WORD(language, "已计票", "counted");
    case DECISION_ELECTED:
        return WORD(language, "选出", "elected");
    case DECISION_RUN_OFF:
        return WORD(language, "得票相等,须再次投票", "tied: a run-off is needed");
    case DECISION_ANOTHER:
        return WORD(language, "未选足,须另行选举", "too few: another election is needed");
    case DECISION_STOPPED:
        return WORD(language, "未选足,不再选举", "too few: stopped by decision");
    case DECISION_PASSED:
        return WORD(language, "通过", "passed");
    case DECISION_NOT_PASSED:
        return WORD(language, "未通过", "not passed");
    case DECISION_VOID:
        return WORD(language, "本轮无效", "void");
    case DECISION_INVALID:
        break;
    }
    return "";
}

void report_print_status(const struct status_report *status, enum language language, FILE *file)
{
    fprintf(file, WORD(language, "活动 %s,记录 %s\n", "event %s, log %s\n"), status->event,
            status->log_id);
    fprintf(file, WORD(language, "轮次 %" PRIu32 " %s %s:%s\n", "round %" PRIu32 " %s %s: %s\n"),
            status->round.round, status->round.contest, status->round.subject,
            state_word(status->round.state, language));
    fprintf(file,
            WORD(language,
                 "应到 %" PRIu32 ",在线 %" PRIu32 ",收回 %" PRIu32 ",已记录标记 %" PRIu64
                 ",字幕机 %" PRIu32 "\n",
                 "registered %" PRIu32 ", connected %" PRIu32 ", cast %" PRIu32
                 ", marks recorded %" PRIu64 ", overlays %" PRIu32 "\n"),
            status->registered, status->connected_voters, status->cast_count,
            status->recorded_total, status->overlays);
    fprintf(file,
            WORD(language, "实到 %" PRIu32 ",发出 %" PRIu32 ",签到%s\n",
                 "present %" PRIu32 ", issued %" PRIu32 ", check-in %s\n"),
            status->present, status->issued,
            status->is_check_in_open ? WORD(language, "进行中", "open")
                                     : WORD(language, "未进行", "closed"));
    if (status->storage == STORAGE_FULL) {
        fputs(WORD(language, "磁盘已满:不再记录新票,请腾出空间\n",
                   "the disk is full: no new vote is recorded; make room\n"),
              file);
    }
    if (status->pending > 0) {
        fprintf(file,
                WORD(language, "待裁定 %" PRIu32 " 张\n", "waiting for a ruling: %" PRIu32 "\n"),
                status->pending);
    }
    if (status->decision != DECISION_INVALID) {
        fprintf(file, WORD(language, "结论:%s\n", "decision: %s\n"),
                decision_word(status->decision, language));
    }
    if (status->step[0] != '\0') {
        fprintf(file, WORD(language, "议程:%s\n", "step of the rundown: %s\n"), status->step);
    }
    if (status->unsafe_disk) {
        fputs(WORD(language, "注意:数据目录不在可靠的磁盘上\n",
                   "warning: the data directory is not on a safe disk\n"),
              file);
    }
}

void report_print_cases(const struct cases_report *cases, enum language language, FILE *file)
{
    fprintf(file,
            WORD(language, "轮次 %" PRIu32 ",待裁定 %" PRIu32 " 张\n",
                 "round %" PRIu32 ", waiting for a ruling: %" PRIu32 "\n"),
            cases->round, cases->total);
    for (uint32_t i = 0; i < cases->count; i++) {
        fprintf(file, "%" PRIu32 "\t%s\t%s\n", cases->cases[i].number, cases->cases[i].rule,
                cases->cases[i].text);
    }
    if (cases->total > cases->count) {
        fprintf(file,
                WORD(language, "另有 %" PRIu32 " 张,裁定以上各张后列出\n",
                     "%" PRIu32 " more follow when these are ruled\n"),
                cases->total - cases->count);
    }
}

void report_print_cases_json(const struct cases_report *cases, FILE *file)
{
    /* Every byte of a text may be escaped to six. */
    static char buffer[CASE_SHOWN_MAX * (6 * (CASE_TEXT_SIZE + 8) + 64) + 128];
    struct writer writer;
    writer_init(&writer, buffer, sizeof(buffer));
    writer_literal(&writer, "{\"round\":");
    writer_uint(&writer, cases->round);
    writer_literal(&writer, ",\"total\":");
    writer_uint(&writer, cases->total);
    writer_literal(&writer, ",\"cases\":[");
    for (uint32_t i = 0; i < cases->count && i < CASE_SHOWN_MAX; i++) {
        writer_put(&writer, ",", i > 0);
        writer_literal(&writer, "{\"number\":");
        writer_uint(&writer, cases->cases[i].number);
        writer_literal(&writer, ",\"rule\":");
        writer_string(&writer, cases->cases[i].rule);
        writer_literal(&writer, ",\"text\":");
        writer_string(&writer, cases->cases[i].text);
        writer_literal(&writer, "}");
    }
    writer_literal(&writer, "]}");
    if (writer_end(&writer) > 0) {
        fprintf(file, "%s\n", buffer);
    }
}
