#include "clients/ctl/report.h"

#include <inttypes.h>

#include "clients/ctl/word.h"
#include "server/protocol/writer.h"

/* As the protocol's status has it. */
static void overlays_print_json(const struct status_report *status, FILE *file)
{
    char buffer[65536]; /* a status has room for all in one message of this size */
    struct writer writer;
    writer_init(&writer, buffer, sizeof(buffer));
    status_air_write(&writer, status);
    if (writer_end(&writer) > 0) {
        fputs(buffer, file);
    }
}

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
            ",\"decision\":\"%s\",\"step\":\"%s\",\"step_begun_ms\":%" PRId64,
            status->is_check_in_open ? "true" : "false", status->present, status->issued,
            status->pending, decision_name(status->decision), status->step, status->step_begun_ms);
    overlays_print_json(status, file);
    fputs("}\n", file);
}

static const char *air_state_word(enum air_state state, enum language language)
{
    switch (state) {
    case AIR_UP:
        return WORD(language, "正常", "up");
    case AIR_RETRYING:
        return WORD(language, "重试中", "retrying");
    case AIR_FAILED:
        return WORD(language, "已失败", "failed");
    default:
        return WORD(language, "无", "none");
    }
}

static uint64_t mean_of(uint64_t sum, uint64_t count)
{
    return count > 0 ? sum / count : 0;
}

/* One overlay in three lines or so: frames, work, and each output. */
static void overlay_print(const struct overlay_status *overlay, enum language language, FILE *file)
{
    const struct air_report *report = &overlay->report;
    fprintf(file,
            WORD(language,
                 "字幕机 %s(%s,%s):帧 %" PRIu64 ",迟 %" PRIu64 ",重复 %" PRIu64 ",丢弃更新 %" PRIu64
                 ",绘制进程启动 %" PRIu64 " 次%s%s%s\n",
                 "overlay %s (%s, %s): frames %" PRIu64 ", late %" PRIu64 ", repeated %" PRIu64
                 ", updates dropped %" PRIu64 ", painters started %" PRIu64 "%s%s%s\n"),
            overlay->post,
            report->bus == BUS_PREVIEW ? WORD(language, "预监", "preview")
                                       : WORD(language, "播出", "programme"),
            report->format, report->frames, report->late, report->repeated, report->dropped,
            report->painters,
            report->is_painter_up ? "" : WORD(language, ",绘制中断", ", no painter"),
            report->is_panic ? WORD(language, ",已紧急撤屏", ", panic") : "",
            report->is_hidden ? WORD(language, ",无信号源已撤屏", ", hidden") : "");
    fprintf(file,
            WORD(language,
                 "  绘制 %" PRIu64 "、转换 %" PRIu64 "、叠加 %" PRIu64 " 微秒;票数上屏平均 %" PRIu64
                 " 毫秒(%" PRIu64 " 次)\n",
                 "  paint %" PRIu64 ", convert %" PRIu64 ", blend %" PRIu64
                 " us; view to frame %" PRIu64 " ms on average (%" PRIu64 " times)\n"),
            mean_of(report->paint.us_sum, report->paint.count),
            mean_of(report->convert.us_sum, report->convert.count),
            mean_of(report->blend.us_sum, report->blend.count),
            mean_of(report->delay_ms_sum, air_delay_total(report->delays)),
            air_delay_total(report->delays));
    if (report->input != AIR_NONE) {
        fprintf(file, WORD(language, "  输入:%s\n", "  input: %s\n"),
                air_state_word(report->input, language));
    }
    for (uint32_t i = 0; i < report->output_count; i++) {
        const struct air_output *output = &report->outputs[i];
        fprintf(file,
                WORD(language, "  输出 %s:%s,丢帧 %" PRIu64 ",重启 %" PRIu64 " 次\n",
                     "  output %s: %s, dropped %" PRIu64 ", restarts %" PRIu64 "\n"),
                output->name, air_state_word(output->state, language), output->drops,
                output->restarts);
    }
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
    for (uint32_t i = 0; i < status->air_count; i++) {
        overlay_print(&status->air[i], language, file);
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
