/*
 * minping-overlay: the command line, and which of its parts runs. The outputter and its painter are
 * the same program in two processes; only the painter's half parses what comes from outside.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "overlay/insertion.h"
#include "overlay/keeper.h"
#include "overlay/options.h"

#define EXIT_NO 1
#define EXIT_USAGE 2

static int fault_say(const struct fault *fault, int status)
{
    fprintf(stderr, "minping-overlay: %s%s%s\n", fault->where, fault->where[0] != '\0' ? ": " : "",
            fault->text);
    return status;
}

/* One scene into FILE.png, or into DIR/SCENE.png. */
static int view_run(const struct options *options)
{
    struct painter_still still = options->still;
    struct fault fault = { 0 };
    char path[1024];
    size_t size = strlen(still.path);
    if (size < 4 || strcmp(still.path + size - 4, ".png") != 0) {
        if (mkdir(still.path, 0777) != 0 && errno != EEXIST) {
            fault_set(&fault, STATUS_IO, "", "cannot make '%s': %s", still.path, strerror(errno));
            return fault_say(&fault, EXIT_NO);
        }
        int wrote = snprintf(path, sizeof path, "%s/%s.png", still.path, scene_name(still.scene));
        if (wrote < 0 || (size_t)wrote >= sizeof path) {
            fault_set(&fault, STATUS_LIMIT, "", "path '%.60s…' is too long", still.path);
            return fault_say(&fault, EXIT_NO);
        }
        still.path = path;
    }
    if (painter_still_write(&still, &fault) != STATUS_OK)
        return fault_say(&fault, EXIT_NO);
    return 0;
}

static int check_run(const struct options *options)
{
    static struct fault_list faults; /* some 27 kB */
    enum status status =
        painter_check_event(options->event_file, options->painter.theme_file,
                            options->painter.portraits, &faults);
    for (uint32_t i = 0; i < faults.count; i++)
        fault_say(&faults.faults[i], EXIT_NO);
    if (faults.omitted > 0)
        fprintf(stderr, "minping-overlay: and %u more\n", faults.omitted);
    if (status == STATUS_OK && faults.count == 0)
        return 0;
    if (faults.count == 0)
        fprintf(stderr, "minping-overlay: '%s': %s\n", options->event_file, status_name(status));
    return EXIT_NO;
}

int main(int argc, char **argv)
{
    struct options options;
    struct fault fault = { 0 };
    if (options_read(argc, argv, &options, &fault) != STATUS_OK) {
        fault_say(&fault, EXIT_USAGE);
        fputs("see minping-overlay --help\n", stderr);
        return EXIT_USAGE;
    }
    switch (options.command) {
    case COMMAND_HELP:
        fputs(options_usage, stdout);
        return 0;
    case COMMAND_VERSION:
        puts("minping-overlay " MINPING_VERSION);
        return 0;
    case COMMAND_CHECK:
        return check_run(&options);
    case COMMAND_VIEW:
        return view_run(&options);
    case COMMAND_PAINTER:
        if (getppid() != options.painter_parent)
            return EXIT_NO; /* it ended before this one began */
        options.painter.exchange_fd = KEEPER_EXCHANGE_FD;
        return painter_run(&options.painter);
    default:
        if (options.outputter.input.kind != TS_SOURCE_INVALID)
            return insertion_run(&options.outputter);
        return outputter_run(&options.outputter);
    }
}
