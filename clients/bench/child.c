#include "clients/bench/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MAX_MS 20000
#define STOP_MAX_MS 10000
#define STOP_STEP_NS 2000000
#define LINE_SIZE 512

void process_pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set); /* where it is not allowed, the kernel chooses */
}

void process_pin_both(const struct bench *bench)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)bench->server_cpu, &set);
    CPU_SET((size_t)bench->load_cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
}

int64_t process_cpu_ns(pid_t pid)
{
    clockid_t clock;
    struct timespec spent;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0) {
        return 0;
    }
    return (int64_t)spent.tv_sec * 1000000000 + spent.tv_nsec;
}

/* The first line of /proc/PID/`name`; "" when there is none. */
static void proc_line_read(pid_t pid, const char *name, char line[LINE_SIZE])
{
    char path[96];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(line, LINE_SIZE, file) == NULL) {
        line[0] = '\0';
    }
    if (file != NULL) {
        fclose(file);
    }
}

void process_times_read(pid_t pid, struct process_times *times)
{
    char line[LINE_SIZE];
    proc_line_read(pid, "schedstat", line);
    times->loop_ns = strtoll(line, NULL, 10);
    proc_line_read(pid, "stat", line);
    /* proc(5): the name ends with the last ')'; the system time is the 13th field after it. */
    char *at = strrchr(line, ')');
    for (int field = 0; at != NULL && field < 13; field++) {
        at = strchr(at + 1, ' ');
    }
    int64_t ticks = at != NULL ? strtoll(at, NULL, 10) : 0;
    times->system_ns = ticks * (1000000000 / sysconf(_SC_CLK_TCK));
}

/* A line "KEY  N kB" of /proc/PID/status, in bytes. */
static uint64_t status_size_read(pid_t pid, const char *key)
{
    char path[64];
    char line[LINE_SIZE];
    uint64_t size_kib = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return 0;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0) {
            size_kib = strtoull(line + strlen(key), NULL, 10);
        }
    }
    fclose(file);
    return size_kib * 1024;
}

uint64_t process_resident_size(pid_t pid)
{
    return status_size_read(pid, "VmRSS:");
}

uint64_t process_resident_peak(pid_t pid)
{
    return status_size_read(pid, "VmHWM:");
}

uint32_t process_descriptor_count(pid_t pid)
{
    char path[64];
    uint32_t count = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return 0;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

static void child_become(const char *const argv[], int cpu, int out, const char *log_path)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* its scratch data are worth nothing without the bench */
    if (cpu != CHILD_CPU_SAME) {
        process_pin(cpu);
    }
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log >= 0) {
        dup2(log, STDERR_FILENO);
    }
    dup2(out, STDOUT_FILENO);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    fprintf(stderr, "cannot start '%s': %s\n", argv[0], strerror(errno));
    _exit(127);
}

enum status child_start(const char *const argv[], int cpu, const char *log_path,
                        struct child *child, struct fault *fault)
{
    int fds[2];
    *child = (struct child){ .out = -1 };
    if (pipe2(fds, O_CLOEXEC) != 0) {
        return fault_set(fault, STATUS_IO, "", "cannot make a pipe: %s", strerror(errno));
    }
    pid_t pid = fork();
    if (pid < 0) {
        int error = errno;
        close(fds[0]);
        close(fds[1]);
        return fault_set(fault, STATUS_IO, "", "cannot start '%s': %s", argv[0], strerror(error));
    }
    if (pid == 0) {
        child_become(argv, cpu, fds[1], log_path);
    }
    close(fds[1]);
    child->pid = pid;
    child->out = fds[0];
    return STATUS_OK;
}

static void last_line_read(const char *path, char *line, size_t size)
{
    char text[LINE_SIZE];
    line[0] = '\0';
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return;
    }
    while (fgets(text, sizeof(text), file) != NULL) {
        text[strcspn(text, "\n")] = '\0';
        snprintf(line, size, "%.*s", (int)size - 1, text);
    }
    fclose(file);
}

enum status child_await_line(const struct bench *bench, struct child *child, const char *prefix,
                             const char *log_path, char *rest, size_t rest_size,
                             struct fault *fault)
{
    char line[LINE_SIZE];
    size_t size = 0;
    for (;;) {
        enum status status = bench_wait(bench, child->out, START_MAX_MS, fault);
        if (status == STATUS_BUSY) {
            return fault_set(fault, status, "", "the measured program does not say '%s'", prefix);
        }
        if (status != STATUS_OK) {
            return status;
        }
        char letter;
        if (read(child->out, &letter, 1) != 1) {
            last_line_read(log_path, line, 200);
            return fault_set(fault, STATUS_IO, "", "the measured program ended at once: %s", line);
        }
        if (letter != '\n') {
            line[size] = letter;
            size += size + 1 < sizeof(line) ? 1 : 0;
            continue;
        }
        line[size] = '\0';
        size = 0;
        if (strncmp(line, prefix, strlen(prefix)) == 0) {
            snprintf(rest, rest_size, "%s", line + strlen(prefix));
            return STATUS_OK;
        }
    }
}

void child_kill(struct child *child)
{
    if (child->pid <= 0) {
        return;
    }
    kill(child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
    close(child->out);
    *child = (struct child){ .out = -1 };
}

void child_stop(struct child *child)
{
    if (child->pid <= 0) {
        return;
    }
    int64_t until_ns = bench_now_ns() + (int64_t)STOP_MAX_MS * 1000000;
    kill(child->pid, SIGTERM);
    while (waitpid(child->pid, NULL, WNOHANG) == 0) {
        if (bench_now_ns() > until_ns) {
            kill(child->pid, SIGKILL);
            waitpid(child->pid, NULL, 0);
            break;
        }
        bench_sleep_until(bench_now_ns() + STOP_STEP_NS);
    }
    close(child->out);
    *child = (struct child){ .out = -1 };
}
