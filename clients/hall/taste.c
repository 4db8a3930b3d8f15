#include "clients/hall/taste.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "clients/lib/prng.h"

#define GOLDEN 0.6180339887498949 /* its multiples spread over 0 .. 1 as evenly as can be */
#define CLEAR_REST 0.4286         /* to the leader's 1: 70 % and 30 % */

static const char *const taste_names[] = {
    [TASTE_EVEN] = "even", [TASTE_SPLIT] = "split", [TASTE_CLEAR] = "clear"
};

const char *taste_name(enum taste taste)
{
    return taste >= TASTE_EVEN && taste <= TASTE_CLEAR ? taste_names[taste] : "invalid";
}

enum taste taste_parse(const char *name)
{
    for (int taste = TASTE_EVEN; taste <= TASTE_CLEAR; taste++) {
        if (strcmp(name, taste_names[taste]) == 0) {
            return (enum taste)taste;
        }
    }
    return TASTE_INVALID;
}

/* FNV-1a, 64 bits: an id as a number. */
static uint64_t id_number(const char *id)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = id; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    }
    return hash;
}

static double normal_of(uint64_t number)
{
    struct prng prng;
    prng_init(&prng, number);
    return prng_normal(&prng);
}

uint8_t taste_choice(uint64_t seed, uint32_t seat, const char *subject, uint32_t item,
                     uint32_t change, uint32_t grade_count)
{
    uint64_t who = prng_mix(seed ^ id_number(subject));
    uint64_t what = prng_mix(who + item + 1);
    double quality = 1.2 + 0.6 * normal_of(who) + 0.35 * normal_of(what);
    double leniency = 0.5 * normal_of(prng_mix(seed + 0x5ea7u + seat));
    double opinion = 0.9 * normal_of(prng_mix(what ^ ((uint64_t)seat << 32)));
    double score = quality + leniency + opinion;
    /* The best above 0.6, the worst below -0.8, the others in equal steps between. */
    const double top = 0.6;
    const double bottom = -0.8;
    uint32_t choice = 0;
    if (score < bottom) {
        choice = grade_count - 1;
    } else if (score < top) {
        choice = 1 + (uint32_t)((top - score) / (top - bottom) * (double)(grade_count - 2));
    }
    if (choice > grade_count - 1) {
        choice = grade_count - 1;
    }
    if (change % 2 == 1) {
        choice = choice > 0 ? choice - 1 : 1;
    }
    return (uint8_t)choice;
}

uint64_t taste_contest(uint64_t seed, const char *contest)
{
    return prng_mix(seed ^ id_number(contest));
}

void taste_rank(uint64_t contest, uint8_t *items, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        uint8_t item = items[i];
        uint64_t liking = prng_mix(contest + item + 1u);
        uint32_t at = i;
        while (at > 0 && prng_mix(contest + items[at - 1] + 1u) < liking) {
            items[at] = items[at - 1];
            at--;
        }
        items[at] = item;
    }
}

double taste_weight(enum taste taste, uint32_t place, uint32_t count, uint32_t seats)
{
    bool is_leader = place < seats;
    if (taste == TASTE_CLEAR || (taste == TASTE_SPLIT && count == 2 && seats == 1)) {
        return is_leader ? 1.0 : CLEAR_REST / (double)(count - seats);
    }
    if (taste == TASTE_SPLIT && count > 1) {
        return 1.0 - 0.4 * (double)place / (double)(count - 1);
    }
    return 1.0;
}

double taste_place(uint64_t contest, uint32_t seat, uint32_t round, uint32_t change)
{
    double offset = (double)(prng_mix(contest ^ prng_mix(round)) >> 11) / 9007199254740992.0;
    double place = offset + GOLDEN * (double)seat + 0.5 * (double)change;
    return place - floor(place);
}
