#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "overlay/scene.h"

/* What the pattern of half-transparent edges is made of. */
/* Straight 0xAARRGGBB of the topmost node at a place, 0 where there is none. */
static uint32_t colour_at(const struct scene *scene, int32_t x, int32_t y)
{
    uint32_t colour = 0;
    for (uint32_t i = 0; i < scene->node_count; i++) {
        const struct rect *box = &scene->nodes[i].box;
        if (x >= box->x && x < box->x + box->w && y >= box->y && y < box->y + box->h)
            colour = scene->nodes[i].colour;
    }
    return colour;
}

static void the_alpha_pattern_has_half_edges_and_what_they_should_look_like(void **state)
{
    struct scene *scene = *state;
    scene_clear(scene);
    scene_add_test_alpha(scene, 1920, 0xa50f00);
    static const struct {
        int32_t x, y;
        uint32_t colour;
    } places[] = {
        { 10, 10, 0 },
        { 130, 210, 0x80ffffff },
        { 590, 550, 0x80ffffff },
        { 300, 300, 0xffffffff },
        { 730, 300, 0x80c00000 },
        { 900, 300, 0xffc00000 },
        { 1330, 300, 0x80000000 },
        { 1500, 300, 0xff000000 },
        { 361, 641, 0x80ffffff },
        { 1559, 719, 0x80ffffff },
        { 361, 721, 0xffc0c0c0 },
        { 761, 721, 0xff808080 },
        { 1161, 721, 0xffffffff },
        { 390, 760, 0xff000000 },
        { 438, 760, 0xffc0c0c0 },
        { 96, 104, 0xffffffff },
        { 128, 104, 0 },
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (colour_at(scene, places[i].x, places[i].y) != places[i].colour)
            fail_msg("%d,%d is %08x", places[i].x, places[i].y,
                     colour_at(scene, places[i].x, places[i].y));
    }
    /* No two nodes of half alpha lie on each other: half of a half would be wrong. */
    for (uint32_t i = 0; i < scene->node_count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            const struct node *a = &scene->nodes[i], *b = &scene->nodes[j];
            bool apart = a->box.x >= b->box.x + b->box.w || b->box.x >= a->box.x + a->box.w ||
                         a->box.y >= b->box.y + b->box.h || b->box.y >= a->box.y + a->box.h;
            assert_true(apart || a->colour >> 24 == 255);
            assert_true(a->key != b->key);
        }
    }
}

static int scene_make(void **state)
{
    *state = calloc(1, sizeof(struct scene));
    return *state == NULL ? -1 : 0;
}

static int scene_free(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_alpha_pattern_has_half_edges_and_what_they_should_look_like),
    };
    return cmocka_run_group_tests(tests, scene_make, scene_free);
}
