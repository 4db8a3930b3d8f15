#include "overlay/scene_parts.h"

#include <math.h>
#include <string.h>

/*
 * The turnout bug, top right: who is rated or what is voted on, how the round stands, how many have
 * voted of how many: of 应到, and where people are checked in, of 实到, who alone may vote then.
 */
#define BUG_MIN_PX 476
#define BUG_MAX_PX 800 /* as wide as the name asks for, up to here */
#define BUG_TOP_PX (pen->theme->bug_top_px)
#define BUG_HEIGHT_PX 224
#define HELD_HEIGHT_PX 152
#define PAPER_HEIGHT_PX 40 /* the line of the ballots counted by hand */
#define PAD_PX 24
#define GAP_PX 28

static void numbers_add(struct pen *pen, const struct figures *figures, int32_t left,
                        int32_t right)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    char cast[NUMBER_SIZE];
    char all[NUMBER_SIZE];
    uint32_t base = figures->has_present ? figures->present : figures->registered;
    number_text(figures->cast_count, cast);
    const struct text_value values[] = { { figures->has_present ? "present" : "registered",
                                           number_text(base, all) } };
    const char *voted = text_get(
        language, figures->kind == CONTEST_APPRAISAL ? TEXT_VOTED : TEXT_VOTED_BALLOT);
    int32_t x = left + pen_measure(pen, voted, theme->small_px, false, false) + 14;
    int32_t number = pen_measure(pen, cast, theme->title_px, true, true);
    struct words words = { .text = voted,
                           .x = left,
                           .baseline = BUG_TOP_PX + 124,
                           .width = x - left - 14,
                           .size = theme->small_px,
                           .colour = theme->muted,
                           .align = ALIGN_LEFT };
    pen_words(pen, PART_TURNOUT, 0, 0, &words);
    pen_words(pen, PART_TURNOUT, 1, 0,
              &(struct words){ .text = cast,
                               .x = x,
                               .baseline = BUG_TOP_PX + 124,
                               .width = number,
                               .size = theme->title_px,
                               .colour = theme->ink,
                               .align = ALIGN_LEFT,
                               .is_bold = true,
                               .is_figure = true });
    words.text = text_get(language, figures->has_present ? TEXT_PRESENT : TEXT_REGISTERED);
    words.x = right;
    words.width = right - x - number - 14;
    words.align = ALIGN_RIGHT;
    pen_pattern(pen, PART_TURNOUT, 2, &words, theme->cell_px, values, 1);
    int32_t width = right - left;
    double share = base > 0 ? fmin((double)figures->cast_count / (double)base, 1.0) : 0.0;
    int32_t done = (int32_t)lround(share * width);
    pen_rect(pen, PART_TRACK, 0, 0,
             (struct rect){ left + done, BUG_TOP_PX + 144, width - done, 12 }, theme->track);
    pen_rect(pen, PART_BAR, 0, 0, (struct rect){ left, BUG_TOP_PX + 144, done, 12 }, theme->gold);
}

void scene_turnout_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    const struct contest *contest = scene_contest(data, cue->params);
    const struct view *view = data->view;
    bool is_ours = view->has_live && contest != NULL &&
                   strcmp(view->live.contest, contest->id) == 0;
    int32_t index = is_ours ? contest_find_subject(contest, view->live.subject) : -1;
    bool has_subject = contest != NULL && contest->kind == CONTEST_APPRAISAL;
    const struct figures *figures = is_ours && (index >= 0 || !has_subject) ? &view->live : NULL;
    bool has_count = figures != NULL && figures->shows >= LIVE_TURNOUT;
    int32_t height = (has_count ? BUG_HEIGHT_PX : HELD_HEIGHT_PX) +
                     (part_has_paper(figures) ? PAPER_HEIGHT_PX : 0);
    char name[NAME_SIZE];
    name_text(label_text(index >= 0 ? &contest->subjects[index].name : &contest->title,
                         data->language),
              name);
    int32_t badge = part_badge_width(pen, figures);
    int32_t wanted = PAD_PX + 4 + pen_measure(pen, name, theme->label_px, true, false) + GAP_PX +
                     badge;
    int32_t box = wanted < BUG_MIN_PX ? BUG_MIN_PX : wanted > BUG_MAX_PX ? BUG_MAX_PX : wanted;
    int32_t box_left = (theme->right_px - box) / 2 * 2;
    int32_t left = box_left + PAD_PX + 4;
    int32_t right = theme->right_px - PAD_PX;

    pen->opacity = cue_panel_opacity(data, cue);
    pen_rect(pen, PART_PANEL, 0, 0,
             (struct rect){ box_left, BUG_TOP_PX, theme->right_px - box_left, height },
             theme->panel);
    pen_rect(pen, PART_RULE, 0, 0,
             (struct rect){ box_left, BUG_TOP_PX, theme->right_px - box_left, 4 }, theme->gold);
    pen->opacity = cue_opacity(data, cue, 0);
    (void)part_badge(pen, figures, theme->right_px, BUG_TOP_PX + 4, 52, ALIGN_RIGHT);
    int32_t width = theme->right_px - badge - GAP_PX + 4 - left;
    pen_words(pen, PART_NAME, 0, 0,
              &(struct words){ .text = name,
                               .x = left,
                               .baseline = BUG_TOP_PX + 48,
                               .width = width,
                               .size = pen_fit(pen, name, theme->label_px, theme->small_px, width,
                                               true),
                               .colour = theme->ink,
                               .align = ALIGN_LEFT,
                               .is_bold = true });
    if (has_count) {
        numbers_add(pen, figures, left, right);
    } else if (figures != NULL) {
        char registered[NUMBER_SIZE];
        char present[NUMBER_SIZE];
        const struct text_value values[] = {
            { "registered", number_text(figures->registered, registered) },
            { "present", number_text(figures->present, present) },
        };
        pen_pattern(pen, PART_TURNOUT, 2,
                    &(struct words){ .text = text_get(data->language,
                                                      figures->has_present ? TEXT_PRESENT_HELD
                                                                           : TEXT_TURNOUT_HELD),
                                     .x = left,
                                     .baseline = BUG_TOP_PX + 94,
                                     .width = right - left,
                                     .size = theme->small_px,
                                     .colour = theme->muted,
                                     .align = ALIGN_LEFT },
                    theme->cell_px, values, 2);
    }
    char note[NOTE_SIZE];
    pen_words(pen, PART_NOTE, 0, 0,
              &(struct words){ .text = part_note_text(pen, figures, "", note),
                               .x = left,
                               .baseline = BUG_TOP_PX + height - 20 - PAPER_HEIGHT_PX,
                               .width = right - left,
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
    part_time(pen, left, BUG_TOP_PX + height - 20, right - left, ALIGN_LEFT);
}
