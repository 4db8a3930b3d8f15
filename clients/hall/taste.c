#include "clients/hall/taste.h"

#include "clients/lib/prng.h"

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
