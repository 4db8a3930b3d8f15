#include "clients/ctl/asrun.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/ctl/word.h"
#include "server/model/programme.h"
#include "server/protocol/asrun_entry.h"

#define DAY_MS INT64_C(86400000)

/*
 * layers   the newest line of each that is on, by enum layer; scene "" where it is clear
 * newest   the newest line of all; is_hidden: graphics were off as a whole
 * is_over  the overlay had ended; lost: lines that are missing so far
 */
struct answer {
    struct asrun_entry layers[LAYER_COUNT];
    struct asrun_entry newest;
    bool has_any;
    bool is_hidden;
    bool is_over;
    uint64_t lost;
    uint64_t unread;
    int64_t first_ms;
    int64_t last_ms;
};

static bool fraction_read(const char **text, int64_t *ms)
{
    int64_t weight = 100;
    *ms = 0;
    if (**text != '.') {
        return true;
    }
    if ((*text)[1] < '0' || (*text)[1] > '9') {
        return false;
    }
    for ((*text)++; **text >= '0' && **text <= '9'; (*text)++) {
        *ms += (**text - '0') * weight;
        weight /= 10;
    }
    return true;
}

/* Z, ±HH:MM or nothing (local). */
static bool zone_apply(const char *text, struct tm *tm, int64_t *seconds)
{
    if (text[0] == '\0') {
        tm->tm_isdst = -1;
        *seconds = mktime(tm);
        return true;
    }
    *seconds = timegm(tm);
    if (strcmp(text, "Z") == 0) {
        return true;
    }
    struct tm shift = { 0 };
    const char *rest = strptime(text + 1, "%H:%M", &shift);
    if ((text[0] != '+' && text[0] != '-') || rest == NULL || *rest != '\0') {
        return false;
    }
    *seconds -= (text[0] == '-' ? -1 : 1) * (shift.tm_hour * 3600 + shift.tm_min * 60);
    return true;
}

static bool moment_read(const char *text, int64_t *moment_ms)
{
    struct tm tm = { 0 };
    int64_t ms;
    int64_t seconds;
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (rest == NULL || !fraction_read(&rest, &ms) || !zone_apply(rest, &tm, &seconds)) {
        return false;
    }
    *moment_ms = seconds * 1000 + ms;
    return true;
}

/* A time of day: the newest that is not after last_ms. */
static bool time_of_day_read(const char *text, int64_t last_ms, int64_t *moment_ms)
{
    struct tm clock = { 0 };
    int64_t ms;
    time_t last_s = (time_t)(last_ms / 1000);
    const char *rest = strptime(text, "%H:%M:%S", &clock);
    if (rest == NULL || !fraction_read(&rest, &ms) || *rest != '\0') {
        return false;
    }
    for (int back = 0; back < 2; back++) {
        struct tm day;
        localtime_r(&last_s, &day);
        day.tm_mday -= back;
        day.tm_hour = clock.tm_hour;
        day.tm_min = clock.tm_min;
        day.tm_sec = clock.tm_sec;
        day.tm_isdst = -1;
        *moment_ms = (int64_t)mktime(&day) * 1000 + ms;
        if (*moment_ms / 1000 <= last_ms / 1000) {
            return true;
        }
    }
    return true;
}

static void entry_apply(struct answer *answer, const struct asrun_entry *entry)
{
    enum layer layer = layer_parse(entry->layer);
    answer->newest = *entry;
    answer->has_any = true;
    answer->lost += entry->lost;
    answer->is_over = strcmp(entry->why, "end") == 0;
    if (layer == LAYER_ALL) {
        answer->is_hidden = strcmp(entry->why, "panic") == 0 || strcmp(entry->why, "stale") == 0 ||
                            strcmp(entry->why, "bypass") == 0;
        memset(answer->layers, 0, sizeof(answer->layers));
    } else if (layer != LAYER_INVALID) {
        answer->is_hidden = false;
        answer->layers[layer] = *entry;
    }
}

/*
 * Reads the file; applies what is not after until_ms, unless that is INT64_MAX: then only first and
 * last are found.
 */
static enum status file_read(const char *path, int64_t until_ms, struct answer *answer,
                             struct fault *fault)
{
    static struct asrun_entry entry;
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", path, strerror(errno));
    }
    *answer = (struct answer){ 0 };
    bool has_first = false;
    while ((size = getline(&line, &room, file)) > 0) {
        int64_t at_ms;
        if (asrun_entry_decode(line, (size_t)size, &entry, NULL) != STATUS_OK ||
            !moment_read(entry.at, &at_ms)) {
            answer->unread++;
            continue;
        }
        answer->first_ms = has_first ? answer->first_ms : at_ms;
        answer->last_ms = at_ms;
        has_first = true;
        if (at_ms > until_ms) {
            break;
        }
        if (until_ms != INT64_MAX) {
            entry_apply(answer, &entry);
        }
    }
    bool is_bad = ferror(file) != 0;
    free(line);
    fclose(file);
    if (is_bad) {
        return fault_set(fault, STATUS_IO, "", "cannot read '%s'", path);
    }
    return has_first
               ? STATUS_OK
               : fault_set(fault, STATUS_NOT_FOUND, "", "'%s' has no line of an as-run log", path);
}

static const char *layer_word(enum layer layer, enum language language)
{
    static const char *const words[LAYER_COUNT] = {
        [LAYER_FULLSCREEN] = "全屏", [LAYER_LOWER] = "下方", [LAYER_BUG] = "角标",
        [LAYER_CRAWL] = "滚动字幕",  [LAYER_ALERT] = "警示",
    };
    return language == LANGUAGE_ZH_CN ? words[layer] : layer_name(layer);
}

/* Lines as one, parted by `between`. */
static void lines_print(const char *lines, const char *between, FILE *out)
{
    for (const char *at = lines; *at != '\0'; at++) {
        if (*at == '\n' && at[1] == '\0') {
            break;
        }
        if (*at == '\n') {
            fputs(between, out);
        } else {
            fputc(*at, out);
        }
    }
}

static void layer_print(enum layer layer, const struct asrun_entry *entry, enum language language,
                        FILE *out)
{
    fprintf(out, WORD(language, "%s:%s(", "%s: %s ("), layer_word(layer, language), entry->scene);
    lines_print(entry->params, ", ", out);
    fprintf(out,
            WORD(language, "),第 %" PRIu32 " 次上屏,%s 操作,第 %" PRIu64 " 期;自 %s 起这样显示\n",
                 "), take %" PRIu32 " by %s, epoch %" PRIu64 "; like this since %s\n"),
            entry->take, entry->post[0] != '\0' ? entry->post : "?", entry->epoch, entry->at);
    fputs("    ", out);
    lines_print(entry->text, " | ", out);
    fputs(entry->is_cut ? " …\n" : "\n", out);
}

static void answer_print(const struct answer *answer, int64_t moment_ms, enum language language,
                         FILE *out)
{
    char when[32];
    struct tm local;
    time_t seconds = (time_t)(moment_ms / 1000);
    uint32_t on_count = 0;
    localtime_r(&seconds, &local);
    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &local);
    const struct asrun_entry *newest = &answer->newest;
    fprintf(out,
            WORD(language, "%s,最后一次变化在第 %" PRIu64 " 帧,时码 %s(%s),画面 %s\n",
                 "%s; the newest change is frame %" PRIu64 ", time code %s (%s), picture %s\n"),
            when, newest->frame, newest->timecode, newest->why,
            newest->picture[0] != '\0' ? newest->picture : "-");
    for (int i = LAYER_FULLSCREEN; i < LAYER_COUNT; i++) {
        if (answer->layers[i].scene[0] != '\0') {
            layer_print((enum layer)i, &answer->layers[i], language, out);
            on_count++;
        }
    }
    if (answer->is_over) {
        fputs(WORD(language, "图文机已经停播\n", "the overlay had ended\n"), out);
    } else if (on_count == 0) {
        fputs(answer->is_hidden ? WORD(language, "没有图文:被整体撤下\n",
                                       "no graphics: they were off as a whole\n")
                                : WORD(language, "没有图文\n", "no graphics\n"),
              out);
    }
    if (answer->lost > 0 || answer->unread > 0) {
        fprintf(out,
                WORD(language, "注意:记录缺 %" PRIu64 " 行,%" PRIu64 " 行读不出\n",
                     "but %" PRIu64 " lines are missing and %" PRIu64 " cannot be read\n"),
                answer->lost, answer->unread);
    }
}

enum status asrun_answer(const char *path, const char *at, enum language language, FILE *out,
                         struct fault *fault)
{
    static struct answer answer;
    int64_t moment_ms;
    enum status status = file_read(path, INT64_MAX, &answer, fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (!moment_read(at, &moment_ms) && !time_of_day_read(at, answer.last_ms, &moment_ms)) {
        return fault_set(fault, STATUS_INVALID, "",
                         "--at '%s' is no time: 20:14:07 or 2026-11-27T20:14:07", at);
    }
    int64_t first_ms = answer.first_ms;
    status = file_read(path, moment_ms, &answer, fault);
    if (status == STATUS_OK && !answer.has_any) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "'%s' begins later, %" PRId64 " s after --at",
                         path, (first_ms - moment_ms + 999) / 1000);
    }
    if (status == STATUS_OK) {
        answer_print(&answer, moment_ms, language, out);
    }
    return status;
}
