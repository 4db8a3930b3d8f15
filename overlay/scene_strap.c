#include "overlay/scene_parts.h"

#include <stdio.h>

/*
 * The name strap: who is seen, by name and office. A lower third as wide as its words need, with
 * the portrait at its left where there is one; one that is not read yet fades in on its place.
 */
#define STRAP_TOP_PX (pen->theme->strap_top_px)
#define STRAP_HEIGHT_PX 152
#define STRAP_MIN_PX 560
#define TEXT_DELAY_MS 120
#define PORTRAIT_PX 150
#define PORTRAIT_TALL_PX 200
#define PORTRAIT_FADE_MS 300

/* Returns the width it takes: 0 where there is no portrait. */
static int32_t portrait_add(struct pen *pen, const struct scene_cue *cue, const char *contest,
                            const char *id)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    char name[2 * ID_SIZE];
    snprintf(name, sizeof(name), "%s-%s", contest, id);
    int64_t since_ns = data->portrait != NULL ? data->portrait(data->portrait_ctx, name) : -1;
    if (since_ns < 0) {
        return 0;
    }
    struct rect box = { theme->left_px, STRAP_TOP_PX + STRAP_HEIGHT_PX - PORTRAIT_TALL_PX,
                        PORTRAIT_PX, PORTRAIT_TALL_PX };
    int64_t fade_ns = PORTRAIT_FADE_MS * INT64_C(1000000);
    int64_t age_ns = since_ns > 0 ? data->now_ns - since_ns : 0;
    uint8_t opacity = cue_panel_opacity(data, cue);
    pen->opacity = opacity;
    pen_rect(pen, PART_PORTRAIT, 0, 0, box, theme->track);
    pen_rect(pen, PART_PORTRAIT, 0, 1, (struct rect){ box.x, box.y - 4, box.w, 4 }, theme->gold);
    age_ns = age_ns < 0 ? 0 : age_ns > fade_ns ? fade_ns : age_ns;
    pen->opacity = (uint8_t)(opacity * age_ns / fade_ns);
    pen_portrait(pen, box, name);
    return PORTRAIT_PX;
}

void scene_strap_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    const struct contest *contest = scene_contest(data, cue->params);
    const struct subject *person = scene_person(contest, cue->params);
    char name[NAME_SIZE];
    name_text(label_text(&person->name, data->language), name);
    const char *office = label_text(&person->office, data->language);
    int32_t left = theme->left_px + portrait_add(pen, cue, contest->id, person->id);
    int32_t most = theme->right_px - left;
    int32_t name_px = pen_measure(pen, name, theme->name_px, true, false);
    int32_t office_px = pen_measure(pen, office, theme->label_px, false, false);
    int32_t width = (name_px > office_px ? name_px : office_px) + 42 + 56;
    width = width < STRAP_MIN_PX ? STRAP_MIN_PX : width > most ? most : (width + 13) / 14 * 14;
    int32_t words = width - 42 - 28;
    bool has_office = office[0] != '\0';
    int32_t shown = (int32_t)(width * cue_growth(data, cue, 0) + 0.5);

    pen->opacity = cue_panel_opacity(data, cue);
    shown = cue->keeps_panel ? width : shown;
    pen_rect(pen, PART_PANEL, 0, 0, (struct rect){ left, STRAP_TOP_PX, shown, STRAP_HEIGHT_PX },
             theme->panel);
    pen_rect(pen, PART_RULE, 0, 0, (struct rect){ left, STRAP_TOP_PX - 4, shown, 4 }, theme->gold);
    pen_rect(pen, PART_MARK, 0, 0, (struct rect){ left, STRAP_TOP_PX, 12, STRAP_HEIGHT_PX },
             theme->mark);
    pen->opacity = cue_opacity(data, cue, TEXT_DELAY_MS);
    pen_words(
        pen, PART_NAME, 0, 0,
        &(struct words){ .text = name,
                         .x = left + 42,
                         .baseline = STRAP_TOP_PX + (has_office ? 72 : 98),
                         .width = words,
                         .size = pen_fit(pen, name, theme->name_px, theme->label_px, words, true),
                         .colour = theme->ink,
                         .align = ALIGN_LEFT,
                         .is_bold = true });
    pen_words(pen, PART_OFFICE, 0, 0,
              &(struct words){ .text = office,
                               .x = left + 42,
                               .baseline = STRAP_TOP_PX + 126,
                               .width = words,
                               .size = theme->label_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
}
