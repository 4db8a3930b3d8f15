#include "overlay/panic_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE (PANIC_PATH_MAX + sizeof ".state.new")

/* "word NUMBER\n" at *text, which moves behind it. */
static bool number_read(const char **text, const char *word, int base, uint64_t *number)
{
    size_t size = strlen(word);
    char *end = NULL;
    if (strncmp(*text, word, size) != 0 || strspn(*text + size, "0123456789abcdef") == 0)
        return false;
    errno = 0;
    *number = strtoull(*text + size, &end, base);
    *text = end + 1;
    return errno == 0 && *end == '\n';
}

void panic_state_read(const char *path, struct panic_state *state)
{
    char name[PATH_SIZE];
    *state = (struct panic_state){ 0 };
    snprintf(name, sizeof name, "%.*s.state", PANIC_PATH_MAX, path);
    FILE *file = fopen(name, "re");
    if (file == NULL && errno == ENOENT)
        return;
    state->is_clear = true; /* also where it cannot be read: nothing comes back by itself */
    if (file == NULL)
        return;
    char text[128] = "";
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    const char *at = text;
    uint64_t format = 0;
    if (!number_read(&at, "minping panic ", 10, &format) || format != 1 ||
        !number_read(&at, "log ", 16, &state->log) ||
        !number_read(&at, "programme ", 10, &state->programme) || *at != '\0') {
        state->log = 0;
        state->programme = 0;
    }
}

static int directory_sync(const char *path)
{
    char name[PATH_SIZE];
    const char *slash = strrchr(path, '/');
    snprintf(name, sizeof name, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
             slash == NULL ? "." : path);
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0)
        close(fd);
    return error;
}

static bool draft_write(const char *name, const struct panic_state *state)
{
    char text[128];
    int size =
        snprintf(text, sizeof text, "minping panic 1\nlog %016" PRIx64 "\nprogramme %" PRIu64 "\n",
                 state->log, state->programme);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool is_good = write(fd, text, (size_t)size) == size && fsync(fd) == 0;
    return close(fd) == 0 && is_good;
}

enum status panic_state_write(const char *path, const struct panic_state *state,
                              struct fault *fault)
{
    char name[PATH_SIZE];
    char draft[PATH_SIZE];
    snprintf(name, sizeof name, "%.*s.state", PANIC_PATH_MAX, path);
    snprintf(draft, sizeof draft, "%.*s.state.new", PANIC_PATH_MAX, path);
    bool is_good = state->is_clear ? draft_write(draft, state) && rename(draft, name) == 0
                                   : unlink(name) == 0 || errno == ENOENT;
    if (is_good && directory_sync(path) == 0)
        return STATUS_OK;
    return fault_set(fault, STATUS_IO, "", "cannot write '%s': %s", name, strerror(errno));
}
