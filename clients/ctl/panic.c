#include "clients/ctl/panic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "clients/ctl/word.h"

#define REQUEST "panic\n"
#define ANSWER_SIZE 128

static enum status io_fault(struct fault *fault, const char *what, const char *path)
{
    const char *why = errno == EAGAIN ? "the overlay does not answer" : strerror(errno);
    return fault_set(fault, STATUS_IO, "", "cannot %s '%s': %s", what, path, why);
}

/* One line, or what came of it before the overlay closed. */
static enum status answer_read(int fd, const char *path, char answer[ANSWER_SIZE],
                               struct fault *fault)
{
    size_t size = 0;
    while (size < ANSWER_SIZE - 1 && memchr(answer, '\n', size) == NULL) {
        ssize_t got = recv(fd, answer + size, ANSWER_SIZE - 1 - size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return io_fault(fault, "hear from", path);
        }
        if (got == 0) {
            break;
        }
        size += (size_t)got;
    }
    answer[size] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
    return STATUS_OK;
}

/* The number behind `key` in the answer. */
static bool number_find(const char *answer, const char *key, uint64_t *number)
{
    char *end = NULL;
    const char *at = strstr(answer, key);
    if (at == NULL || strspn(at + strlen(key), "0123456789") == 0) {
        return false;
    }
    errno = 0;
    *number = strtoull(at + strlen(key), &end, 10);
    return errno == 0 && (*end == '\0' || *end == ' ');
}

static enum status answer_say(const char *answer, enum language language, FILE *out,
                              struct fault *fault)
{
    uint64_t frames;
    uint64_t frame;
    if (strncmp(answer, "clear ", 6) != 0 || !number_find(answer, " frames=", &frames) ||
        !number_find(answer, " frame=", &frame)) {
        return fault_set(fault, STATUS_IO, "", "the overlay says '%s'", answer);
    }
    fprintf(out,
            WORD(language,
                 "图文已全部撤下,用了 %" PRIu64 " 帧,从第 %" PRIu64 " 帧起;再次上屏前不会恢复\n",
                 "all graphics are off after %" PRIu64 " frames, from frame %" PRIu64
                 " on, until the next take\n"),
            frames, frame);
    if (strstr(answer, " unsaved") != NULL) {
        fputs(WORD(language, "注意:状态文件写不进去,重启后图文会自己回来\n",
                   "but the state file cannot be written: a restart would show them again\n"),
              out);
    }
    return STATUS_OK;
}

enum status panic_run(const char *path, uint32_t timeout_s, enum language language, FILE *out,
                      struct fault *fault)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval timeout = { .tv_sec = timeout_s };
    char answer[ANSWER_SIZE];
    if (strlen(path) >= sizeof(address.sun_path)) {
        return fault_set(fault, STATUS_LIMIT, "", "too long a path: '%s'", path);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return io_fault(fault, "make a socket for", path);
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    enum status status = STATUS_OK;
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        status = io_fault(fault, "connect to", path);
    } else if (send(fd, REQUEST, strlen(REQUEST), MSG_NOSIGNAL) != (ssize_t)strlen(REQUEST)) {
        status = io_fault(fault, "write to", path);
    } else {
        status = answer_read(fd, path, answer, fault);
    }
    close(fd);
    return status == STATUS_OK ? answer_say(answer, language, out, fault) : status;
}
