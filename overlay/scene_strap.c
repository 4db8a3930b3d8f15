#include "overlay/scene_parts.h"

/*
 * The name strap: who is seen, by name and office. A lower third as wide as its words need.
 */
#define STRAP_TOP_PX (pen->theme->strap_top_px)
#define STRAP_HEIGHT_PX 152
#define STRAP_MIN_PX 560
#define TEXT_DELAY_MS 120

void scene_strap_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    const struct subject *person = scene_person(scene_contest(data, cue->params), cue->params);
    char name[NAME_SIZE];
    name_text(label_text(&person->name, data->language), name);
    const char *office = label_text(&person->office, data->language);
    int32_t left = theme->left_px;
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
    pen_words(pen, PART_NAME, 0, 0,
              &(struct words){ .text = name,
                               .x = left + 42,
                               .baseline = STRAP_TOP_PX + (has_office ? 72 : 98),
                               .width = words,
                               .size = pen_fit(pen, name, theme->name_px, theme->label_px, words,
                                               true),
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
