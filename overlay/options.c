#include "overlay/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX 31536000 /* a year */
#define BACKGROUND_DEFAULT "#000000"
#define MONITOR_COLOUR 0x202428u

const char options_usage[] =
    "usage: minping-overlay --url URL --token-file FILE --format F --output OUT… [options]\n"
    "       minping-overlay --test-pattern --format F --output OUT… [options]\n"
    "       minping-overlay --view FILE.json --scene NAME [KEY=VALUE…] --format F --output "
    "png:OUT\n"
    "       minping-overlay --check --event FILE [--theme FILE]\n"
    "\n"
    "  --url URL            the server's desk, http:// or https://\n"
    "  --token-file FILE    token of the post that draws, for example overlay-1\n"
    "  --ca FILE            certificates to trust, in PEM, instead of the system's\n"
    "  --format F           1080i25, 1080p25, 1080p50, 720p50, 2160p50, 576i25 (16:9) or\n"
    "                       576i25-4x3\n"
    "  --output OUT         file:FILE.ts|.mp4|.mov, raw:FILE, png:DIR, png:FILE.png,\n"
    "                       udp://HOST:PORT, srt://HOST:PORT, decklink:N or gst:PIPELINE;\n"
    "                       fill: or key: before it takes colours or alpha alone; up to 8\n"
    "  --input IN           a programme to insert into: file:FILE, udp://H:P, srt://… or test:;\n"
    "                       outputs are then file:FILE.ts, udp://H:P or srt://…\n"
    "  --input-lost L       while a live input has stopped: nothing goes out, or hold, its last\n"
    "                       picture, or slate, the --background (nothing)\n"
    "  --background B       #rrggbb, a picture, or alpha (#000000)\n"
    "  --alpha A            premultiplied or straight, with --background alpha (premultiplied)\n"
    "  --bus B              programme or preview (programme)\n"
    "  --lang L             zh-CN or en (the theme's)\n"
    "  --theme T            minping or light, or a file of colours, sizes and times (minping)\n"
    "  --seconds S          end after so many seconds (at SIGTERM)\n"
    "  --hold-s S           the picture stays so long when painter or server is gone (for ever)\n"
    "  --hold-then T        and then: hold or clear (hold)\n"
    "  --asrun FILE         append what went on air, as lines of JSON\n"
    "  --panic-socket PATH  where minping panic takes all graphics off the air\n"
    "  --test-pattern [P]   no server: a moving bar with frame numbers, or alpha: "
    "half-transparent\n"
    "                       edges that show whether straight or premultiplied is right (bar)\n"
    "  --view FILE          draw a saved view, GET /api/v1/view, without a server\n"
    "  --scene NAME         strap, strip, board, matrix, turnout, clock, crawl, opinion,\n"
    "                       correction, notice, race or result, with --view\n"
    "  --portraits DIR      portraits of straps: DIR/CONTEST-ID.png\n"
    "  --check              every text of an event has its glyphs and fits its place\n"
    "  --event FILE         the event, minping-event(5)\n"
    "  --help, --version\n"
    "\n"
    "SIGUSR1 takes all graphics off the air until the programme changes. With --input, SIGUSR2\n"
    "lets the input's own video through, and again ends that.\n";

/* As given; options_settle() makes sense of them. */
struct given {
    const char *format;
    const char *input;
    const char *lost;
    const char *background;
    const char *alpha;
    const char *bus;
    const char *language;
    const char *seconds;
    const char *hold_s;
    const char *hold_then;
    const char *scene;
    const char *painter;
    const char *pattern;
    const char *outputs[OUTPUT_MAX];
    uint32_t output_count;
    bool is_view;
    bool is_check;
};

enum {
    OPTION_URL = 256,
    OPTION_TOKEN_FILE,
    OPTION_CA,
    OPTION_FORMAT,
    OPTION_OUTPUT,
    OPTION_INPUT,
    OPTION_INPUT_LOST,
    OPTION_BACKGROUND,
    OPTION_ALPHA,
    OPTION_BUS,
    OPTION_LANG,
    OPTION_THEME,
    OPTION_PORTRAITS,
    OPTION_SECONDS,
    OPTION_HOLD_S,
    OPTION_HOLD_THEN,
    OPTION_PANIC_SOCKET,
    OPTION_ASRUN,
    OPTION_TEST_PATTERN,
    OPTION_VIEW,
    OPTION_SCENE,
    OPTION_CHECK,
    OPTION_EVENT,
    OPTION_PAINTER,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option longs[] = {
    { "url", required_argument, NULL, OPTION_URL },
    { "token-file", required_argument, NULL, OPTION_TOKEN_FILE },
    { "ca", required_argument, NULL, OPTION_CA },
    { "format", required_argument, NULL, OPTION_FORMAT },
    { "output", required_argument, NULL, OPTION_OUTPUT },
    { "input", required_argument, NULL, OPTION_INPUT },
    { "input-lost", required_argument, NULL, OPTION_INPUT_LOST },
    { "background", required_argument, NULL, OPTION_BACKGROUND },
    { "alpha", required_argument, NULL, OPTION_ALPHA },
    { "bus", required_argument, NULL, OPTION_BUS },
    { "lang", required_argument, NULL, OPTION_LANG },
    { "theme", required_argument, NULL, OPTION_THEME },
    { "portraits", required_argument, NULL, OPTION_PORTRAITS },
    { "seconds", required_argument, NULL, OPTION_SECONDS },
    { "hold-s", required_argument, NULL, OPTION_HOLD_S },
    { "hold-then", required_argument, NULL, OPTION_HOLD_THEN },
    { "asrun", required_argument, NULL, OPTION_ASRUN },
    { "panic-socket", required_argument, NULL, OPTION_PANIC_SOCKET },
    { "test-pattern", optional_argument, NULL, OPTION_TEST_PATTERN },
    { "view", required_argument, NULL, OPTION_VIEW },
    { "scene", required_argument, NULL, OPTION_SCENE },
    { "check", no_argument, NULL, OPTION_CHECK },
    { "event", required_argument, NULL, OPTION_EVENT },
    { "painter", required_argument, NULL, OPTION_PAINTER }, /* the outputter's process id */
    { "help", no_argument, NULL, OPTION_HELP },
    { "version", no_argument, NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static enum status wrong(struct fault *fault, const char *what, const char *value)
{
    return fault_set(fault, STATUS_INVALID, "", "%s '%s'", what, value);
}

/* Where the text of an option goes; NULL: it has none, or is no plain text. */
static const char **option_place(int option, struct options *options, struct given *given)
{
    switch (option) {
    case OPTION_URL:
        return &options->painter.url;
    case OPTION_TOKEN_FILE:
        return &options->painter.token_file;
    case OPTION_CA:
        return &options->painter.ca_file;
    case OPTION_THEME:
        return &options->painter.theme_file;
    case OPTION_PORTRAITS:
        return &options->painter.portraits;
    case OPTION_VIEW:
        return &options->still.document_file;
    case OPTION_EVENT:
        return &options->event_file;
    case OPTION_ASRUN:
        return &options->outputter.asrun;
    case OPTION_PANIC_SOCKET:
        return &options->outputter.panic_socket;
    case OPTION_FORMAT:
        return &given->format;
    case OPTION_INPUT:
        return &given->input;
    case OPTION_INPUT_LOST:
        return &given->lost;
    case OPTION_BACKGROUND:
        return &given->background;
    case OPTION_ALPHA:
        return &given->alpha;
    case OPTION_BUS:
        return &given->bus;
    case OPTION_LANG:
        return &given->language;
    case OPTION_SECONDS:
        return &given->seconds;
    case OPTION_HOLD_S:
        return &given->hold_s;
    case OPTION_HOLD_THEN:
        return &given->hold_then;
    case OPTION_SCENE:
        return &given->scene;
    case OPTION_PAINTER:
        return &given->painter;
    default:
        return NULL;
    }
}

/* "--test-pattern", "--test-pattern alpha" or "--test-pattern=alpha". */
static void pattern_take(int argc, char **argv, struct options *options, struct given *given)
{
    options->painter.is_test_pattern = true;
    given->pattern = optarg;
    if (optarg == NULL && optind < argc && argv[optind][0] != '-')
        given->pattern = argv[optind++];
}

static enum status given_read(int argc, char **argv, struct options *options, struct given *given,
                              struct fault *fault)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
        const char **place = option_place(option, options, given);
        if (place != NULL)
            *place = optarg;
        else if (option == OPTION_TEST_PATTERN)
            pattern_take(argc, argv, options, given);
        else if (option == OPTION_CHECK)
            given->is_check = true;
        else if (option == OPTION_HELP)
            options->command = COMMAND_HELP;
        else if (option == OPTION_VERSION)
            options->command = COMMAND_VERSION;
        else if (option == OPTION_OUTPUT && given->output_count < OUTPUT_MAX)
            given->outputs[given->output_count++] = optarg;
        else if (option == OPTION_OUTPUT)
            return wrong(fault, "more than 8 outputs:", optarg);
        else
            return wrong(fault, option == ':' ? "nothing follows" : "no such option",
                         argv[optind - 1]);
    }
    given->is_view = options->still.document_file != NULL;
    for (int i = optind; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!given->is_view || equals == NULL)
            return wrong(fault, "no such argument", argv[i]);
        *equals = '\0';
        bool is_put = params_put(options->params, argv[i], equals + 1);
        *equals = '=';
        if (!is_put)
            return wrong(fault, "cannot take the parameter", argv[i]);
    }
    return STATUS_OK;
}

static enum status number_read(const char *text, const char *name, uint32_t *number,
                               struct fault *fault)
{
    if (text == NULL)
        return STATUS_OK;
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < 1 ||
        value > SECONDS_MAX)
        return fault_set(fault, STATUS_INVALID, "", "%s '%s' is no number of seconds, 1 to %d",
                         name, text, SECONDS_MAX);
    *number = (uint32_t)value;
    return STATUS_OK;
}

/* Whether `text` is NULL, `first` or `second`; *is_second tells. */
static bool choice_read(const char *text, const char *first, const char *second, bool *is_second)
{
    *is_second = text != NULL && strcmp(text, second) == 0;
    return text == NULL || *is_second || strcmp(text, first) == 0;
}

/* Of the small picture; under a picture, a programme or nothing at all it is a dark grey. */
static enum status colour_settle(const char *text, uint32_t *colour, struct fault *fault)
{
    struct background background = { .colour = MONITOR_COLOUR };
    enum status status = text == NULL ? STATUS_OK : background_parse(text, &background, fault);
    *colour = background.colour;
    return status;
}

static enum status painter_settle(struct options *options, const struct given *given,
                                  struct fault *fault)
{
    struct painter_options *painter = &options->painter;
    bool is_english;
    if (!choice_read(given->language, "zh-CN", "en", &is_english))
        return wrong(fault, "--lang is zh-CN or en, not", given->language);
    painter->language = given->language == NULL ? LANGUAGE_INVALID
                        : is_english            ? LANGUAGE_EN
                                                : LANGUAGE_ZH_CN;
    if (!choice_read(given->pattern, "bar", "alpha", &painter->is_alpha_pattern))
        return wrong(fault, "--test-pattern is bar or alpha, not", given->pattern);
    painter->bus = given->bus == NULL ? BUS_PROGRAMME : bus_parse(given->bus);
    if (painter->bus == BUS_INVALID)
        return wrong(fault, "--bus is programme or preview, not", given->bus);
    if (options->command != COMMAND_AIR && options->command != COMMAND_PAINTER)
        return STATUS_OK;
    if (!painter->is_test_pattern && (painter->url == NULL || painter->token_file == NULL))
        return fault_set(fault, STATUS_INVALID, "", "--url and --token-file are needed");
    return STATUS_OK;
}

/* The painter is told what it needs, and nothing of outputs. */
static void painter_arguments_make(struct options *options, const struct given *given)
{
    const struct painter_options *painter = &options->painter;
    const char *colour = given->background != NULL ? given->background : BACKGROUND_DEFAULT;
    if (given->input != NULL || options->outputter.background.kind != BACKGROUND_COLOUR)
        colour = NULL;
    const char *const pairs[][2] = {
        { "--url", painter->url },     { "--token-file", painter->token_file },
        { "--ca", painter->ca_file },  { "--theme", painter->theme_file },
        { "--lang", given->language }, { "--bus", given->bus },
        { "--format", given->format }, { "--portraits", painter->portraits },
        { "--background", colour },
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i][1] == NULL)
            continue;
        options->painter_arguments[count++] = pairs[i][0];
        options->painter_arguments[count++] = pairs[i][1];
    }
    if (painter->is_test_pattern)
        options->painter_arguments[count++] =
            painter->is_alpha_pattern ? "--test-pattern=alpha" : "--test-pattern=bar";
    options->painter_arguments[count] = NULL;
    options->outputter.painter_arguments = options->painter_arguments;
    options->outputter.is_painter_alone = painter->is_test_pattern;
}

static enum status format_settle(const char *name, const struct format **format,
                                 struct fault *fault)
{
    char names[FORMAT_NAMES_SIZE];
    if (name == NULL)
        return fault_set(fault, STATUS_INVALID, "", "--format is needed");
    *format = format_find(name);
    if (*format != NULL)
        return STATUS_OK;
    return fault_set(fault, STATUS_INVALID, "", "no such format '%s': there are %s", name,
                     format_names(names));
}

static enum status outputs_settle(struct options *options, const struct given *given,
                                  struct fault *fault)
{
    struct outputter_options *outputter = &options->outputter;
    if (given->format == NULL || given->output_count == 0)
        return fault_set(fault, STATUS_INVALID, "", "--format and --output are needed");
    enum status status = format_settle(given->format, &outputter->format, fault);
    if (status == STATUS_OK && given->input != NULL)
        status = ts_source_parse(given->input, &outputter->input, fault);
    for (uint32_t i = 0; status == STATUS_OK && i < given->output_count; i++)
        status = given->input != NULL
                     ? ts_sink_parse(given->outputs[i], &outputter->sinks[i], fault)
                     : output_parse(given->outputs[i], &outputter->targets[i], fault);
    outputter->target_count = given->output_count;
    return status;
}

static enum status lost_settle(struct outputter_options *outputter, const struct given *given,
                               struct fault *fault)
{
    if (given->lost != NULL && given->input == NULL)
        return fault_set(fault, STATUS_INVALID, "", "--input-lost needs --input");
    if (given->lost == NULL || strcmp(given->lost, "nothing") == 0)
        outputter->lost = INPUT_LOST_NOTHING;
    else if (strcmp(given->lost, "hold") == 0)
        outputter->lost = INPUT_LOST_HOLD;
    else if (strcmp(given->lost, "slate") == 0)
        outputter->lost = INPUT_LOST_SLATE;
    else
        return wrong(fault, "--input-lost is nothing, hold or slate, not", given->lost);
    bool is_slate = outputter->lost == INPUT_LOST_SLATE;
    if (given->input != NULL && given->background != NULL && !is_slate)
        return fault_set(fault, STATUS_INVALID, "",
                         "with --input, --background is for --input-lost slate");
    if (is_slate && outputter->background.kind == BACKGROUND_ALPHA)
        return fault_set(fault, STATUS_INVALID, "", "a slate has no alpha");
    return STATUS_OK;
}

static enum status air_settle(struct options *options, const struct given *given,
                              struct fault *fault)
{
    struct outputter_options *outputter = &options->outputter;
    bool is_clearing;
    if (!choice_read(given->alpha, "premultiplied", "straight", &outputter->is_straight))
        return wrong(fault, "--alpha is premultiplied or straight, not", given->alpha);
    if (!choice_read(given->hold_then, "hold", "clear", &is_clearing))
        return wrong(fault, "--hold-then is hold or clear, not", given->hold_then);
    enum status status = outputs_settle(options, given, fault);
    if (status == STATUS_OK)
        status = number_read(given->seconds, "--seconds", &outputter->seconds, fault);
    if (status == STATUS_OK)
        status = number_read(given->hold_s, "--hold-s", &outputter->hold_s, fault);
    if (status == STATUS_OK)
        status =
            background_parse(given->background == NULL ? BACKGROUND_DEFAULT : given->background,
                             &outputter->background, fault);
    if (status != STATUS_OK)
        return status;
    if (is_clearing && outputter->hold_s == 0)
        return fault_set(fault, STATUS_INVALID, "", "--hold-then clear needs --hold-s");
    if (!is_clearing)
        outputter->hold_s = 0; /* holding on after holding is holding */
    status = lost_settle(outputter, given, fault);
    if (status != STATUS_OK)
        return status;
    bool has_alpha = outputter->background.kind == BACKGROUND_ALPHA;
    if (given->alpha != NULL && !has_alpha)
        return fault_set(fault, STATUS_INVALID, "", "--alpha needs --background alpha");
    struct video video = { outputter->format, has_alpha, outputter->is_straight };
    for (uint32_t i = 0; given->input == NULL && status == STATUS_OK && i < outputter->target_count;
         i++)
        status = output_check(&outputter->targets[i], &video, fault);
    painter_arguments_make(options, given);
    return status;
}

static enum status view_settle(struct options *options, const struct given *given,
                               struct fault *fault)
{
    struct painter_still *still = &options->still;
    enum status status = outputs_settle(options, given, fault);
    if (status != STATUS_OK)
        return status;
    if (given->input != NULL)
        return fault_set(fault, STATUS_INVALID, "", "--view takes no --input");
    if (given->output_count != 1 || options->outputter.targets[0].kind != OUTPUT_PNG)
        return fault_set(fault, STATUS_INVALID, "", "--view writes one --output, png:");
    still->scene = given->scene == NULL ? SCENE_INVALID : scene_parse(given->scene);
    if (still->scene == SCENE_INVALID)
        return wrong(fault, "no such --scene", given->scene == NULL ? "" : given->scene);
    struct background background = { 0 };
    if (given->background != NULL)
        status = background_parse(given->background, &background, fault);
    if (status == STATUS_OK && background.kind == BACKGROUND_FILE)
        return wrong(fault, "--view goes on a colour or alpha, not on", given->background);
    still->background = background.kind == BACKGROUND_COLOUR ? given->background : NULL;
    still->theme_file = options->painter.theme_file;
    still->portraits = options->painter.portraits;
    still->language = options->painter.language;
    still->params = options->params;
    still->path = options->outputter.targets[0].path;
    still->format = options->outputter.format;
    return status;
}

enum status options_read(int argc, char **argv, struct options *options, struct fault *fault)
{
    *options = (struct options){ 0 };
    struct given given = { 0 };
    enum status status = given_read(argc, argv, options, &given, fault);
    if (status != STATUS_OK || options->command != COMMAND_INVALID)
        return status;
    options->command = given.painter != NULL ? COMMAND_PAINTER
                       : given.is_check      ? COMMAND_CHECK
                       : given.is_view       ? COMMAND_VIEW
                                             : COMMAND_AIR;
    status = painter_settle(options, &given, fault);
    if (status != STATUS_OK)
        return status;
    switch (options->command) {
    case COMMAND_PAINTER:
        assert(given.painter != NULL);
        options->painter_parent = (int)strtol(given.painter, NULL, 10);
        status = colour_settle(given.background, &options->painter.colour, fault);
        return status != STATUS_OK ? status
                                   : format_settle(given.format, &options->painter.format, fault);
    case COMMAND_CHECK:
        return options->event_file != NULL
                   ? STATUS_OK
                   : fault_set(fault, STATUS_INVALID, "", "--check needs --event");
    case COMMAND_VIEW:
        return view_settle(options, &given, fault);
    default:
        return air_settle(options, &given, fault);
    }
}
