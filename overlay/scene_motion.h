#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/view.h"

/*
 * The bars' movement: where each bar of the live round came from and where it goes. Pure: the
 * time is passed in. Figures never move; only bars do.
 *
 * An edge is where a grade's part of a bar ends: the share of this and all better grades, 0 .. 1.
 */
struct bar_motion {
    double from[GRADE_MAX];
    double to[GRADE_MAX];
    int64_t changed_ns; /* when it set out; 0: it stands at `to` */
};

/* is_held: nothing of the round was let out yet; released_ns: when it was, 0: before it was heard
 */
struct motion {
    uint32_t round; /* 0: none */
    bool is_held;
    int64_t released_ns;
    struct bar_motion bars[ITEM_MAX];
};

/* Smooth and slow at the end: 0 at or before start_ns, 1 from start_ns + length_ms on. */
double motion_ease(int64_t now_ns, int64_t start_ns, int64_t length_ms);

/* The edges of an item's counts. valid 0: all 0. */
void motion_edges_of(const struct item_figures *item, uint32_t grade_count,
                     double edges[GRADE_MAX]);

/* The live round holds its figures back: its bars will set out from nothing. */
void motion_hold(struct motion *motion, uint32_t round);

/*
 * New figures of the live round were heard: bars set out from where they are. Of a round that was
 * not heard of before they stand at once.
 */
void motion_update(struct motion *motion, const struct figures *figures, int64_t now_ns,
                   int64_t change_ms);

/*
 * How far bars are that stand for no item and never change, names written in: 0 .. 1 since the
 * figures were let out.
 */
double motion_risen(const struct motion *motion, const struct figures *figures, int64_t now_ns,
                    int64_t change_ms);

/* The edges to draw for item `index` of `figures`; exact where `motion` (may be NULL) has none. */
void motion_edges(const struct motion *motion, const struct figures *figures, uint32_t index,
                  int64_t now_ns, int64_t change_ms, double edges[GRADE_MAX]);
