#pragma once

#include "overlay/scene.h"
#include "overlay/text.h"

/*
 * Looks at one built scene, not yet scaled, as a viewer would, and counts what is wrong with it.
 *
 * Every text: its size, its glyphs, its ink inside the safe area and clear of every other text's,
 * how far it is condensed, and its contrast over whatever may stand under it, a bright and a dark
 * picture where there is no ground. Every QR code: that it is inside the safe area, how large its
 * modules are, and that it is dark on light. Every colour: its levels. What is wrong is printed, a
 * line each.
 */
#define LINT_MODULE_MIN_PX 6   /* of a QR code: px in 1080 lines, lines in 576 */
#define LINT_CONTRAST_MIN 4.5  /* WCAG 2.1, 1.4.3 */
#define LINT_CONDENSE_MIN 0.62 /* as minping-overlay --check has it */

struct lint {
    struct text_engine *engine; /* borrowed; draws at the sizes of the canvas */
    const char *what;           /* which scene, for the lines */
    int32_t type_min_px;
    int32_t height_px; /* lines of the picture it will be: 1080 or 576 */
    bool is_quiet;     /* prints nothing: for planted faults */
    uint32_t fault_count;
};

void lint_scene(struct lint *lint, const struct scene *scene, const struct theme *theme);

/* Contrast of two opaque colours, 1 .. 21 (WCAG 2.1). */
double lint_contrast(uint32_t a, uint32_t b);
