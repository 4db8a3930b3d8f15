#include "clients/ctl/verify.h"

#include <inttypes.h>

#include "clients/ctl/acks_check.h"
#include "clients/ctl/recount.h"
#include "clients/ctl/word.h"
#include "server/core/disclosure.h"

struct totals {
    uint64_t number_count; /* numbers that were compared */
    uint64_t card_count;
};

static enum status round_compare(const struct ledger *ledger, const struct recount_round *second,
                                 struct totals *totals, struct fault *fault)
{
    const struct round *first = sitting_round(ledger->sitting, second->round);
    if (first == NULL) {
        return fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 " is not in the first count",
                         second->round);
    }
    const struct contest *contest = &ledger->event->contests[first->contest];
    if (first->tally.cast_count != second->card_count) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "round %" PRIu32 ": %" PRIu32 " cards by the first count, %" PRIu32
                         " by the second",
                         second->round, first->tally.cast_count, second->card_count);
    }
    for (uint32_t item = 0; item < ITEM_MAX; item++) {
        for (uint32_t grade = 0; grade < GRADE_MAX; grade++) {
            bool is_known = item < contest->criterion_count && grade < contest->grade_count;
            uint32_t counted = is_known ? first->tally.counts[item][grade] : 0;
            if (counted != second->counts[item][grade]) {
                return fault_set(fault, STATUS_REFUSED, "",
                                 "round %" PRIu32 ", %s, item %" PRIu32 ", choice %" PRIu32
                                 ": %" PRIu32 " by the first count, %" PRIu32 " by the second",
                                 second->round, contest->subjects[first->subject].id, item, grade,
                                 counted, second->counts[item][grade]);
            }
            totals->number_count += is_known ? 1 : 0;
        }
    }
    struct figures figures;
    disclosure_figures(ledger->sitting, first, AUDIENCE_SCRUTINEER, &figures);
    if (first->state == ROUND_CLOSED && !figures_are_sound(&figures)) {
        return fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 ": the sums do not agree",
                         second->round);
    }
    totals->card_count += second->card_count;
    return STATUS_OK;
}

static enum status counts_compare(const struct ledger *ledger, const struct recount *recount,
                                  struct totals *totals, struct fault *fault)
{
    if (recount->round_count != sitting_round_count(ledger->sitting)) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "%" PRIu32 " rounds by the first count, %" PRIu32 " by the second",
                         sitting_round_count(ledger->sitting), recount->round_count);
    }
    for (uint32_t i = 0; i < recount->round_count; i++) {
        enum status status = round_compare(ledger, &recount->rounds[i], totals, fault);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (recount->outside_count != 0) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "%" PRIu64 " marks in the log lie outside their round's opening",
                         recount->outside_count);
    }
    if (sitting_ignored_total(ledger->sitting) != 0) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "%" PRIu64 " marks in the log were passed over: recorded twice or late",
                         sitting_ignored_total(ledger->sitting));
    }
    return STATUS_OK;
}

static enum status acks_compare(const char *path, const struct recount *recount,
                                enum language language, FILE *out, struct fault *fault)
{
    struct acks_report report;
    enum status status = acks_check(path, recount, &report, fault);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_REFUSED : status;
    }
    fprintf(out,
            WORD(language,
                 "回执 %s:%" PRIu64 " 条全部在记录内;计入 %" PRIu64 ",由更高版本替代 %" PRIu64
                 "%s\n",
                 "acknowledgements %s: %" PRIu64 " marks, all in the log; %" PRIu64
                 " counted, %" PRIu64 " replaced by a higher version%s\n"),
            path, report.line_count, report.counted_count, report.superseded_count,
            report.cut_count != 0 ? WORD(language, ";末行不完整,未比较",
                                         "; the last line has no end and was not compared")
                                  : "");
    return STATUS_OK;
}

enum status verify_run(const struct ledger *ledger, const char *acks, enum language language,
                       FILE *out, struct fault *fault)
{
    struct recount recount;
    struct totals totals = { 0 };
    enum status status = recount_run(ledger, &recount, fault);
    if (status != STATUS_OK) {
        return status;
    }
    fprintf(out,
            WORD(language, "活动 %s,记录 %s:轮次 %" PRIu32 ",标记 %" PRIu64 ",操作 %" PRIu64 "\n",
                 "event %s, log %s: %" PRIu32 " rounds, %" PRIu64 " marks, %" PRIu64 " acts\n"),
            ledger->event->id, ledger->identity.log_id, recount.round_count, ledger->mark_count,
            ledger->act_count);
    status = counts_compare(ledger, &recount, &totals, fault);
    if (status == STATUS_OK) {
        fprintf(out,
                WORD(language,
                     "两次计票一致:%" PRIu64 " 个数,%" PRIu64 " 张票,有效标记 %" PRIu64
                     ";合计无误\n",
                     "both counts agree: %" PRIu64 " numbers, %" PRIu64 " cards, %" PRIu64
                     " marks taken; the sums agree\n"),
                totals.number_count, totals.card_count, recount.mark_count);
        if (acks != NULL) {
            status = acks_compare(acks, &recount, language, out, fault);
        }
    }
    if (status == STATUS_OK) {
        fprintf(out, "%s\n", WORD(language, "核验通过", "verified"));
    }
    recount_finish(&recount);
    return status;
}
