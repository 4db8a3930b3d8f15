#include "clients/bench/stage.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/bench/desk.h"
#include "clients/bench/event_writer.h"

#define ARGUMENT_MAX 16
#define PATH_SIZE (BENCH_PATH_SIZE + 64)

enum status stage_open(const struct bench *bench, struct stage *stage, struct fault *fault)
{
    *stage = (struct stage){ .server = { .out = -1 }, .floor = { .out = -1 } };
    int size =
        snprintf(stage->dir, sizeof(stage->dir), "%s/minping-bench-XXXXXX", bench->options.dir);
    if (size < 0 || (size_t)size >= sizeof(stage->dir) || mkdtemp(stage->dir) == NULL) {
        stage->dir[0] = '\0';
        return fault_set(fault, STATUS_IO, "--dir", "cannot make a directory in '%s': %s",
                         bench->options.dir, strerror(errno));
    }
    snprintf(stage->log_path, sizeof(stage->log_path), "%s/stderr.log", stage->dir);
    return STATUS_OK;
}

static int entry_remove(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    return remove(path);
}

void stage_close(struct stage *stage)
{
    child_stop(&stage->server);
    child_stop(&stage->floor);
    free(stage->credentials);
    stage->credentials = NULL;
    if (stage->dir[0] != '\0') {
        (void)nftw(stage->dir, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
    }
}

/* The port at the end of "http://127.0.0.1:8080". */
static enum status port_read(const char *url, uint16_t *port, struct fault *fault)
{
    const char *colon = strrchr(url, ':');
    unsigned long number = colon != NULL ? strtoul(colon + 1, NULL, 10) : 0;
    if (number == 0 || number > 65535) {
        return fault_set(fault, STATUS_IO, "", "'%s' names no port", url);
    }
    *port = (uint16_t)number;
    return STATUS_OK;
}

/* The first line of the file, without its newline. */
static enum status line_read(const char *path, char *line, int size, struct fault *fault)
{
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(line, size, file) == NULL) {
        int error = errno;
        if (file != NULL) {
            fclose(file);
        }
        return fault_set(fault, STATUS_IO, "", "cannot read '%s': %s", path, strerror(error));
    }
    fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    return STATUS_OK;
}

static enum status tokens_read(struct stage *stage, struct fault *fault)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/data/tokens/officer-1.token", stage->dir);
    enum status status = line_read(path, stage->officer_token, STAGE_TOKEN_SIZE, fault);
    if (status == STATUS_OK) {
        snprintf(path, sizeof(path), "%s/data/tokens/operator-1.token", stage->dir);
        status = line_read(path, stage->operator_token, STAGE_TOKEN_SIZE, fault);
    }
    for (uint32_t i = 0; i < stage->base_count && status == STATUS_OK; i++) {
        snprintf(path, sizeof(path), "%s/data/tokens/base-%u.token", stage->dir, i + 1);
        status = line_read(path, stage->base_tokens[i], STAGE_TOKEN_SIZE, fault);
    }
    return status;
}

/* seat,credential,group; a header first. */
static enum status roll_read(struct stage *stage, struct fault *fault)
{
    char path[PATH_SIZE];
    char line[256];
    uint32_t found = 0;
    snprintf(path, sizeof(path), "%s/data/roll.csv", stage->dir);
    stage->credentials = calloc(stage->seat_count, sizeof(*stage->credentials));
    FILE *file = stage->credentials != NULL ? fopen(path, "re") : NULL;
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot read '%s': %s", path, strerror(errno));
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        char *rest = NULL;
        unsigned long seat = strtoul(line, &rest, 10);
        if (seat == 0 || seat > stage->seat_count || *rest != ',') {
            continue; /* the header */
        }
        size_t size = strcspn(rest + 1, ",\r\n");
        if (size < STAGE_CREDENTIAL_SIZE) {
            snprintf(stage->credentials[seat - 1], STAGE_CREDENTIAL_SIZE, "%.*s", (int)size,
                     rest + 1);
            found++;
        }
    }
    fclose(file);
    return found == stage->seat_count ? STATUS_OK
                                      : fault_set(fault, STATUS_IO, "", "'%s' has %u of %u seats",
                                                  path, found, stage->seat_count);
}

static enum status server_start(const struct bench *bench, struct stage *stage, struct fault *fault)
{
    char event[PATH_SIZE];
    char data[PATH_SIZE];
    char listen[64];
    char url[128];
    snprintf(event, sizeof(event), "%s/event.json", stage->dir);
    snprintf(data, sizeof(data), "%s/data", stage->dir);
    snprintf(listen, sizeof(listen), "127.0.0.1:%u", stage->port); /* 0 at first: a free one */
    const char *desk = stage->desk_url[0] != '\0' ? strstr(stage->desk_url, "127.") : "127.0.0.1:0";
    const char *argv[ARGUMENT_MAX] = { bench->options.server_path,
                                       "--event",
                                       event,
                                       "--data",
                                       data,
                                       "--listen",
                                       listen,
                                       "--desk",
                                       desk };
    if (bench->options.allow_unsafe_disk) {
        argv[9] = "--allow-unsafe-disk";
    }
    enum status status =
        child_start(argv, bench->server_cpu, stage->log_path, &stage->server, fault);
    if (status == STATUS_OK) {
        status = child_await_line(bench, &stage->server, "listening on ", stage->log_path, url,
                                  sizeof(url), fault);
    }
    if (status == STATUS_OK) {
        status = port_read(url, &stage->port, fault);
    }
    return status != STATUS_OK
               ? status
               : child_await_line(bench, &stage->server, "desk on ", stage->log_path,
                                  stage->desk_url, sizeof(stage->desk_url), fault);
}

enum status stage_open_server(const struct bench *bench, struct stage *stage, uint32_t seat_count,
                              uint32_t base_count, struct fault *fault)
{
    stage->seat_count = seat_count;
    stage->base_count = base_count;
    char event[PATH_SIZE];
    snprintf(event, sizeof(event), "%s/event.json", stage->dir);
    enum status status = event_write(event, seat_count, base_count, STAGE_BASE_SEATS, fault);
    if (status == STATUS_OK) {
        status = server_start(bench, stage, fault);
    }
    if (status == STATUS_OK) {
        status = roll_read(stage, fault);
    }
    if (status == STATUS_OK) {
        status = tokens_read(stage, fault);
    }
    return status != STATUS_OK ? status
                               : desk_open_round(stage->desk_url, stage->officer_token, "s01",
                                                 &stage->round, fault);
}

enum status stage_restart_server(const struct bench *bench, struct stage *stage,
                                 struct fault *fault)
{
    child_kill(&stage->server);
    return server_start(bench, stage, fault);
}

enum status stage_open_floor(const struct bench *bench, struct stage *stage, const char *name,
                             struct fault *fault)
{
    char url[128];
    const char *argv[ARGUMENT_MAX] = { bench->self, name };
    enum status status =
        child_start(argv, bench->server_cpu, stage->log_path, &stage->floor, fault);
    if (status == STATUS_OK) {
        status = child_await_line(bench, &stage->floor, "listening on ", stage->log_path, url,
                                  sizeof(url), fault);
    }
    return status != STATUS_OK ? status : port_read(url, &stage->floor_port, fault);
}

enum status stage_recorded(const struct stage *stage, uint64_t *recorded, struct fault *fault)
{
    struct status_report report;
    enum status status = desk_status(stage->desk_url, stage->officer_token, &report, fault);
    *recorded = report.recorded_total;
    return status;
}

enum status stage_metric(const struct stage *stage, const char *name, double *value,
                         struct fault *fault)
{
    return desk_metric(stage->desk_url, stage->officer_token, name, value, fault);
}
