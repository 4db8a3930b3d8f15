#include "clients/ctl/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/ctl/command_acts.h"

#define TIMEOUT_DEFAULT_S 5
#define TIMEOUT_BACKUP_S 300 /* a full log of a gigabyte, on a slow disk and between votes */

enum option_id {
    OPTION_URL = 256,
    OPTION_TOKEN_FILE,
    OPTION_CA,
    OPTION_TIMEOUT,
    OPTION_BUS,
    OPTION_DATA,
    OPTION_EVENT,
    OPTION_CONTEST,
    OPTION_FILE,
    OPTION_ACKS,
    OPTION_SOCKET,
    OPTION_AT,
    OPTION_FORMAT,
    OPTION_LANG,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option long_options[] = {
    { "url", required_argument, NULL, OPTION_URL },
    { "token-file", required_argument, NULL, OPTION_TOKEN_FILE },
    { "ca", required_argument, NULL, OPTION_CA },
    { "timeout", required_argument, NULL, OPTION_TIMEOUT },
    { "bus", required_argument, NULL, OPTION_BUS },
    { "data", required_argument, NULL, OPTION_DATA },
    { "event", required_argument, NULL, OPTION_EVENT },
    { "contest", required_argument, NULL, OPTION_CONTEST },
    { "file", required_argument, NULL, OPTION_FILE },
    { "acks", required_argument, NULL, OPTION_ACKS },
    { "socket", required_argument, NULL, OPTION_SOCKET },
    { "at", required_argument, NULL, OPTION_AT },
    { "format", required_argument, NULL, OPTION_FORMAT },
    { "output", required_argument, NULL, 'o' },
    { "lang", required_argument, NULL, OPTION_LANG },
    COUNT_LONG_OPTIONS,
    { "help", no_argument, NULL, OPTION_HELP },
    { "version", no_argument, NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static const char usage[] =
    "usage: minping COMMAND [ARGUMENT…] [OPTION…]\n"
    "操作台:开票、暂停、关票、签到、裁定、认定、上屏、撤屏、结果、核验。\n"
    "The desk's commands; results; verification.\n"
    "\n"
    "  open CONTEST [SUBJECT] [candidates=ID,ID…] [seconds=N]\n"
    "                                   open a round, or resume a paused one\n"
    "  ask ITEM [ROUND]                 the item that is asked from now on, from 1\n"
    "  pause [ROUND]                    pause the open round, or none but ROUND\n"
    "  close [ROUND]                    close it: final\n"
    "  void ROUND reason=TEXT           it does not count\n"
    "  certify [ROUND]                  its figures are final\n"
    "  checkin open|close|SEATS         check-in begins, ends; these seats came (1-12,15)\n"
    "  checkout SEATS                   these seats left\n"
    "  revoke SEAT reason=TEXT          its keypad or page is no longer taken\n"
    "  replace SEAT reason=TEXT         it has a new credential\n"
    "  cases [ROUND]                    cards that wait for a ruling\n"
    "  adjudicate ROUND CASE count|drop|void reason=TEXT\n"
    "                                   rule on one of them\n"
    "  paper ROUND KEY=VALUE…           enter a batch counted by hand\n"
    "  paper confirm ROUND BATCH        confirm it, by another post\n"
    "  paper reject ROUND BATCH reason=…  it was entered wrongly\n"
    "  sign ROUND reason=TEXT           accept numbers that do not agree\n"
    "  decide CONTEST for=N base=N      stop with fewer elected\n"
    "  withdraw CONTEST CANDIDATE reason=TEXT\n"
    "  lot CONTEST                      draw the order of the candidates\n"
    "  step STEP begun|ended            a step of the meeting\n"
    "  status                           what the server is doing\n"
    "  backup                           copy the data directory while voting goes on\n"
    "  take LAYER SCENE [KEY=VALUE…]    put a scene on a layer\n"
    "  continue LAYER                   turn the scene there to its next page\n"
    "  clear LAYER|all                  take a layer, or all, off the air\n"
    "  cut                              the preview's layers go to the programme\n"
    "      --url URL --token-file FILE [--ca FILE] [--timeout S]\n"
    "      --bus programme|preview      take, continue, clear (programme)\n"
    "  panic --socket PATH              all graphics off, by the overlay's socket alone\n"
    "  asrun --file FILE --at TIME      what viewers saw then (20:14:07, 2026-11-27T20:14:07)\n"
    "  results                          the sheet of every round that is over\n"
    "      --url URL --token-file FILE [--ca FILE] | --data DIR [--event FILE] [--contest ID]\n"
    "      --format json|csv|text (json)  -o, --output FILE\n"
    "  rollcall --data DIR               who chose what, of rounds whose votes are named\n"
    "  series --file SERIES.json        many sittings in common tables\n"
    "      --format json|csv|text (json)  -o, --output FILE\n"
    "  verify --data DIR [--event FILE] [--acks FILE]\n"
    "                                   recount the log of a stopped server, compare\n"
    "  count --event FILE --contest ID --cards FILE.csv\n"
    "                                   count cards by the event's rules, without a server\n"
    "      [--registered N] [--present N] [--issued N]\n"
    "      [--stage first|run-off|another] [--seats N] [--candidates ID,…] [--names NAME,…]\n"
    "      --format json|text (json)  -o, --output FILE\n"
    "  --lang zh-CN|en (zh-CN)          of csv and text, of status and cases\n"
    "  --help, --version\n"
    "\n"
    "exit status: 0 done, 1 refused or different, 2 wrong usage\n";

static bool wrong(const char *what, const char *text, const char *expected)
{
    fprintf(stderr, "minping: %s '%s': %s\n", what, text, expected);
    return false;
}

static bool timeout_parse(const char *text, uint32_t *seconds)
{
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < 1 || value > 3600) {
        return wrong("--timeout", text, "must be 1 to 3600 seconds");
    }
    *seconds = (uint32_t)value;
    return true;
}

static bool format_parse(const char *text, enum format *format)
{
    *format = strcmp(text, "json") == 0   ? FORMAT_JSON
              : strcmp(text, "csv") == 0  ? FORMAT_CSV
              : strcmp(text, "text") == 0 ? FORMAT_TEXT
                                          : FORMAT_INVALID;
    return *format != FORMAT_INVALID || wrong("--format", text, "must be json, csv or text");
}

static bool language_parse(const char *text, enum language *language)
{
    *language = strcmp(text, "zh-CN") == 0 ? LANGUAGE_ZH_CN
                : strcmp(text, "en") == 0  ? LANGUAGE_EN
                                           : LANGUAGE_INVALID;
    return *language != LANGUAGE_INVALID || wrong("--lang", text, "must be zh-CN or en");
}

static bool option_take(int id, struct command *command)
{
    switch (id) {
    case OPTION_URL:
        command->url = optarg;
        return true;
    case OPTION_TOKEN_FILE:
        command->token_file = optarg;
        return true;
    case OPTION_CA:
        command->ca = optarg;
        return true;
    case OPTION_DATA:
        command->data = optarg;
        return true;
    case OPTION_EVENT:
        command->event = optarg;
        return true;
    case OPTION_CONTEST:
        command->contest = optarg;
        return id_is_valid(optarg) || wrong("--contest", optarg, "not an id of a contest");
    case OPTION_FILE:
        command->file = optarg;
        return true;
    case OPTION_ACKS:
        command->acks = optarg;
        return true;
    case OPTION_AT:
        command->at = optarg;
        return true;
    case OPTION_SOCKET:
        command->socket = optarg;
        return true;
    case 'o':
        command->output = optarg;
        return true;
    case OPTION_TIMEOUT:
        return timeout_parse(optarg, &command->timeout_s);
    case OPTION_BUS:
        command->control.bus = bus_parse(optarg);
        return command->control.bus != BUS_INVALID ||
               wrong("--bus", optarg, "must be programme or preview");
    case OPTION_FORMAT:
        return format_parse(optarg, &command->format);
    case OPTION_LANG:
        return language_parse(optarg, &command->language);
    default:
        return count_option_take(id, optarg, &command->count);
    }
}

static bool count_fits(const struct command *command)
{
    if (command->event == NULL || command->contest == NULL || command->count.cards == NULL) {
        fputs("minping: count needs --event FILE, --contest ID and --cards FILE\n", stderr);
        return false;
    }
    if (command->url != NULL || command->data != NULL) {
        fputs("minping: count goes without --url and --data\n", stderr);
        return false;
    }
    return command->format != FORMAT_CSV || wrong("--format", "csv", "count has json and text");
}

/* Which options the command cannot do without, and which do not go together. */
static bool options_fit(const struct command *command)
{
    bool is_by_data = command->data != NULL;
    bool is_series = command->verb == VERB_SERIES;
    bool is_panic = command->verb == VERB_PANIC;
    if (is_panic != (command->socket != NULL)) {
        fputs(is_panic ? "minping: panic needs --socket PATH\n"
                       : "minping: --socket is for panic\n",
              stderr);
        return false;
    }
    if (is_panic) {
        return true;
    }
    bool is_asrun = command->verb == VERB_ASRUN;
    if (is_asrun != (command->at != NULL) || (is_asrun && command->file == NULL)) {
        fputs(is_asrun ? "minping: asrun needs --file FILE and --at TIME\n"
                       : "minping: --at is for asrun\n",
              stderr);
        return false;
    }
    if (is_asrun) {
        return true;
    }
    if (is_series != (command->file != NULL)) {
        fputs(is_series ? "minping: series needs --file SERIES.json\n"
                        : "minping: --file is for series\n",
              stderr);
        return false;
    }
    if (is_series && (is_by_data || command->url != NULL || command->contest != NULL)) {
        fputs("minping: series takes its sittings from --file alone\n", stderr);
        return false;
    }
    if (is_series) {
        return true;
    }
    if (command->verb == VERB_COUNT) {
        return count_fits(command);
    }
    if (count_options_are_given(&command->count)) {
        fputs("minping: --cards and what goes with it are for count\n", stderr);
        return false;
    }
    bool reads_log = command->verb == VERB_VERIFY || command->verb == VERB_ROLL_CALL;
    if (reads_log && !is_by_data) {
        fprintf(stderr, "minping: %s needs --data DIR\n",
                command->verb == VERB_VERIFY ? "verify" : "rollcall");
        return false;
    }
    if (is_by_data && command->url != NULL) {
        fputs("minping: --data goes without --url\n", stderr);
        return false;
    }
    if (is_by_data && !reads_log && command->verb != VERB_RESULTS) {
        fputs("minping: --data is for results, verify and rollcall\n", stderr);
        return false;
    }
    if (!is_by_data && (command->url == NULL || command->token_file == NULL)) {
        fprintf(stderr, "minping: --url URL and --token-file FILE are needed%s\n",
                command->verb == VERB_RESULTS ? ", or --data DIR" : "");
        return false;
    }
    if (!is_by_data && command->contest != NULL) {
        fputs("minping: --contest goes with --data\n", stderr);
        return false;
    }
    return true;
}

enum parsed command_parse(int argc, char **argv, struct command *command)
{
    memset(command, 0, sizeof(*command));
    command->language = LANGUAGE_ZH_CN;
    command->control.bus = BUS_PROGRAMME;
    int id;
    while ((id = getopt_long(argc, argv, "o:", long_options, NULL)) != -1) {
        if (id == OPTION_HELP) {
            fputs(usage, stdout);
            return PARSED_DONE;
        }
        if (id == OPTION_VERSION) {
            puts("minping " MINPING_VERSION);
            return PARSED_DONE;
        }
        if (id == '?' || !option_take(id, command)) {
            return PARSED_WRONG;
        }
    }
    if (optind == argc) {
        fputs("minping: no command; --help lists them\n", stderr);
        return PARSED_WRONG;
    }
    const char *name = argv[optind];
    command->verb = strcmp(name, "results") == 0    ? VERB_RESULTS
                    : strcmp(name, "verify") == 0   ? VERB_VERIFY
                    : strcmp(name, "series") == 0   ? VERB_SERIES
                    : strcmp(name, "count") == 0    ? VERB_COUNT
                    : strcmp(name, "rollcall") == 0 ? VERB_ROLL_CALL
                    : strcmp(name, "panic") == 0    ? VERB_PANIC
                    : strcmp(name, "asrun") == 0    ? VERB_ASRUN
                    : act_is_known(name)            ? VERB_ACT
                                                    : VERB_INVALID;
    if (command->verb == VERB_INVALID) {
        wrong("command", name, "there is none of this name; --help lists them");
        return PARSED_WRONG;
    }
    if (command->format == FORMAT_INVALID) {
        bool is_figures = command->verb == VERB_RESULTS || command->verb == VERB_SERIES ||
                          command->verb == VERB_COUNT;
        command->format = is_figures ? FORMAT_JSON : FORMAT_TEXT;
    }
    int count = argc - optind - 1;
    char **arguments = argv + optind + 1;
    if (command->verb == VERB_ACT && !act_take(name, count, arguments, &command->control)) {
        return PARSED_WRONG;
    }
    if (command->timeout_s == 0) {
        command->timeout_s =
            command->control.kind == CONTROL_BACKUP ? TIMEOUT_BACKUP_S : TIMEOUT_DEFAULT_S;
    }
    if (command->verb == VERB_ACT) {
        return options_fit(command) ? PARSED_RUN : PARSED_WRONG;
    }
    if (count > 0) {
        wrong("argument", arguments[0], "is one too many");
        return PARSED_WRONG;
    }
    return options_fit(command) ? PARSED_RUN : PARSED_WRONG;
}
