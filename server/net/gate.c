#include "server/net/gate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Places and holders (addresses that have at least one stranger) are fixed tables whose free
 * entries are chained. Each holder has a list of its places, oldest first, and is in the list of
 * the holders that have as many; `most` is the highest count with a holder. Everything is constant
 * time but the hash chains, which hold one holder for two buckets.
 */
struct stranger {
    void *owner; /* NULL: free */
    int64_t since_ms;
    uint32_t holder;
    uint32_t older; /* of the same holder; of a free place the next free one */
    uint32_t newer;
    enum gate_stage stage;
};

struct holder {
    struct gate_address address;
    uint32_t count;
    uint32_t oldest;
    uint32_t newest;
    uint32_t chained; /* the next in its bucket; of a free holder the next free one */
    uint32_t before;  /* in the list of its count, longest there first */
    uint32_t after;
};

struct ends {
    uint32_t first;
    uint32_t last;
};

struct gate {
    uint64_t seed;
    uint32_t stranger_max;
    uint32_t count;
    uint32_t most;
    uint32_t bucket_mask;
    uint32_t swept;
    uint32_t free_place;
    uint32_t free_holder;
    struct stranger *strangers; /* [stranger_max] */
    struct holder *holders;     /* [stranger_max] */
    struct ends *by_count;      /* [stranger_max + 1], 0 unused */
    uint32_t *buckets;          /* [bucket_mask + 1] */
};

enum status gate_create(uint32_t stranger_max, uint64_t seed, struct gate **out,
                        struct fault *fault)
{
    assert(stranger_max > 0 && stranger_max <= 1000000);
    *out = NULL;
    uint32_t bucket_count = 1;
    while (bucket_count < 2 * stranger_max) {
        bucket_count *= 2;
    }
    struct gate *gate = calloc(1, sizeof(*gate));
    if (gate == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the gate");
    }
    gate->stranger_max = stranger_max;
    gate->seed = seed;
    gate->bucket_mask = bucket_count - 1;
    gate->strangers = calloc(stranger_max, sizeof(*gate->strangers));
    gate->holders = calloc(stranger_max, sizeof(*gate->holders));
    gate->by_count = calloc((size_t)stranger_max + 1, sizeof(*gate->by_count));
    gate->buckets = calloc(bucket_count, sizeof(*gate->buckets));
    if (gate->strangers == NULL || gate->holders == NULL || gate->by_count == NULL ||
        gate->buckets == NULL) {
        gate_destroy(gate);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for %u strangers", stranger_max);
    }
    for (uint32_t i = 0; i < stranger_max; i++) {
        uint32_t next = i + 1 < stranger_max ? i + 1 : GATE_NONE;
        gate->strangers[i].older = next;
        gate->holders[i].chained = next;
        gate->by_count[i + 1] = (struct ends){ GATE_NONE, GATE_NONE };
    }
    memset(gate->buckets, 0xff, bucket_count * sizeof(*gate->buckets)); /* GATE_NONE */
    *out = gate;
    return STATUS_OK;
}

void gate_destroy(struct gate *gate)
{
    if (gate == NULL) {
        return;
    }
    free(gate->strangers);
    free(gate->holders);
    free(gate->by_count);
    free(gate->buckets);
    free(gate);
}

/* FNV-1a from a secret start, mixed at the end. */
static uint32_t *bucket_of(struct gate *gate, const struct gate_address *address)
{
    uint64_t hash = 14695981039346656037u ^ gate->seed;
    for (size_t i = 0; i < sizeof(address->bytes); i++) {
        hash = (hash ^ address->bytes[i]) * 1099511628211u;
    }
    hash = (hash ^ hash >> 33 ^ gate->seed) * 0xff51afd7ed558ccdu;
    return &gate->buckets[(uint32_t)(hash >> 32) & gate->bucket_mask];
}

static void ranking_remove(struct gate *gate, uint32_t index)
{
    struct holder *holder = &gate->holders[index];
    struct ends *ends = &gate->by_count[holder->count];
    *(holder->before != GATE_NONE ? &gate->holders[holder->before].after : &ends->first) =
        holder->after;
    *(holder->after != GATE_NONE ? &gate->holders[holder->after].before : &ends->last) =
        holder->before;
}

static void ranking_add(struct gate *gate, uint32_t index)
{
    struct holder *holder = &gate->holders[index];
    struct ends *ends = &gate->by_count[holder->count];
    holder->before = ends->last;
    holder->after = GATE_NONE;
    *(ends->last != GATE_NONE ? &gate->holders[ends->last].after : &ends->first) = index;
    ends->last = index;
}

/* The holder of the address, made when there is none. */
static uint32_t holder_find(struct gate *gate, const struct gate_address *address)
{
    uint32_t *bucket = bucket_of(gate, address);
    for (uint32_t index = *bucket; index != GATE_NONE; index = gate->holders[index].chained) {
        if (memcmp(&gate->holders[index].address, address, sizeof(*address)) == 0) {
            return index;
        }
    }
    uint32_t index = gate->free_holder; /* there is one for each place */
    struct holder *holder = &gate->holders[index];
    gate->free_holder = holder->chained;
    *holder = (struct holder){
        .address = *address, .oldest = GATE_NONE, .newest = GATE_NONE, .chained = *bucket
    };
    *bucket = index;
    return index;
}

static void holder_free(struct gate *gate, uint32_t index)
{
    uint32_t *link = bucket_of(gate, &gate->holders[index].address);
    while (*link != index) {
        link = &gate->holders[*link].chained;
    }
    *link = gate->holders[index].chained;
    gate->holders[index].chained = gate->free_holder;
    gate->free_holder = index;
}

uint32_t gate_enter(struct gate *gate, const struct gate_address *address, void *owner,
                    int64_t now_ms)
{
    assert(owner != NULL);
    uint32_t place = gate->free_place;
    if (place == GATE_NONE) {
        return GATE_NONE;
    }
    uint32_t index = holder_find(gate, address);
    struct holder *holder = &gate->holders[index];
    struct stranger *stranger = &gate->strangers[place];
    gate->free_place = stranger->older;
    *stranger = (struct stranger){ .owner = owner,
                                   .since_ms = now_ms,
                                   .holder = index,
                                   .older = holder->newest,
                                   .newer = GATE_NONE,
                                   .stage = GATE_STAGE_HANDSHAKE };
    *(holder->newest != GATE_NONE ? &gate->strangers[holder->newest].newer : &holder->oldest) =
        place;
    holder->newest = place;
    if (holder->count > 0) {
        ranking_remove(gate, index);
    }
    holder->count++;
    ranking_add(gate, index);
    gate->most = holder->count > gate->most ? holder->count : gate->most;
    gate->count++;
    return place;
}

void gate_step(struct gate *gate, uint32_t place, enum gate_stage stage, int64_t now_ms)
{
    assert(place < gate->stranger_max && gate->strangers[place].owner != NULL);
    gate->strangers[place].stage = stage;
    gate->strangers[place].since_ms = now_ms;
}

void gate_leave(struct gate *gate, uint32_t place)
{
    assert(place < gate->stranger_max && gate->strangers[place].owner != NULL);
    struct stranger *stranger = &gate->strangers[place];
    uint32_t index = stranger->holder;
    struct holder *holder = &gate->holders[index];
    *(stranger->older != GATE_NONE ? &gate->strangers[stranger->older].newer : &holder->oldest) =
        stranger->newer;
    *(stranger->newer != GATE_NONE ? &gate->strangers[stranger->newer].older : &holder->newest) =
        stranger->older;
    stranger->owner = NULL;
    stranger->older = gate->free_place;
    gate->free_place = place;
    ranking_remove(gate, index);
    if (gate->most == holder->count && gate->by_count[holder->count].first == GATE_NONE) {
        gate->most--; /* where this holder is now, if it holds any */
    }
    holder->count--;
    if (holder->count > 0) {
        ranking_add(gate, index);
    } else {
        holder_free(gate, index);
    }
    gate->count--;
}

uint32_t gate_count(const struct gate *gate)
{
    return gate->count;
}

void *gate_oldest_of_most(const struct gate *gate)
{
    if (gate->count == 0) {
        return NULL;
    }
    const struct holder *holder = &gate->holders[gate->by_count[gate->most].first];
    return gate->strangers[holder->oldest].owner;
}

void *gate_overdue(struct gate *gate, int64_t now_ms, uint32_t look_max, uint32_t *looked)
{
    uint32_t most = look_max < gate->stranger_max ? look_max : gate->stranger_max;
    while (*looked < most && gate->count > 0) {
        const struct stranger *stranger = &gate->strangers[gate->swept];
        gate->swept = gate->swept + 1 < gate->stranger_max ? gate->swept + 1 : 0;
        (*looked)++;
        if (stranger->owner == NULL) {
            continue;
        }
        int64_t waited_ms = now_ms - stranger->since_ms;
        if ((stranger->stage == GATE_STAGE_HANDSHAKE && waited_ms > GATE_HANDSHAKE_MS) ||
            (stranger->stage == GATE_STAGE_DOCUMENT && waited_ms > GATE_DOCUMENT_MS)) {
            return stranger->owner;
        }
    }
    return NULL;
}
