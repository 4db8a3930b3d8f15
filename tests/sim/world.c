#include "tests/sim/world.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/base/disk.h"
#include "tests/sim/memory.h"

#define STREAM_SETUP UINT64_C(0x7365747570)
#define STREAM_SODIUM UINT64_C(0x736f6469756d)

/* What libsodium draws (keys, credentials, lots) comes from the seed as well. */
static struct prng sodium_random;

static const char *sodium_name(void)
{
    return "minping-sim";
}

static uint32_t sodium_draw(void)
{
    return (uint32_t)(prng_next(&sodium_random) >> 32);
}

static void sodium_fill(void *const bytes, const size_t size)
{
    uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++) {
        at[i] = (uint8_t)(prng_next(&sodium_random) >> 56);
    }
}

void world_custody_make(char dir[64], const struct event *event)
{
    static randombytes_implementation drawn = { .implementation_name = sodium_name,
                                                .random = sodium_draw,
                                                .buf = sodium_fill };
    struct custody *custody = NULL;
    struct fault fault = { 0 };
    prng_init(&sodium_random, STREAM_SODIUM);
    randombytes_set_implementation(&drawn);
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(dir, 64, "%s/minping-sim-XXXXXX", place);
    if (mkdtemp(dir) == NULL ||
        custody_open(dir, event, NULL, true, &custody, &fault) != STATUS_OK) {
        fprintf(stderr, "minping-sim: no keys in '%s': %s\n", dir, fault.text);
        exit(2);
    }
    custody_close(custody);
}

void world_custody_remove(const char *dir)
{
    (void)disk_remove_dir(dir);
}

struct world *world_create(const struct plan *plan, const char *dir, struct event *event)
{
    char path[96];
    char log_id[17];
    struct world *world = memory_make(1, sizeof(*world));
    world->plan = plan;
    world->dir = dir;
    world->event = event;
    prng_init(&world->random, plan->seed ^ prng_mix(STREAM_SETUP));
    prng_init(&sodium_random, plan->seed ^ prng_mix(STREAM_SODIUM));
    snprintf(path, sizeof(path), "%s/replaced.csv", dir);
    (void)unlink(path);
    hall_vary(event, &world->random);
    snprintf(log_id, sizeof(log_id), "%016llx", (unsigned long long)prng_next(&world->random));
    disk_init(&world->disk);
    world->disk.random = &world->random;
    disk_log_init(&world->disk_log, &world->disk, log_id);
    world->steady_ms = 1000;
    world->unix_ms = INT64_C(1700000000000);
    for (uint32_t i = 0; i < HALL_LINK_MAX; i++) {
        world->server.conn_links[i] = -1;
    }
    peers_init(world);
    return world;
}

void world_destroy(struct world *world)
{
    if (world->server.is_up) {
        server_end(world, ENDING_KILL);
    }
    peers_finish(world);
    wire_release(world);
    book_finish(&world->book);
    disk_log_finish(&world->disk_log);
    disk_finish(&world->disk);
    for (uint32_t i = 0; i < world->sent_count; i++) {
        free(world->sent[i].text);
    }
    for (int audience = 0; audience < AUDIENCE_COUNT; audience++) {
        free(world->publications[audience].items);
    }
    free(world->sent);
    free(world->asked);
    free(world->history);
    free(world);
}

uint32_t world_draw(struct world *world, uint32_t below)
{
    return prng_below(&world->random, below);
}

bool world_chance(struct world *world, uint32_t percent)
{
    return prng_below(&world->random, 100) < percent;
}

void world_say(struct world *world, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    if (!world->plan->has_history || world->is_hushed) {
        return;
    }
    int head =
        snprintf(line, sizeof(line), "%5u %9.3f  ", world->step, (double)world->steady_ms / 1000.0);
    va_start(arguments, format);
    int body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, arguments);
    va_end(arguments);
    size_t size = (size_t)head + (size_t)body;
    size = size < sizeof(line) - 2 ? size : sizeof(line) - 2;
    line[size++] = '\n';
    if (world->history_size + size > world->history_capacity) {
        world->history_capacity = (world->history_size + size) * 2;
        world->history = memory_resize(world->history, world->history_capacity);
    }
    memcpy(world->history + world->history_size, line, size);
    world->history_size += size;
}

bool world_violate(struct world *world, const char *invariant, const char *format, ...)
{
    va_list arguments;
    if (!world->is_violated) {
        world->is_violated = true;
        world->invariant = invariant;
        va_start(arguments, format);
        vsnprintf(world->why, sizeof(world->why), format, arguments);
        va_end(arguments);
        world_say(world, "VIOLATED %s: %s", invariant, world->why);
    }
    return false;
}
