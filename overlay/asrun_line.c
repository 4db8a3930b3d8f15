#include "overlay/asrun_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "server/model/utf8.h"

struct out {
    char *text;
    size_t size;
    size_t used;
    bool is_full;
};

static void put(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct out *out, const char *format, ...)
{
    va_list arguments;
    if (out->is_full)
        return;
    va_start(arguments, format);
    int wrote = vsnprintf(out->text + out->used, out->size - out->used, format, arguments);
    va_end(arguments);
    if (wrote < 0 || (size_t)wrote >= out->size - out->used)
        out->is_full = true;
    else
        out->used += (size_t)wrote;
}

static void put_string(struct out *out, const char *text, size_t size)
{
    put(out, "\"");
    for (size_t i = 0; i < size;) {
        uint32_t codepoint = 0;
        size_t step = utf8_next(text + i, size - i, &codepoint);
        if (step == 0)
            put(out, "\xEF\xBF\xBD");
        else if (codepoint == '"' || codepoint == '\\')
            put(out, "\\%c", (char)codepoint);
        else if (codepoint < 0x20 || codepoint == 0x7f)
            put(out, "\\u%04x", (unsigned)codepoint);
        else
            put(out, "%.*s", (int)step, text + i);
        i += step == 0 ? 1 : step;
    }
    put(out, "\"");
}

/* 2026-11-27T20:14:07.120+08:00, and as the frame of that second. */
static void time_put(struct out *out, const struct asrun_line *line)
{
    time_t seconds = (time_t)(line->wall_ns / 1000000000);
    int64_t rest_ns = line->wall_ns % 1000000000;
    struct tm local = { 0 };
    char day[32] = "";
    char zone[8] = "";
    localtime_r(&seconds, &local);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &local);
    strftime(zone, sizeof zone, "%z", &local);
    put(out, ",\"at\":\"%s.%03d%.3s:%s\"", day, (int)(rest_ns / 1000000), zone, zone + 3);
    put(out, ",\"timecode\":\"%02d:%02d:%02d:%02d\"", local.tm_hour, local.tm_min, local.tm_sec,
        (int)(rest_ns * line->frame_rate / 1000000000));
}

/* Lines of a text as a list. */
static void list_put(struct out *out, const char *text)
{
    bool is_first = true;
    put(out, ",\"text\":[");
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        put(out, "%s", is_first ? "" : ",");
        put_string(out, text, size);
        is_first = false;
        text += size + (text[size] == '\n');
    }
    put(out, "]");
}

/* "key=value\n" lines as an object; one that is no such line is left out. */
static void params_put_json(struct out *out, const char *params)
{
    bool is_first = true;
    put(out, ",\"params\":{");
    while (*params != '\0') {
        size_t size = strcspn(params, "\n");
        const char *equals = memchr(params, '=', size);
        if (equals != NULL) {
            put(out, "%s", is_first ? "" : ",");
            put_string(out, params, (size_t)(equals - params));
            put(out, ":");
            put_string(out, equals + 1, size - (size_t)(equals - params) - 1);
            is_first = false;
        }
        params += size + (params[size] == '\n');
    }
    put(out, "}");
}

static void cue_put(struct out *out, const struct asrun_line *line)
{
    const struct cue *cue = &line->cue;
    put(out, ",\"scene\":\"%s\",\"take\":%u", cue->scene == 0 ? "" : scene_name(cue->scene),
        cue->take);
    if (cue->scene != 0)
        params_put_json(out, cue->params);
    put(out, ",\"post\":");
    put_string(out, cue->post, strlen(cue->post));
    put(out, ",\"log\":\"%016" PRIx64 "\",\"epoch\":%" PRIu64 ",\"words\":\"%016" PRIx64 "\"",
        line->log, line->epoch, cue->words);
    if (cue->scene == 0)
        return;
    list_put(out, cue->text);
    if (cue->is_cut != 0)
        put(out, ",\"cut\":true");
}

size_t asrun_line_format(const struct asrun_line *line, char *text, size_t size)
{
    static const char *const whys[ASRUN_COUNT] = {
        [ASRUN_INVALID] = "invalid", [ASRUN_START] = "start",     [ASRUN_END] = "end",
        [ASRUN_TAKE] = "take",       [ASRUN_CLEAR] = "clear",     [ASRUN_CUT] = "cut",
        [ASRUN_FIGURES] = "figures", [ASRUN_SETTLED] = "settled", [ASRUN_PANIC] = "panic",
        [ASRUN_STALE] = "stale",     [ASRUN_BYPASS] = "bypass",   [ASRUN_SHOWN] = "shown",
    };
    struct out out = { .text = text, .size = size };
    put(&out, "{\"frame\":%" PRIu64, line->frame);
    time_put(&out, line);
    put(&out, ",\"why\":\"%s\",\"layer\":\"%s\"", whys[line->why], layer_name(line->layer));
    if (line->layer != LAYER_ALL)
        cue_put(&out, line);
    if (line->picture != 0)
        put(&out, ",\"picture\":\"%016" PRIx64 "\"", line->picture);
    if (line->lost != 0)
        put(&out, ",\"lost\":%" PRIu64, line->lost);
    put(&out, "}\n");
    return out.is_full ? 0 : out.used;
}
