#include "server/service/pace.h"

#include <assert.h>

/* The key's entry; of a new key the one in its set that is whole soonest. */
static struct pace_entry *entry_find(struct pace *pace, uint64_t key)
{
    assert(key != 0);
    struct pace_entry *set = pace->entries[key * 0x9e3779b97f4a7c15u >> 56];
    struct pace_entry *soonest = set;
    for (uint32_t i = 0; i < PACE_WAY_COUNT; i++) {
        if (set[i].key == key) {
            return &set[i];
        }
        if (set[i].key == 0 || (soonest->key != 0 && set[i].whole_ms < soonest->whole_ms)) {
            soonest = &set[i];
        }
    }
    *soonest = (struct pace_entry){ .key = key, .whole_ms = INT64_MIN };
    return soonest;
}

int64_t pace_take(struct pace *pace, uint64_t key, int64_t now_ms)
{
    struct pace_entry *entry = entry_find(pace, key);
    if (entry->whole_ms < now_ms) {
        entry->whole_ms = now_ms;
    }
    int64_t due_ms = entry->whole_ms - (PACE_BURST - 1) * PACE_STEP_MS;
    if (due_ms < now_ms + PACE_WAIT_MAX_MS) {
        entry->whole_ms += PACE_STEP_MS;
    }
    return due_ms > now_ms ? due_ms : now_ms;
}

void pace_hold(struct pace *pace, uint64_t key, int64_t until_ms)
{
    struct pace_entry *entry = entry_find(pace, key);
    int64_t whole_ms = until_ms + (PACE_BURST - 1) * PACE_STEP_MS;
    if (entry->whole_ms < whole_ms) {
        entry->whole_ms = whole_ms;
    }
}
