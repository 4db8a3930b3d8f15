#include "server/model/view.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/name_table.h"

static const char *const state_names[] = {
    [ROUND_INVALID] = "invalid", [ROUND_PLANNED] = "planned", [ROUND_OPEN] = "open",
    [ROUND_PAUSED] = "paused",   [ROUND_CLOSED] = "closed",
};

void document_finish(struct document *document)
{
    event_destroy(document->texts);
    free(document->closed);
    document->texts = NULL;
    document->closed = NULL;
    document->closed_count = 0;
}

const char *round_state_name(enum round_state state)
{
    return name_table_name(state_names, NAME_COUNT(state_names), state);
}

enum round_state round_state_parse(const char *name)
{
    return (enum round_state)name_table_parse(state_names, NAME_COUNT(state_names), name);
}

uint32_t share_permille(uint64_t count, uint64_t base)
{
    if (base == 0) {
        return 0;
    }
    /* 128 bits: count × 2000 does not fit 64 for every count. Half up: floor(x + 1/2). */
    unsigned __int128 doubled = (unsigned __int128)count * 2000 + base;
    unsigned __int128 share = doubled / ((unsigned __int128)base * 2);

    return share > UINT32_MAX ? UINT32_MAX : (uint32_t)share;
}

#define FNV_OFFSET 0xcbf29ce484222325u /* FNV-1a, 64 bits, the authors' parameters */
#define FNV_PRIME 0x100000001b3u

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    for (unsigned shift = 0; shift < 64; shift += 8) {
        hash = (hash ^ (number >> shift & 0xff)) * FNV_PRIME;
    }
    return hash;
}

/* The NUL is hashed too, so that no text runs into the next field. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    do {
        hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
    } while (*text++ != '\0');
    return hash;
}

/*
 * What `shows` withholds counts as zero whatever the struct holds: the same figures hash alike
 * before they are sent and after they were read.
 */
uint64_t figures_hash(const struct figures *figures)
{
    uint32_t item_count = figures->shows == LIVE_TALLY ? figures->item_count : 0;
    uint64_t hash = FNV_OFFSET;

    hash = hash_number(hash, figures->round);
    hash = hash_text(hash, figures->contest);
    hash = hash_text(hash, figures->subject);
    hash = hash_number(hash, figures->state);
    hash = hash_number(hash, figures->shows);
    hash = hash_number(hash, figures->registered);
    hash = hash_number(hash, figures->shows >= LIVE_TURNOUT ? figures->cast_count : 0);
    hash = hash_number(hash, item_count);
    hash = hash_number(hash, item_count > 0 ? figures->grade_count : 0);
    hash = hash_number(hash, (uint64_t)figures->opened_ms);
    hash = hash_number(hash, (uint64_t)figures->closed_ms);
    for (uint32_t i = 0; i < item_count && i < CRITERION_MAX; i++) {
        for (uint32_t g = 0; g < figures->grade_count && g < GRADE_MAX; g++) {
            hash = hash_number(hash, figures->items[i].counts[g]);
        }
        hash = hash_number(hash, figures->items[i].valid);
    }
    return hash;
}

bool figures_are_sound(const struct figures *figures)
{
    if (figures->item_count > CRITERION_MAX || figures->grade_count > GRADE_MAX ||
        figures->cast_count > figures->registered) {
        return false;
    }
    for (uint32_t i = 0; i < figures->item_count; i++) {
        uint64_t sum = 0;

        for (uint32_t g = 0; g < figures->grade_count; g++) {
            sum += figures->items[i].counts[g];
        }
        if (sum != figures->items[i].valid || sum > figures->cast_count) {
            return false;
        }
    }
    return true;
}
