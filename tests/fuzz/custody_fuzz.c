#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/base/disk.h"
#include "server/service/custody.h"

/*
 * custody_open(): no file that somebody put into the data directory harms it; a refused one has a
 * fault; with an accepted one every seat has a credential that finds it. The first byte says which
 * file the rest of the input is: roll.csv, replaced.csv, keys, a token. The others are sound.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEAT_COUNT = 3 };

static struct group groups[] = { { .id = "a", .seat_count = 2, .first_seat = 1 },
                                 { .id = "b", .seat_count = 1, .first_seat = 3 } };
static struct post posts[] = { { .id = "officer-1", .role = ROLE_OFFICER } };
static const struct event event = {
    .groups = groups, .group_count = 2, .posts = posts, .post_count = 1, .seat_count = SEAT_COUNT
};
static char dir[64];

static void file_put(const char *name, const void *bytes, size_t size)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

static void dir_remove(void)
{
    (void)disk_remove_dir(dir);
}

/* A directory as a first start makes it, in memory. */
static void dir_make(void)
{
    struct custody *custody;
    char tokens[80];
    snprintf(dir, sizeof(dir), "/dev/shm/minping-fuzz-XXXXXX");
    assert(mkdtemp(dir) != NULL);
    snprintf(tokens, sizeof(tokens), "%s/tokens", dir);
    assert(mkdir(tokens, 0700) == 0 && atexit(dir_remove) == 0);
    assert(custody_open(dir, &event, NULL, true, &custody, NULL) == STATUS_OK);
    custody_close(custody);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "roll.csv", "replaced.csv", "keys",
                                         "tokens/officer-1.token" };
    static char sound[4][4096];
    static size_t sizes[4];
    struct custody *custody = NULL;
    struct fault fault = { 0 };
    if (dir[0] == '\0') {
        dir_make();
        for (size_t i = 0; i < 4; i++) {
            char path[128];
            snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
            FILE *file = fopen(path, "re");
            sizes[i] = file != NULL ? fread(sound[i], 1, sizeof(sound[i]), file) : 0;
            if (file != NULL) {
                fclose(file);
            }
        }
    }
    if (size == 0) {
        return 0;
    }
    size_t which = data[0] % 4;
    file_put(names[which], data + 1, size - 1);
    if (custody_open(dir, &event, NULL, false, &custody, &fault) == STATUS_OK) {
        uint8_t slots[SEAT_COUNT][SLOT_SIZE];
        for (uint32_t seat = 1; seat <= SEAT_COUNT; seat++) {
            custody_slot(custody, 1, seat, false, slots[seat - 1]);
        }
        assert(memcmp(slots[0], slots[1], SLOT_SIZE) != 0);
        custody_close(custody);
    } else {
        assert(fault.status != STATUS_OK && fault.text[0] != '\0');
    }
    file_put(names[which], sound[which], sizes[which]);
    if (which == 1 && sizes[1] == 0) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", dir, names[1]);
        unlink(path);
    }
    return 0;
}
