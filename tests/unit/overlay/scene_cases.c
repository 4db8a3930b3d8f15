#include "tests/unit/overlay/scene_cases.h"

#include <stdio.h>

#define SUBJECT "contest=appraisal\nsubject=s03\n"
#define SPEECH "kind=speech\nfrom_ms=1700000000000\n"
#define SECRETARY "contest=secretary\n"
#define FINGERPRINT "fingerprint=0123 4567 89ab cdef 01\n"
#define CODE "qr=https://vote.example.cn/r/2026/township/secretary#0123456789abcdef\n"
/* What follows it would align by bytes. */
/* clang-format off */
#define TEXTS \
    "text_zh=区委常委三号“工作能力”一项应为 67.0%，此前播出的 76.0% 有误。\n" \
    "text_en=Post three, ability: 67.0 %; the 76.0 % shown before was wrong.\n"

#define NOTICE_WORDS \
    "title_zh=民主测评\ntitle_en=Appraisal\n" \
    "text_zh=每位代表对十一个项目逐项评价：好、一般、差。请使用表决器或手机。\n" \
    "text_en=Eleven criteria, each good, fair or poor, on keypads and phones.\n"
/* clang-format on */

const struct scene_case scene_cases[] = {
    { "strap", SCENE_STRAP, SUBJECT, "s1" },
    { "strip", SCENE_STRIP, SUBJECT, "s1" },
    { "board", SCENE_BOARD, SUBJECT, "s1" },
    { "matrix", SCENE_MATRIX, "contest=appraisal\n", "s1" },
    { "matrix-2", SCENE_MATRIX, "contest=appraisal\n", "s1-paper" },
    { "turnout", SCENE_TURNOUT, "contest=appraisal\n", "s1" },
    { "clock", SCENE_CLOCK, "", "s1" },
    { "clock-2", SCENE_CLOCK, SPEECH "seconds=60\n", "s1" },
    { "clock-3", SCENE_CLOCK, SPEECH "seconds=3\n", "s1" },
    { "crawl", SCENE_CRAWL, TEXTS "times=2\n", "s1" },
    { "opinion", SCENE_OPINION, TEXTS, "s1" },
    { "correction", SCENE_CORRECTION, TEXTS, "s1" },
    { "notice", SCENE_NOTICE, NOTICE_WORDS, "s1" },
    { "notice-2", SCENE_NOTICE, NOTICE_WORDS "until_ms=1700003609000\n", "s1" },
    { "notice-3", SCENE_NOTICE, TEXTS "seconds=1\n", "s1" },
    { "race", SCENE_RACE, SECRETARY, "s4" },
    { "race-2", SCENE_RACE, SECRETARY, "s4-open" },
    { "race-3", SCENE_RACE, SECRETARY, "s4-committee" },
    { "race-4", SCENE_RACE, SECRETARY, "s4-poll" },
    { "result", SCENE_RESULT, SECRETARY, "s4" },
    { "result-2", SCENE_RESULT, SECRETARY FINGERPRINT CODE, "s4-committee" },
    { "result-3", SCENE_RESULT, SECRETARY CODE, "s4-open" },
    { "result-4", SCENE_RESULT, "contest=recommend\n" FINGERPRINT, "s4-poll" },
    { "result-5", SCENE_RESULT, "contest=report\n" FINGERPRINT CODE, "s5-motion" },
    { "result-6", SCENE_RESULT, "contest=works\n" CODE, "s5" },
    { "result-7", SCENE_RESULT, SUBJECT FINGERPRINT, "s1" },
    { "result-8", SCENE_RESULT, "contest=appraisal\nsubject=s01\n" FINGERPRINT CODE, "s1" },
};
const size_t scene_case_count = sizeof(scene_cases) / sizeof(scene_cases[0]);

const char *mood_name(enum mood mood)
{
    static const char *const names[MOOD_COUNT] = {
        "",          "as saved", "turnout", "hidden",    "paused",     "no votes",
        "unanimous", "paper",    "void",    "certified", "short name", "long name",
    };
    return names[mood];
}

static void name_set(struct label *name, const char *zh, const char *en)
{
    snprintf(name->zh, sizeof(name->zh), "%s", zh);
    snprintf(name->en, sizeof(name->en), "%s", en);
}

/* The names of all subjects and candidates; posts, as everywhere. */
static void names_set(struct hall *hall, const char *zh, const char *en)
{
    for (uint32_t c = 0; c < hall->document.texts->contest_count; c++) {
        struct contest *contest = &hall->document.texts->contests[c];
        for (uint32_t i = 0; i < contest->subject_count; i++) {
            name_set(&contest->subjects[i].name, zh, en);
        }
        for (uint32_t i = 0; i < contest->candidate_count; i++) {
            name_set(&contest->candidates[i].name, zh, en);
        }
    }
}

void mood_set(struct hall *hall, enum mood mood)
{
    struct figures *live = &hall->document.view.live;
    live->shows = mood == MOOD_TURNOUT || mood == MOOD_VOID ? LIVE_TURNOUT
                  : mood == MOOD_HIDDEN                     ? LIVE_HIDDEN
                                                            : live->shows;
    live->state = mood == MOOD_PAUSED      ? ROUND_PAUSED
                  : mood == MOOD_VOID      ? ROUND_VOID
                  : mood == MOOD_CERTIFIED ? ROUND_CERTIFIED
                                           : live->state;
    live->paper_count = mood == MOOD_PAPER ? 1234 : live->paper_count;
    for (uint32_t i = 0; i < live->item_count; i++) {
        struct item_figures *item = &live->items[i];
        if (mood == MOOD_NO_VOTES) {
            *item = (struct item_figures){ 0 };
        } else if (mood == MOOD_UNANIMOUS) {
            *item = (struct item_figures){ { live->cast_count }, live->cast_count };
        }
    }
    if (mood == MOOD_SHORT_NAME) {
        names_set(hall, "书记", "Secretary");
    } else if (mood == MOOD_LONG_NAME) {
        names_set(hall, "民族委员·统战委员一号", "Head of the Ethnic Affairs Office");
    }
}
