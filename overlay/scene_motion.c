#include "overlay/scene_motion.h"

#include <math.h>
#include <string.h>

double motion_ease(int64_t now_ns, int64_t start_ns, int64_t length_ms)
{
    if (now_ns <= start_ns) {
        return 0.0;
    }
    int64_t length_ns = length_ms * 1000000;
    if (now_ns - start_ns >= length_ns) {
        return 1.0;
    }
    double left = 1.0 - (double)(now_ns - start_ns) / (double)length_ns;
    return 1.0 - left * left * left;
}

void motion_edges_of(const struct item_figures *item, uint32_t grade_count, double edges[GRADE_MAX])
{
    uint64_t sum = 0;
    for (uint32_t g = 0; g < GRADE_MAX; g++) {
        sum += g < grade_count ? item->counts[g] : 0;
        edges[g] = item->valid > 0 ? fmin((double)sum / (double)item->valid, 1.0) : 0.0;
    }
}

static void bar_at(const struct bar_motion *bar, int64_t now_ns, int64_t change_ms,
                   double edges[GRADE_MAX])
{
    double done = bar->changed_ns == 0 ? 1.0 : motion_ease(now_ns, bar->changed_ns, change_ms);
    for (uint32_t g = 0; g < GRADE_MAX; g++) {
        edges[g] = bar->from[g] + (bar->to[g] - bar->from[g]) * done;
    }
}

static bool edges_differ(const double a[GRADE_MAX], const double b[GRADE_MAX])
{
    for (uint32_t g = 0; g < GRADE_MAX; g++) {
        if (a[g] != b[g]) {
            return true;
        }
    }
    return false;
}

void motion_hold(struct motion *motion, uint32_t round)
{
    memset(motion, 0, sizeof(*motion));
    motion->round = round;
    motion->is_held = true;
}

void motion_update(struct motion *motion, const struct figures *figures, int64_t now_ns,
                   int64_t change_ms)
{
    bool is_new = motion->round != figures->round;
    if (is_new) {
        motion_hold(motion, figures->round);
    } else if (motion->is_held) {
        motion->released_ns = now_ns;
    }
    motion->is_held = false;
    for (uint32_t i = 0; i < figures->item_count && i < ITEM_MAX; i++) {
        struct bar_motion *bar = &motion->bars[i];
        double edges[GRADE_MAX];
        motion_edges_of(&figures->items[i], figures->grade_count, edges);
        if (is_new) {
            memcpy(bar->to, edges, sizeof(edges));
        } else if (edges_differ(bar->to, edges)) {
            double now[GRADE_MAX];
            bar_at(bar, now_ns, change_ms, now);
            memcpy(bar->from, now, sizeof(now));
            memcpy(bar->to, edges, sizeof(edges));
            bar->changed_ns = now_ns;
        }
    }
}

double motion_risen(const struct motion *motion, const struct figures *figures, int64_t now_ns,
                    int64_t change_ms)
{
    bool is_rising = motion != NULL && motion->round == figures->round && motion->released_ns != 0;
    return is_rising ? motion_ease(now_ns, motion->released_ns, change_ms) : 1.0;
}

void motion_edges(const struct motion *motion, const struct figures *figures, uint32_t index,
                  int64_t now_ns, int64_t change_ms, double edges[GRADE_MAX])
{
    if (motion != NULL && motion->round != 0 && motion->round == figures->round) {
        bar_at(&motion->bars[index], now_ns, change_ms, edges);
    } else {
        motion_edges_of(&figures->items[index], figures->grade_count, edges);
    }
}
