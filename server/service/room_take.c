#include <stdlib.h>
#include <string.h>

#include "server/service/room_impl.h"

/*
 * What a scene can show beside what the event names: words, numbers, ways to turn pages. A take
 * that would show nothing, or something else than was meant, is refused here and never gets on air.
 */
#define CRAWL_TIMES_MAX 100
#define SPEECH_SECONDS_MAX 86400
#define NOTICE_SECONDS_MAX 86400

/* A whole number from 1 to `most`, where the take has the key. */
static enum status number_check(const struct control *control, const char *key, uint64_t most,
                                struct fault *fault)
{
    char text[24];
    char *end;
    if (!params_get(control->params, key, text, sizeof(text))) {
        return STATUS_OK;
    }
    uint64_t number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || number < 1 || number > most) {
        return fault_set(fault, STATUS_INVALID, "", "%s must be 1 to %llu", key,
                         (unsigned long long)most);
    }
    return STATUS_OK;
}

/* One of two words, where the take has the key. */
static enum status word_check(const struct control *control, const char *key, const char *first,
                              const char *second, struct fault *fault)
{
    char text[16];
    if (params_get(control->params, key, text, sizeof(text)) && strcmp(text, first) != 0 &&
        strcmp(text, second) != 0) {
        return fault_set(fault, STATUS_INVALID, "", "%s must be %s or %s", key, first, second);
    }
    return STATUS_OK;
}

/* A text that is not empty and has at most `most` bytes, where the take has the key. */
static enum status size_check(const struct control *control, const char *key, size_t most,
                              struct fault *fault)
{
    char text[PARAMS_SIZE];
    if (!params_get(control->params, key, text, sizeof(text)) ||
        (text[0] != '\0' && strlen(text) <= most)) {
        return STATUS_OK;
    }
    return fault_set(fault, STATUS_INVALID, "", "%s must have 1 to %zu bytes, and has %zu", key,
                     most, strlen(text));
}

static enum status clock_check(const struct control *control, struct fault *fault)
{
    char kind[16] = "countdown";
    enum status status = word_check(control, "kind", "countdown", "speech", fault);
    (void)params_get(control->params, "kind", kind, sizeof(kind));
    bool is_speech = strcmp(kind, "speech") == 0;
    bool has_seconds = params_get(control->params, "seconds", kind, sizeof(kind));
    if (status == STATUS_OK && is_speech != has_seconds) {
        return fault_set(fault, STATUS_INVALID, "",
                         is_speech ? "a speech clock needs seconds=1 to 86400"
                                   : "a countdown has its time from the round: seconds is of "
                                     "kind=speech");
    }
    if (status == STATUS_OK) {
        status = number_check(control, "seconds", SPEECH_SECONDS_MAX, fault);
    }
    return status == STATUS_OK ? number_check(control, "from_ms", INT64_MAX / 1000000, fault)
                               : status;
}

/* A slate without words is none; one without a time is one. */
static enum status notice_check(const struct control *control, struct fault *fault)
{
    static const char *const keys[] = { "title_zh", "title_en", "text_zh", "text_en" };
    char text[PARAMS_SIZE];
    bool has_words = false;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        has_words = has_words || params_get(control->params, keys[i], text, sizeof(text));
    }
    if (!has_words) {
        return fault_set(fault, STATUS_INVALID, "", "a notice needs a title or a text");
    }
    if (params_get(control->params, "seconds", text, sizeof(text)) &&
        params_get(control->params, "until_ms", text, sizeof(text))) {
        return fault_set(fault, STATUS_INVALID, "", "a notice has seconds or until_ms, not both");
    }
    enum status status = number_check(control, "seconds", NOTICE_SECONDS_MAX, fault);
    return status == STATUS_OK ? number_check(control, "until_ms", INT64_MAX / 1000000, fault)
                               : status;
}

enum status room_take_check(const struct control *control, struct fault *fault)
{
    bool has_words = control->scene == SCENE_CRAWL || control->scene == SCENE_OPINION ||
                     control->scene == SCENE_CORRECTION;
    char text[PARAMS_SIZE];
    enum status status = word_check(control, "pages", "auto", "manual", fault);
    if (status == STATUS_OK && control->scene == SCENE_CLOCK) {
        status = clock_check(control, fault);
    }
    if (status == STATUS_OK && control->scene == SCENE_CRAWL) {
        status = number_check(control, "times", CRAWL_TIMES_MAX, fault);
    }
    if (status == STATUS_OK && control->scene == SCENE_NOTICE) {
        status = notice_check(control, fault);
    }
    if (status == STATUS_OK && control->scene == SCENE_RESULT) {
        status = size_check(control, "fingerprint", RESULT_FINGERPRINT_MAX, fault);
        status = status == STATUS_OK ? size_check(control, "qr", RESULT_CODE_MAX, fault) : status;
    }
    if (status == STATUS_OK && has_words &&
        !params_get(control->params, "text_zh", text, sizeof(text)) &&
        !params_get(control->params, "text_en", text, sizeof(text))) {
        return fault_set(fault, STATUS_INVALID, "", "scene '%s' needs text_zh or text_en",
                         scene_name(control->scene));
    }
    return status;
}
