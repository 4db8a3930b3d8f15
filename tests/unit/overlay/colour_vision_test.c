#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "overlay/theme.h"

/*
 * Grades side by side can be told apart by whoever sees few colours: by shape always, and by colour
 * in every kind of dichromacy.
 *
 * Colours as dichromats see them: Machado, Oliveira and Fernandes, "A Physiologically-based Model
 * for Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009), severity 1.0, on linear sRGB.
 * Differences: CIE 1976, on L*a*b* of D65.
 */
#define DIFFERENCE_MIN 7.0 /* about three times what is just seen on surfaces that touch */

struct vision {
    const char *name;
    double m[3][3];
};

static const struct vision visions[] = {
    { "trichromat", { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } },
    { "protanope",
      { { 0.152286, 1.052583, -0.204868 },
        { 0.114503, 0.786281, 0.099216 },
        { -0.003882, -0.048116, 1.051998 } } },
    { "deuteranope",
      { { 0.367322, 0.860646, -0.227968 },
        { 0.280085, 0.672501, 0.047413 },
        { -0.011820, 0.042940, 0.968881 } } },
    { "tritanope",
      { { 1.255528, -0.076749, -0.178779 },
        { -0.078411, 0.930809, 0.147602 },
        { 0.004733, 0.691367, 0.303900 } } },
};
#define VISION_COUNT (sizeof visions / sizeof *visions)

/* IEC 61966-2-1. */
static double linear_of(uint32_t byte)
{
    double value = byte / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double cube_root_of(double value)
{
    return value > 216.0 / 24389.0 ? cbrt(value) : (24389.0 / 27.0 * value + 16.0) / 116.0;
}

/* CIE 1976 L*a*b* of a colour 0xAARRGGBB as `vision` sees it. */
static void lab_of(uint32_t colour, const struct vision *vision, double lab[3])
{
    static const double xyz_of[3][3] = { { 0.4124564, 0.3575761, 0.1804375 },
                                         { 0.2126729, 0.7151522, 0.0721750 },
                                         { 0.0193339, 0.1191920, 0.9503041 } };
    static const double white[3] = { 0.95047, 1, 1.08883 };
    double seen[3] = { 0 };
    double f[3] = { 0 };
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++)
            seen[i] += vision->m[i][k] * linear_of(colour >> (16 - 8 * k) & 255);
        seen[i] = fmin(fmax(seen[i], 0), 1);
    }
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++)
            f[i] += xyz_of[i][k] * seen[k] / white[i];
        f[i] = cube_root_of(f[i]);
    }
    lab[0] = 116 * f[1] - 16;
    lab[1] = 500 * (f[0] - f[1]);
    lab[2] = 200 * (f[1] - f[2]);
}

static double difference_of(uint32_t a, uint32_t b, const struct vision *vision)
{
    double first[3], second[3], sum = 0;
    lab_of(a, vision, first);
    lab_of(b, vision, second);
    for (int i = 0; i < 3; i++)
        sum += (first[i] - second[i]) * (first[i] - second[i]);
    return sqrt(sum);
}

/* The control: known values, and red and green that a deuteranope hardly tells apart. */
static void differences_are_right(void **state)
{
    (void)state;
    double lab[3];
    lab_of(0xffff0000, &visions[0], lab);
    assert_true(fabs(lab[0] - 53.24) < 0.01 && fabs(lab[1] - 80.09) < 0.01 &&
                fabs(lab[2] - 67.20) < 0.01);
    assert_true(fabs(difference_of(0xff000000, 0xffffffff, &visions[2]) - 100) < 0.01);
    assert_true(difference_of(0xffb05a3c, 0xff7f7338, &visions[0]) > 30);
    assert_true(difference_of(0xffb05a3c, 0xff7f7338, &visions[2]) < 15);
}

static void theme_check(const struct theme *theme)
{
    for (uint32_t count = 2; count <= GRADE_MAX; count++) {
        for (uint32_t i = 0; i + 1 < count; i++) {
            const struct grade_style *a = theme_grade(theme, i, count);
            const struct grade_style *b = theme_grade(theme, i + 1, count);
            assert_int_not_equal(a->shape, b->shape);
            for (size_t k = 0; k < VISION_COUNT; k++) {
                double fill = difference_of(a->fill, b->fill, &visions[k]);
                if (fill < DIFFERENCE_MIN)
                    fail_msg("%u grades, %u and %u: a %s sees a difference of %.1f", count, i,
                             i + 1, visions[k].name, fill);
            }
        }
    }
}

static void neighbours_differ_in_shape_and_colour(void **state)
{
    (void)state;
    static const char *const names[] = { "minping", "light" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct theme theme;
        assert_int_equal(STATUS_OK, theme_load(names[i], &theme, NULL));
        theme_check(&theme);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_right),
        cmocka_unit_test(neighbours_differ_in_shape_and_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
