/*
 * minping-bench: options and the choice of the benchmark. See minping-bench(1).
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clients/bench/bench.h"
#include "clients/bench/child.h"
#include "clients/bench/floor.h"

#define RATE_MAX 1000000u
#define PAIR_MAX 99u

static const char usage[] =
    "usage: minping-bench NAME [options]\n"
    "NAME: ingest ingest-base fanout memory halls render blend insertion latency\n"
    "  --json FILE          also write the line of JSON to FILE\n"
    "  --server PATH        the minpingd to measure (default: the one beside this program)\n"
    "  --overlay PATH       the minping-overlay to measure (default: the one beside this program)\n"
    "  --dir DIR            measure the disk of DIR (default /var/tmp)\n"
    "  --connections N      connections (default 10000; halls: 15000)\n"
    "  --rate N             single marks a second of ingest (default 20000)\n"
    "  --seconds S          length of one measurement\n"
    "  --pairs N            measurements of product and floor in turn (default 5)\n"
    "  --allow-unsafe-disk  pass it on to minpingd\n"
    "  --help, --version\n";

/* seconds: of one measurement, so that the whole takes about a minute at most. */
static const struct {
    const char *name;
    bench_fn run;
    double seconds;
    uint32_t connections;
} benches[] = {
    { "ingest", bench_ingest, 3, 10000 },    { "ingest-base", bench_ingest_base, 1.5, 10000 },
    { "fanout", bench_fanout, 3, 10000 },    { "memory", bench_memory, 1, 10000 },
    { "halls", bench_halls, 2, 15000 },      { "render", bench_render, 0.5, 10000 },
    { "blend", bench_blend, 0.5, 10000 },    { "insertion", bench_insertion, 4, 10000 },
    { "latency", bench_latency, 30, 10000 },
};
#define BENCH_COUNT (sizeof(benches) / sizeof(benches[0]))

struct arguments {
    const char *name;
    const char *json_file;
    struct bench_options options;
};

static bool number_parse(const char *text, double least, double most, double *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' && *number >= least && *number <= most;
}

static bool count_parse(const char *option, const char *text, uint32_t most, uint32_t *count)
{
    double number;
    if (!number_parse(text, 1, most, &number) || number != (double)(uint32_t)number) {
        fprintf(stderr, "minping-bench: --%s: '%s' is not a whole number from 1 to %u\n", option,
                text, most);
        return false;
    }
    *count = (uint32_t)number;
    return true;
}

static bool seconds_parse(const char *text, double *seconds)
{
    if (number_parse(text, 0.1, 60, seconds)) {
        return true;
    }
    fprintf(stderr, "minping-bench: --seconds: '%s' is not a number from 0.1 to 60\n", text);
    return false;
}

/* False: wrong usage, and said so. */
static bool option_read(int option, struct arguments *arguments)
{
    struct bench_options *options = &arguments->options;
    switch (option) {
    case 'j':
        arguments->json_file = optarg;
        return true;
    case 's':
        options->server_path = optarg;
        return true;
    case 'o':
        options->overlay_path = optarg;
        return true;
    case 'd':
        options->dir = optarg;
        return true;
    case 'c':
        return count_parse("connections", optarg, BENCH_CONNECTION_MAX, &options->connections);
    case 'r':
        return count_parse("rate", optarg, RATE_MAX, &options->rate);
    case 't':
        return seconds_parse(optarg, &options->seconds);
    case 'p':
        return count_parse("pairs", optarg, PAIR_MAX, &options->pairs);
    case 'u':
        options->allow_unsafe_disk = true;
        return true;
    default:
        fputs(usage, stderr);
        return false;
    }
}

/* -1: go on; otherwise the exit status. */
static int arguments_read(int argc, char **argv, struct arguments *arguments)
{
    static const struct option longs[] = {
        { "json", required_argument, NULL, 'j' },        { "server", required_argument, NULL, 's' },
        { "overlay", required_argument, NULL, 'o' },     { "dir", required_argument, NULL, 'd' },
        { "connections", required_argument, NULL, 'c' }, { "rate", required_argument, NULL, 'r' },
        { "seconds", required_argument, NULL, 't' },     { "pairs", required_argument, NULL, 'p' },
        { "allow-unsafe-disk", no_argument, NULL, 'u' }, { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },           { NULL, 0, NULL, 0 },
    };
    *arguments = (struct arguments){ .options = { .dir = "/var/tmp", .rate = 20000, .pairs = 5 } };
    int option;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return 0;
        }
        if (option == 'v') {
            puts("minping-bench " MINPING_VERSION);
            return 0;
        }
        if (!option_read(option, arguments)) {
            return 2;
        }
    }
    if (optind + 1 != argc) {
        fputs(usage, stderr);
        return 2;
    }
    arguments->name = argv[optind];
    return -1;
}

/* All descriptors the system allows: the children inherit it. */
static void descriptors_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The first two cores we may use; the same one twice where there is only one. */
static void cores_choose(struct bench *bench)
{
    cpu_set_t set;
    int found = 0;
    bench->server_cpu = bench->load_cpu = 0;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
        if (CPU_ISSET((size_t)cpu, &set)) {
            bench->load_cpu = cpu;
            bench->server_cpu = found++ == 0 ? cpu : bench->server_cpu;
        }
    }
}

/* `name` beside this program, as installed, or in `folder`, where the build puts it. */
static const char *program_find(const struct bench *bench, const char *folder, const char *name,
                                char path[BENCH_PATH_SIZE])
{
    const char *slash = strrchr(bench->self, '/');
    int dir_size = slash != NULL ? (int)(slash - bench->self) : 0;
    static const char *const ups[] = { "", "../../", "../" };
    for (size_t i = 0; i < sizeof(ups) / sizeof(ups[0]); i++) {
        int size = snprintf(path, BENCH_PATH_SIZE, "%.*s/%s%s%s", dir_size, bench->self, ups[i],
                            i == 0 ? "" : folder, name);
        if (size > 0 && size < BENCH_PATH_SIZE && access(path, X_OK) == 0) {
            return path;
        }
    }
    return name;
}

static bool bench_prepare(struct bench *bench)
{
    sigset_t signals;
    ssize_t size = readlink("/proc/self/exe", bench->self, sizeof(bench->self) - 1);
    if (size <= 0) {
        return false;
    }
    bench->self[size] = '\0';
    descriptors_raise();
    cores_choose(bench);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    bench->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    process_pin(bench->load_cpu);
    return bench->signal_fd >= 0;
}

static int report_write(const struct report *report, const char *json_file)
{
    report_print_table(report, stdout);
    report_print_json(report, stdout);
    if (json_file == NULL) {
        return 0;
    }
    FILE *file = fopen(json_file, "we");
    if (file != NULL) {
        report_print_json(report, file);
    }
    if (file == NULL || fclose(file) != 0) {
        fprintf(stderr, "minping-bench: cannot write '%s': %s\n", json_file, strerror(errno));
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    static struct report report;
    char server_path[BENCH_PATH_SIZE];
    char overlay_path[BENCH_PATH_SIZE];
    struct arguments arguments;
    struct fault fault = { 0 };
    int early = arguments_read(argc, argv, &arguments);
    if (early >= 0) {
        return early;
    }
    if (strcmp(arguments.name, "floor-send") == 0) {
        return floor_send_run();
    }
    if (strcmp(arguments.name, "floor-echo") == 0) {
        return floor_echo_run();
    }
    size_t at = 0;
    while (at < BENCH_COUNT && strcmp(benches[at].name, arguments.name) != 0) {
        at++;
    }
    if (at == BENCH_COUNT) {
        fprintf(stderr, "minping-bench: there is no benchmark '%s'\n%s", arguments.name, usage);
        return 2;
    }
    bench.options = arguments.options;
    if (!bench_prepare(&bench)) {
        fprintf(stderr, "minping-bench: cannot prepare: %s\n", strerror(errno));
        return 1;
    }
    if (bench.options.server_path == NULL) {
        bench.options.server_path = program_find(&bench, "server/", "minpingd", server_path);
    }
    if (bench.options.overlay_path == NULL) {
        bench.options.overlay_path =
            program_find(&bench, "overlay/", "minping-overlay", overlay_path);
    }
    if (bench.options.seconds <= 0) {
        bench.options.seconds = benches[at].seconds;
    }
    if (bench.options.connections == 0) {
        bench.options.connections = benches[at].connections;
    }
    snprintf(report.bench, sizeof(report.bench), "%s", arguments.name);
    if (benches[at].run(&bench, &report, &fault) != STATUS_OK) {
        fprintf(stderr, "minping-bench: %s%s%s\n", fault.where, fault.where[0] != '\0' ? ": " : "",
                fault.text);
        return 1;
    }
    return report_write(&report, arguments.json_file);
}
