#include "clients/hall/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define HALL_SEAT_MAX 16000 /* one loop's connections; more halls run beside each other */

enum option_id {
    OPTION_URL = 256,
    OPTION_ROLL,
    OPTION_SEATS,
    OPTION_FIRST,
    OPTION_SEED,
    OPTION_RATE,
    OPTION_RESEND,
    OPTION_REVOTE,
    OPTION_DROP,
    OPTION_REORDER,
    OPTION_WRITE_IN,
    OPTION_VOID,
    OPTION_ABSTAIN,
    OPTION_DISPUTED,
    OPTION_STAY_AWAY,
    OPTION_LEAVE,
    OPTION_TASTE,
    OPTION_TRUTH,
    OPTION_ACKS,
    OPTION_CA,
    OPTION_UNTIL_CLOSED,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option long_options[] = {
    { "url", required_argument, NULL, OPTION_URL },
    { "roll", required_argument, NULL, OPTION_ROLL },
    { "seats", required_argument, NULL, OPTION_SEATS },
    { "first", required_argument, NULL, OPTION_FIRST },
    { "seed", required_argument, NULL, OPTION_SEED },
    { "rate", required_argument, NULL, OPTION_RATE },
    { "resend", required_argument, NULL, OPTION_RESEND },
    { "revote", required_argument, NULL, OPTION_REVOTE },
    { "drop", required_argument, NULL, OPTION_DROP },
    { "reorder", required_argument, NULL, OPTION_REORDER },
    { "write-in", required_argument, NULL, OPTION_WRITE_IN },
    { "void", required_argument, NULL, OPTION_VOID },
    { "abstain", required_argument, NULL, OPTION_ABSTAIN },
    { "disputed", required_argument, NULL, OPTION_DISPUTED },
    { "stay-away", required_argument, NULL, OPTION_STAY_AWAY },
    { "leave", required_argument, NULL, OPTION_LEAVE },
    { "taste", required_argument, NULL, OPTION_TASTE },
    { "truth", required_argument, NULL, OPTION_TRUTH },
    { "acks", required_argument, NULL, OPTION_ACKS },
    { "ca", required_argument, NULL, OPTION_CA },
    { "until-closed", required_argument, NULL, OPTION_UNTIL_CLOSED },
    { "help", no_argument, NULL, OPTION_HELP },
    { "version", no_argument, NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static const char usage[] =
    "usage: minping-hall --url URL --roll FILE --seats N [OPTION…]\n"
    "模拟会场:N 个表决器,各有自己的 WebSocket 连接,按人的节奏投票。\n"
    "Plays N keypads, each on a WebSocket of its own, at a person's pace.\n"
    "\n"
    "  --url URL          server, ws://HOST:PORT or wss://HOST:PORT\n"
    "  --roll FILE        roll.csv of the server's data directory\n"
    "  --seats N          keypads to play, 1 to 16000\n"
    "  --first SEAT       begin with this seat (1)\n"
    "  --seed S           seed of tastes and pace (1)\n"
    "  --rate R           marks a second of the whole hall (everybody's own pace)\n"
    "  --resend P         chance for each mark to be sent again (0.02)\n"
    "  --revote P         chance for each mark to be changed later (0.05)\n"
    "  --drop P           chance for each mark to lose the connection after it (0)\n"
    "  --reorder P        chance for each mark to be sent after the next one (0)\n"
    "  --write-in P       chance for each ballot to have a name written in (0.02)\n"
    "  --void P           chance for each ballot to select too many (0.01)\n"
    "  --abstain P        chance for each ballot to be blank (0.02)\n"
    "  --disputed P       chance for each ballot to need a ruling (0)\n"
    "  --stay-away P      chance for each person never to vote (0)\n"
    "  --leave P          chance for each person and round to leave half way (0)\n"
    "  --taste T          how votes fall: even, split or clear (split)\n"
    "  --truth FILE       write what was acknowledged, counted here, on exit\n"
    "  --acks FILE        append a line for each acknowledged mark, at once\n"
    "  --ca FILE          certificates to trust for wss (PEM)\n"
    "  --until-closed N   end after N rounds have closed and everything is settled\n"
    "  --help, --version\n";

static bool wrong(const char *name, const char *text, const char *expected)
{
    fprintf(stderr, "minping-hall: --%s '%s': must be %s\n", name, text, expected);
    return false;
}

static bool number_parse(const char *name, const char *text, uint64_t min, uint64_t max,
                         uint64_t *value)
{
    char expected[64];
    char *end = NULL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || *value < min ||
        *value > max) {
        snprintf(expected, sizeof(expected), "%llu to %llu", (unsigned long long)min,
                 (unsigned long long)max);
        return wrong(name, text, expected);
    }
    return true;
}

static bool real_parse(const char *name, const char *text, double max, double *value)
{
    char expected[64];
    char *end = NULL;
    errno = 0;
    *value = strtod(text, &end);
    if (end == text || *end != '\0' || errno != 0 || !isfinite(*value) || *value < 0.0 ||
        *value > max) {
        snprintf(expected, sizeof(expected), "0 to %g", max);
        return wrong(name, text, expected);
    }
    return true;
}

static bool number32_parse(const char *name, const char *text, uint32_t min, uint32_t max,
                           uint32_t *value)
{
    uint64_t wide;
    bool is_ok = number_parse(name, text, min, max, &wide);
    *value = (uint32_t)wide;
    return is_ok;
}

static bool taste_take(const char *name, const char *text, enum taste *taste)
{
    *taste = taste_parse(text);
    return *taste != TASTE_INVALID || wrong(name, text, "even, split or clear");
}

/* The chances of what people do; NULL: `id` is none of them. */
static double *chance_find(int id, struct hall_options *options)
{
    switch (id) {
    case OPTION_RESEND:
        return &options->resend;
    case OPTION_REVOTE:
        return &options->revote;
    case OPTION_DROP:
        return &options->drop;
    case OPTION_REORDER:
        return &options->reorder;
    case OPTION_WRITE_IN:
        return &options->write_in;
    case OPTION_VOID:
        return &options->void_card;
    case OPTION_ABSTAIN:
        return &options->abstain;
    case OPTION_DISPUTED:
        return &options->disputed;
    case OPTION_STAY_AWAY:
        return &options->stay_away;
    case OPTION_LEAVE:
        return &options->leave;
    default:
        return NULL;
    }
}

static bool option_take(int id, const char *name, struct hall_options *options)
{
    double *chance = chance_find(id, options);
    if (chance != NULL) {
        return real_parse(name, optarg, 1.0, chance);
    }
    switch (id) {
    case OPTION_URL:
        options->url = optarg;
        return true;
    case OPTION_ROLL:
        options->roll = optarg;
        return true;
    case OPTION_TRUTH:
        options->truth = optarg;
        return true;
    case OPTION_ACKS:
        options->acks = optarg;
        return true;
    case OPTION_CA:
        options->ca = optarg;
        return true;
    case OPTION_SEATS:
        return number32_parse(name, optarg, 1, HALL_SEAT_MAX, &options->seats);
    case OPTION_FIRST:
        return number32_parse(name, optarg, 1, 100000, &options->first);
    case OPTION_UNTIL_CLOSED:
        return number32_parse(name, optarg, 1, 4096, &options->until_closed);
    case OPTION_SEED:
        return number_parse(name, optarg, 0, UINT64_MAX, &options->seed);
    case OPTION_RATE:
        return real_parse(name, optarg, 1e6, &options->rate);
    case OPTION_TASTE:
        return taste_take(name, optarg, &options->taste);
    default:
        return false;
    }
}

enum parsed hall_options_parse(int argc, char **argv, struct hall_options *options)
{
    *options = (struct hall_options){ .first = 1,
                                      .seed = 1,
                                      .resend = 0.02,
                                      .revote = 0.05,
                                      .write_in = 0.02,
                                      .void_card = 0.01,
                                      .abstain = 0.02,
                                      .taste = TASTE_SPLIT };
    int id;
    int index = 0;
    while ((id = getopt_long(argc, argv, "", long_options, &index)) != -1) {
        if (id == OPTION_HELP) {
            fputs(usage, stdout);
            return PARSED_DONE;
        }
        if (id == OPTION_VERSION) {
            puts("minping-hall " MINPING_VERSION);
            return PARSED_DONE;
        }
        if (id == '?' || !option_take(id, long_options[index].name, options)) {
            return PARSED_WRONG;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "minping-hall: '%s': no such argument\n", argv[optind]);
        return PARSED_WRONG;
    }
    if (options->url == NULL || options->roll == NULL || options->seats == 0) {
        fputs("minping-hall: --url, --roll and --seats are needed; --help lists all\n", stderr);
        return PARSED_WRONG;
    }
    return PARSED_RUN;
}
