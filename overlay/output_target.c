#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/output_impl.h"
#include "overlay/output_shaper.h"

/* What --output asks for, read from its text, and whether it can do the frames there are. */
#define DEVICE_MAX 63
#define TTL_MAX 255
#define LATENCY_MS_MAX 8000

#define WRONG(...) fault_set(fault, STATUS_INVALID, "", __VA_ARGS__)

/* A whole number min .. max of `size` bytes and nothing else. */
static bool number_read(const char *text, size_t size, uint32_t min, uint32_t max, uint32_t *number)
{
    uint64_t value = 0;
    if (size == 0 || size > 9)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *number = (uint32_t)value;
    return value >= min && value <= max;
}

static bool text_read(const char *text, size_t size, char *place, size_t place_size)
{
    if (size == 0 || size >= place_size)
        return false;
    memcpy(place, text, size);
    place[size] = '\0';
    return true;
}

static bool is_word(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

/* HOST:PORT, [ADDRESS]:PORT or, of a listener, :PORT. */
static enum status place_read(const char *text, size_t size, struct output_target *target,
                              struct fault *fault)
{
    const char *colon = memrchr(text, ':', size);
    uint32_t port = 0;
    if (colon == NULL ||
        !number_read(colon + 1, size - (size_t)(colon + 1 - text), 1, 65535, &port))
        return WRONG("output '%s': a port 1 to 65535 is missing; write HOST:PORT", target->path);
    target->place.port = (uint16_t)port;
    size_t host_size = (size_t)(colon - text);
    if (host_size >= 2 && text[0] == '[' && text[host_size - 1] == ']') {
        text++;
        host_size -= 2;
    } else if (memchr(text, ':', host_size) != NULL) {
        return WRONG("output '%s': write an IPv6 address in brackets", target->path);
    }
    if (host_size == 0 && target->kind == OUTPUT_SRT)
        return STATUS_OK;
    if (!text_read(text, host_size, target->place.host, sizeof target->place.host))
        return WRONG("output '%s': no host, or one over 253 bytes", target->path);
    return STATUS_OK;
}

static bool srt_mode_read(const char *value, size_t size, enum srt_mode *mode)
{
    *mode = is_word(value, size, "caller")       ? SRT_CALLER
            : is_word(value, size, "listener")   ? SRT_LISTENER
            : is_word(value, size, "rendezvous") ? SRT_RENDEZVOUS
                                                 : SRT_INVALID;
    return *mode != SRT_INVALID;
}

static bool keyer_read(const char *value, size_t size, enum keyer *keyer)
{
    *keyer = is_word(value, size, "external")   ? KEYER_EXTERNAL
             : is_word(value, size, "internal") ? KEYER_INTERNAL
             : is_word(value, size, "off")      ? KEYER_OFF
                                                : KEYER_INVALID;
    return *keyer != KEYER_INVALID;
}

/* One key=value after the '?'. False: no such key of this kind, or no such value. */
static bool pair_read(const char *key, size_t key_size, const char *value, size_t size,
                      struct output_target *target)
{
    struct output_place *place = &target->place;
    bool is_udp = target->kind == OUTPUT_UDP, is_srt = target->kind == OUTPUT_SRT;
    uint32_t number = 0;
    if (target->kind == OUTPUT_DECKLINK)
        return is_word(key, key_size, "keyer") && keyer_read(value, size, &target->card.keyer);
    if (is_word(key, key_size, "rate"))
        return number_read(value, size, SHAPER_RATE_KBPS_MIN, SHAPER_RATE_KBPS_MAX,
                           &place->rate_kbps);
    if (is_udp && is_word(key, key_size, "ttl")) {
        bool is_read = number_read(value, size, 1, TTL_MAX, &number);
        place->ttl = (uint8_t)number;
        return is_read;
    }
    if (is_udp && is_word(key, key_size, "iface"))
        return text_read(value, size, place->interface, sizeof place->interface);
    if (is_srt && is_word(key, key_size, "mode"))
        return srt_mode_read(value, size, &place->mode);
    if (is_srt && is_word(key, key_size, "latency"))
        return number_read(value, size, 20, LATENCY_MS_MAX, &place->latency_ms);
    if (is_srt && is_word(key, key_size, "passphrase-file"))
        return text_read(value, size, place->passphrase_file, sizeof place->passphrase_file);
    if (is_srt && is_word(key, key_size, "streamid"))
        return text_read(value, size, place->stream_id, sizeof place->stream_id);
    return false;
}

static enum status query_read(const char *text, struct output_target *target, struct fault *fault)
{
    static const char *const keys[] = {
        [OUTPUT_UDP] = "rate=, ttl= and iface=",
        [OUTPUT_SRT] = "mode=, rate=, latency=, passphrase-file= and streamid=",
        [OUTPUT_DECKLINK] = "keyer=external, internal or off",
    };
    while (*text != '\0') {
        size_t size = strcspn(text, "&");
        size_t key_size = strcspn(text, "=&");
        const char *value = text + key_size + (key_size < size ? 1 : 0);
        if (is_word(text, key_size, "passphrase"))
            return WRONG("a passphrase would be seen by all: write passphrase-file=FILE");
        if (!pair_read(text, key_size, value, size - (size_t)(value - text), target))
            return WRONG("'%.*s' is no option of this output; there are %s", (int)size, text,
                         keys[target->kind]);
        text += size + (text[size] == '&' ? 1 : 0);
    }
    return STATUS_OK;
}

static enum status net_read(struct output_target *target, struct fault *fault)
{
    size_t size = strcspn(target->path, "?");
    enum status status = place_read(target->path, size, target, fault);
    target->place.ttl = 1;
    target->place.mode = target->place.host[0] == '\0' ? SRT_LISTENER : SRT_CALLER;
    if (status == STATUS_OK && target->path[size] == '?')
        status = query_read(target->path + size + 1, target, fault);
    if (status == STATUS_OK && target->kind == OUTPUT_SRT && target->place.host[0] == '\0' &&
        target->place.mode != SRT_LISTENER)
        return WRONG("output '%s': only mode=listener goes without a host", target->path);
    return status;
}

static enum status card_read(struct output_target *target, struct fault *fault)
{
    size_t size = strcspn(target->path, "?");
    if (!number_read(target->path, size, 0, DEVICE_MAX, &target->card.device))
        return WRONG("'%s' is no number of a device, 0 to %d: write decklink:N", target->path,
                     DEVICE_MAX);
    return target->path[size] == '?' ? query_read(target->path + size + 1, target, fault)
                                     : STATUS_OK;
}

static enum status file_read(const struct output_target *target, struct fault *fault)
{
    const char *dot = strrchr(target->path, '.');
    if (dot != NULL &&
        (strcmp(dot, ".ts") == 0 || strcmp(dot, ".mp4") == 0 || strcmp(dot, ".mov") == 0))
        return STATUS_OK;
    return WRONG("'%s' must end in .ts, .mp4 or .mov", target->path);
}

static const char *prefix_skip(const char *text, const char *prefix, bool *is_there)
{
    size_t size = strlen(prefix);
    *is_there = strncmp(text, prefix, size) == 0;
    return *is_there ? text + size : text;
}

enum status output_parse(const char *text, struct output_target *target, struct fault *fault)
{
    static const struct {
        const char *prefix;
        enum output_kind kind;
    } kinds[] = { { "file:", OUTPUT_FILE },        { "raw:", OUTPUT_RAW },   { "png:", OUTPUT_PNG },
                  { "udp://", OUTPUT_UDP },        { "srt://", OUTPUT_SRT }, { "gst:", OUTPUT_GST },
                  { "decklink:", OUTPUT_DECKLINK } };
    *target = (struct output_target){ 0 };
    const char *rest = prefix_skip(text, "fill:", &target->is_fill);
    if (!target->is_fill)
        rest = prefix_skip(text, "key:", &target->is_key);
    for (size_t i = 0; target->kind == OUTPUT_INVALID && i < sizeof kinds / sizeof *kinds; i++) {
        bool is_there;
        target->path = prefix_skip(rest, kinds[i].prefix, &is_there);
        target->kind = is_there ? kinds[i].kind : OUTPUT_INVALID;
    }
    switch (target->kind) {
    case OUTPUT_INVALID:
        return WRONG("no such output '%s': png:DIR, raw:FILE, file:FILE, udp://HOST:PORT, "
                     "srt://HOST:PORT, decklink:N and gst:PIPELINE are there",
                     text);
    case OUTPUT_UDP:
    case OUTPUT_SRT:
        return net_read(target, fault);
    case OUTPUT_DECKLINK:
        return card_read(target, fault);
    default:
        if (target->path[strspn(target->path, " ")] == '\0')
            return WRONG(target->kind == OUTPUT_GST ? "output '%s' names no pipeline"
                                                    : "output '%s' names no file",
                         text);
        return target->kind == OUTPUT_FILE ? file_read(target, fault) : STATUS_OK;
    }
}

/* H.264 has no alpha; a .mov may hold PNG instead. */
static bool needs_opaque(const struct output_target *target)
{
    if (target->kind == OUTPUT_UDP || target->kind == OUTPUT_SRT)
        return true;
    return target->kind == OUTPUT_FILE && strcmp(strrchr(target->path, '.'), ".mov") != 0;
}

enum status output_check(const struct output_target *target, const struct video *video,
                         struct fault *fault)
{
    bool is_part = target->is_fill || target->is_key;
    if (is_part && !video->has_alpha)
        return WRONG("%s:… of '%s' needs --background alpha", target->is_fill ? "fill" : "key",
                     target->path);
    if (is_part && target->kind == OUTPUT_PNG)
        return WRONG("stills have their alpha: write png:%s without fill: or key:", target->path);
    if (needs_opaque(target) && video->has_alpha && !is_part)
        return WRONG("'%s' cannot hold alpha: use raw:, png: or a .mov, fill: and key:, or another "
                     "--background",
                     target->path);
    bool has_keyer = target->card.keyer == KEYER_INTERNAL || target->card.keyer == KEYER_EXTERNAL;
    if (has_keyer && (!video->has_alpha || is_part))
        return WRONG("decklink:%s: a keyer needs alpha: --background alpha, and no fill: or key:",
                     target->path);
    char text[SINK_TEXT_SIZE];
    if (target->kind == OUTPUT_DECKLINK || target->kind == OUTPUT_GST)
        return output_sink_write(target, video, text, sizeof text, fault);
    return STATUS_OK;
}
