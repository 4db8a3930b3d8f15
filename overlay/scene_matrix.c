#include "overlay/scene_parts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/*
 * The matrix: every subject against every criterion. A cell is the top grade's share over a bar of
 * all grades. Subjects that do not fit, and criteria after the eleventh, turn in pages.
 */
#define HEAD_TOP_PX 60
#define RULE_TOP_PX 136
#define HEADS_TOP_PX 158
#define HEAD_LINE_MAX 5
#define NAME_MIN_PX 210
#define NAME_MAX_PX 300 /* with the least type there is, and more with larger */
#define NAME_INSET_PX 16
#define TOTAL_PX 132
#define CELL_INSET_PX 6
#define WORD_PERCENT 66 /* how far a word of a heading may be condensed … */
#define WORD_MAX_PX 240 /* … unless it is longer than a word should be */
#define CELL_GAP_PX 20 /* beside the widest figure, with the sign of paper in it */
#define SIGN_PX 12     /* with the least type; between the last figure and the safe area's edge */
#define FOOT_PX 44     /* the note's line at the foot of a picture of few lines */

/* How one page is laid out. */
struct grid {
    uint32_t first_item, item_count;
    uint32_t first_subject, subject_count;
    uint32_t page, page_count;
    int64_t turned_ns; /* when this page came up */
    int32_t name_px, name_size; /* width and type size of the names' column */
    int32_t cells_left, pitch;
    int32_t rows_top, row_px;
    int32_t line_px; /* between two lines of a heading */
    uint32_t head_lines;
};

/* What is so many px with the least type, with this theme's. */
static int32_t with_type(const struct theme *theme, int32_t length)
{
    return length * theme->small_px / THEME_TYPE_MIN_PX;
}

/* The least height of a row: figure and bar still stand clear of each other. */
static int32_t row_min(const struct theme *theme)
{
    return (theme->cell_px * 73 / 100 + 21) / 2 * 2;
}

/* In few lines the head has no room for the note: it stands at the foot. */
static bool has_foot(const struct theme *theme)
{
    return theme->layout != LAYOUT_HD;
}

/* A heading broken into at most HEAD_LINE_MAX lines; offsets and sizes in bytes. */
struct heading {
    uint32_t line_count;
    size_t starts[HEAD_LINE_MAX];
    size_t sizes[HEAD_LINE_MAX];
};

/* Bytes from `text` to the next place where a line may end: after a word or a Chinese character. */
static size_t piece_size(const char *text)
{
    size_t size = 0;
    while (text[size] != '\0') {
        unsigned char byte = (unsigned char)text[size];
        size += byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
        if (byte == ' ' || byte >= 0xe3) {
            break;
        }
    }
    return size;
}

static void heading_fill(const struct pen *pen, const char *text, int32_t width,
                         struct heading *heading)
{
    size_t length = strlen(text);
    *heading = (struct heading){ .line_count = 1 };
    for (size_t at = 0; at < length;) {
        uint32_t line = heading->line_count - 1;
        size_t piece = piece_size(text + at);
        size_t size = at + piece - heading->starts[line];
        size_t shown = text[at + piece - 1] == ' ' ? size - 1 : size;
        int32_t taken = pen->data->measure(pen->data->measure_ctx, text + heading->starts[line],
                                           shown, pen->theme->small_px, false, false);
        if (taken > width && heading->sizes[line] > 0 && heading->line_count < HEAD_LINE_MAX) {
            heading->starts[heading->line_count++] = at;
            continue;
        }
        heading->sizes[line] = size;
        at += piece;
    }
}

/* As few lines as `width` allows, and those of one length: 工作 / 能力, not 工作能 / 力. */
static void heading_break(const struct pen *pen, const char *text, int32_t width,
                          struct heading *heading)
{
    heading_fill(pen, text, width, heading);
    uint32_t lines = heading->line_count;
    int32_t whole = pen->data->measure(pen->data->measure_ctx, text, strlen(text),
                                       pen->theme->small_px, false, false);
    struct heading even = { .line_count = lines + 1 };
    for (int32_t least = whole / (int32_t)lines; lines > 1 && least < width;
         least += pen->theme->small_px / 4) {
        heading_fill(pen, text, least, &even);
        if (even.line_count == lines) {
            *heading = even;
            return;
        }
    }
}

/* The least width of a column: of its widest figure, and of a heading's word, condensed a bit. */
static int32_t pitch_least(const struct pen *pen, const struct contest *contest)
{
    const struct theme *theme = pen->theme;
    int32_t least = pen_measure(pen, "100.0", theme->cell_px, false, true) + CELL_GAP_PX;
    for (uint32_t i = 0; i < contest->criterion_count; i++) {
        const char *at = label_text(&contest->criteria[i].label, pen->data->language);
        for (size_t size; *at != '\0'; at += size) {
            size = piece_size(at);
            int32_t word = pen->data->measure(pen->data->measure_ctx, at, size, theme->small_px,
                                              false, false) * WORD_PERCENT / 100 + 8;
            least = word > least && word < WORD_MAX_PX ? word : least;
        }
    }
    return least;
}

static struct grid grid_of(const struct pen *pen, const struct scene_cue *cue,
                           const struct contest *contest)
{
    const struct theme *theme = pen->theme;
    struct grid grid = { .name_px = NAME_MIN_PX, .head_lines = 1 };
    for (uint32_t i = 0; i < contest->subject_count; i++) {
        char name[NAME_SIZE];
        name_text(label_text(&contest->subjects[i].name, pen->data->language), name);
        int32_t width = pen_measure(pen, name, theme->cell_px, false, false);
        grid.name_px = width > grid.name_px ? width : grid.name_px;
    }
    int32_t name_max = with_type(theme, NAME_MAX_PX);
    grid.name_size = grid.name_px > name_max ? theme->small_px : theme->cell_px;
    grid.name_px = grid.name_px > name_max ? name_max : grid.name_px;
    assert(contest->criterion_count > 0 && contest->subject_count > 0);
    int32_t cells_left = theme->left_px + NAME_INSET_PX + grid.name_px + 14;
    int32_t cells = theme->right_px - TOTAL_PX - cells_left;
    int32_t pitch_min = pitch_least(pen, contest);
    uint32_t items = cells / pitch_min < SCENE_PAGE_ITEMS ? (uint32_t)(cells / pitch_min)
                                                          : SCENE_PAGE_ITEMS;
    assert(items > 0);
    uint32_t item_pages = (contest->criterion_count + items - 1) / items;
    uint32_t per_item_page = (contest->criterion_count + item_pages - 1) / item_pages;
    grid.pitch = cells / (int32_t)per_item_page / 2 * 2;
    grid.cells_left = theme->right_px - TOTAL_PX - grid.pitch * (int32_t)per_item_page;
    for (uint32_t i = 0; i < contest->criterion_count; i++) {
        struct heading heading;
        heading_break(pen, label_text(&contest->criteria[i].label, pen->data->language),
                      grid.pitch - 8, &heading);
        grid.head_lines =
            heading.line_count > grid.head_lines ? heading.line_count : grid.head_lines;
    }
    grid.line_px = (theme->small_px * 15 + 7) / 14;
    grid.rows_top = HEADS_TOP_PX + (int32_t)grid.head_lines * grid.line_px;
    int32_t room = theme->bottom_px - grid.rows_top - (has_foot(theme) ? FOOT_PX : 0);
    grid.row_px = room / SCENE_PAGE_ROWS / 2 * 2;
    grid.row_px = grid.row_px > theme->matrix_row_px ? theme->matrix_row_px : grid.row_px;
    grid.row_px = grid.row_px < row_min(theme) ? row_min(theme) : grid.row_px;
    uint32_t fit = (uint32_t)(room / grid.row_px);
    uint32_t rows = fit < SCENE_PAGE_ROWS ? fit : SCENE_PAGE_ROWS;
    assert(rows > 0);
    uint32_t row_pages = (contest->subject_count + rows - 1) / rows;
    uint32_t per_row_page = (contest->subject_count + row_pages - 1) / row_pages;
    grid.page_count = row_pages * item_pages;
    grid.page = part_page(pen->data, cue, theme->page_ms, grid.page_count);
    grid.turned_ns = grid.page_count > 1 ? part_page_ns(pen->data, cue, theme->page_ms)
                                         : cue->entered_ns;
    grid.first_item = grid.page % item_pages * per_item_page;
    grid.first_subject = grid.page / item_pages * per_row_page;
    uint32_t items_left = contest->criterion_count - grid.first_item;
    uint32_t subjects_left = contest->subject_count - grid.first_subject;
    grid.item_count = items_left < per_item_page ? items_left : per_item_page;
    grid.subject_count = subjects_left < per_row_page ? subjects_left : per_row_page;
    return grid;
}

/* How many voted, over all rounds there are figures of: the least and the most. */
static void turnout_add(struct pen *pen, const struct contest *contest, int32_t x,
                        int32_t baseline, int32_t width)
{
    enum language language = pen->data->language;
    uint32_t low = UINT32_MAX;
    uint32_t high = 0;
    uint32_t registered = 0;
    for (uint32_t i = 0; i < contest->subject_count; i++) {
        const struct figures *figures = scene_figures(pen->data, contest, &contest->subjects[i]);
        if (figures == NULL || figures->shows < LIVE_TURNOUT || part_is_void(figures)) {
            continue;
        }
        low = figures->cast_count < low ? figures->cast_count : low;
        high = figures->cast_count > high ? figures->cast_count : high;
        registered = figures->registered > registered ? figures->registered : registered;
    }
    if (registered == 0) {
        return;
    }
    char texts[3][NUMBER_SIZE];
    const struct text_value values[] = { { "cast", number_text(high, texts[1]) },
                                         { "low", number_text(low, texts[0]) },
                                         { "high", texts[1] },
                                         { "registered", number_text(registered, texts[2]) } };
    pen_pattern(pen, PART_TURNOUT, 0,
                &(struct words){ .text = text_get(language, low == high ? TEXT_TURNOUT
                                                                        : TEXT_TURNOUT_RANGE),
                                 .x = x,
                                 .baseline = baseline,
                                 .width = width,
                                 .size = pen->theme->small_px,
                                 .colour = pen->theme->muted,
                                 .align = ALIGN_RIGHT },
                pen->theme->small_px, values, 4);
}

static void head_add(struct pen *pen, const struct contest *contest, const struct grid *grid)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    const char *top = label_text(&contest->grades[0].label, language);
    char title[640];
    const struct text_value values[] = { { "grade", top } };
    if (text_fill(title, sizeof(title), text_get(language, TEXT_MATRIX_TITLE), values, 1) !=
        STATUS_OK) {
        title[0] = '\0';
    }
    pen_rect(pen, PART_MARK, 0, 0, (struct rect){ theme->left_px, HEAD_TOP_PX, 12, 64 },
             theme->mark);
    int32_t x = theme->left_px + 36;
    int32_t width = pen_measure(pen, title, theme->title_px, true, false);
    int32_t most = (theme->right_px - theme->left_px) * 44 / 100;
    width = width < most ? width : most;
    pen_words(pen, PART_NAME, 0, 0,
              &(struct words){ .text = title,
                               .x = x,
                               .baseline = HEAD_TOP_PX + 49,
                               .width = width,
                               .size = theme->title_px,
                               .colour = theme->ink,
                               .align = ALIGN_LEFT,
                               .is_bold = true });
    pen_rect(pen, PART_RULE, 0, 0,
             (struct rect){ theme->left_px, RULE_TOP_PX, theme->right_px - theme->left_px, 4 },
             theme->gold);
    char note[640];
    char pages[96];
    char k[NUMBER_SIZE];
    char n[NUMBER_SIZE];
    const struct text_value numbers[] = { { "page", number_text(grid->page + 1, k) },
                                          { "pages", number_text(grid->page_count, n) } };
    bool has_pages = grid->page_count > 1 &&
                     text_fill(pages, sizeof(pages), text_get(language, TEXT_PAGE_OF), numbers,
                               2) == STATUS_OK;
    snprintf(note, sizeof(note), "%s%s%s%s%s", has_pages ? pages : "", has_pages ? "\u3000" : "",
             text_get(language, TEXT_BASE_ITEMS), language == LANGUAGE_EN ? ". " : "，",
             text_get(language, TEXT_BASE_TOTAL));
    int32_t room = theme->right_px - x - width - 42;
    int32_t first = HEAD_TOP_PX + 24 + (theme->small_px - THEME_TYPE_MIN_PX) / 2;
    int32_t second = first + 38;
    struct words words = { .text = note,
                           .x = theme->right_px,
                           .baseline = first,
                           .width = room,
                           .size = theme->small_px,
                           .colour = theme->muted,
                           .align = ALIGN_RIGHT };
    if (has_foot(theme)) {
        words.x = theme->left_px;
        words.baseline = theme->bottom_px - 14;
        words.width = theme->right_px - theme->left_px;
        words.align = ALIGN_LEFT;
    }
    pen_words(pen, PART_NOTE, 0, 0, &words);
    int32_t time = part_time(pen, theme->right_px, has_foot(theme) ? first : second, room,
                             ALIGN_RIGHT);
    time = has_foot(theme) ? 0 : time + 42;
    turnout_add(pen, contest, theme->right_px - time, second, room - time);
}

static void headings_add(struct pen *pen, const struct contest *contest, const struct grid *grid)
{
    const struct theme *theme = pen->theme;
    int32_t last = grid->rows_top - 12;
    for (uint32_t i = 0; i < grid->item_count; i++) {
        const char *text =
            label_text(&contest->criteria[grid->first_item + i].label, pen->data->language);
        struct heading heading;
        heading_break(pen, text, grid->pitch - 8, &heading);
        for (uint32_t line = 0; line < heading.line_count; line++) {
            char words[LABEL_SIZE];
            size_t size = heading.sizes[line];
            memcpy(words, text + heading.starts[line], size);
            size -= size > 0 && words[size - 1] == ' ' ? 1 : 0;
            words[size] = '\0';
            pen_words(pen, PART_HEAD, i, line,
                      &(struct words){
                          .text = words,
                          .x = grid->cells_left + (int32_t)i * grid->pitch + grid->pitch / 2,
                          .baseline = last - (int32_t)(heading.line_count - 1 - line) *
                                                 grid->line_px,
                          .width = grid->pitch - 8,
                          .size = theme->small_px,
                          .colour = theme->muted,
                          .align = ALIGN_CENTRE });
        }
    }
    pen_words(pen, PART_HEAD, 1000, 0,
              &(struct words){ .text = text_get(pen->data->language, TEXT_TOTAL),
                               .x = theme->right_px - 12,
                               .baseline = last,
                               .width = TOTAL_PX - 24,
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_RIGHT });
}

static void figure_add(struct pen *pen, enum part part, uint32_t row, uint32_t column,
                       uint64_t count, uint64_t base, int32_t right, int32_t baseline)
{
    char share[NUMBER_SIZE];
    const char *text = share_text(pen, count, base, share);
    pen_words(pen, part, row, column,
              &(struct words){ .text = text,
                               .x = right,
                               .baseline = baseline,
                               .width = TOTAL_PX - 24,
                               .size = pen->theme->cell_px,
                               .colour = base > 0 ? pen->theme->ink : pen->theme->muted,
                               .align = ALIGN_RIGHT,
                               .is_bold = part == PART_TOTAL && base > 0,
                               .is_figure = base > 0 });
}

/* What stands beside a share of votes that were partly counted by hand. */
static void sign_add(struct pen *pen, uint32_t row, uint32_t column, int32_t x, int32_t baseline)
{
    pen_words(pen, PART_PAPER, row, column,
              &(struct words){ .text = text_get(pen->data->language, TEXT_PAPER_SIGN),
                               .x = x,
                               .baseline = baseline,
                               .width = with_type(pen->theme, SIGN_PX),
                               .size = pen->theme->small_px,
                               .colour = pen->theme->gold,
                               .align = ALIGN_LEFT });
}

/* Over the names: what the sign says, where a row of the page has one. */
static void legend_add(struct pen *pen, const struct contest *contest, const struct grid *grid)
{
    const struct theme *theme = pen->theme;
    bool has_paper = false;
    for (uint32_t row = 0; row < grid->subject_count; row++) {
        const struct subject *subject = &contest->subjects[grid->first_subject + row];
        const struct figures *figures = scene_figures(pen->data, contest, subject);
        has_paper = has_paper || (part_has_tally(figures) && part_has_paper(figures));
    }
    pen_words(pen, PART_PAPER, 1000, 0,
              &(struct words){ .text = has_paper
                                           ? text_get(pen->data->language, TEXT_PAPER_LEGEND)
                                           : "",
                               .x = theme->left_px + NAME_INSET_PX,
                               .baseline = grid->rows_top - 12,
                               .width = grid->name_px,
                               .size = theme->small_px,
                               .colour = theme->gold,
                               .align = ALIGN_LEFT });
}

static void row_add(struct pen *pen, const struct scene_cue *cue, const struct contest *contest,
                    const struct grid *grid, uint32_t row, double growth)
{
    const struct theme *theme = pen->theme;
    const struct scene_data *data = pen->data;
    const struct subject *subject = &contest->subjects[grid->first_subject + row];
    const struct figures *figures = scene_figures(data, contest, subject);
    bool has_tally = part_has_tally(figures) && figures->grade_count == contest->grade_count;
    int32_t top = grid->rows_top + (int32_t)row * grid->row_px;
    int32_t bar_top = top + grid->row_px - theme->matrix_bar_px - 4;
    int32_t baseline = bar_top - 7;
    int32_t half = pen_measure(pen, "00.0", theme->cell_px, false, true) / 2;
    uint64_t best = 0;
    uint64_t valid = 0;
    char name[NAME_SIZE];
    if (row % 2 == 0) {
        pen_rect(pen, PART_BAND, row, 0,
                 (struct rect){ theme->left_px, top, theme->right_px - theme->left_px,
                                grid->row_px },
                 theme->band);
    }
    if (figures != NULL && (figures->state == ROUND_OPEN || figures->state == ROUND_PAUSED)) {
        pen_rect(pen, PART_EDGE, row, 0,
                 (struct rect){ theme->left_px, top + 8, 6, grid->row_px - 16 },
                 figures->state == ROUND_OPEN ? theme->mark : theme->gold);
    }
    name_text(label_text(&subject->name, data->language), name);
    pen_words(pen, PART_LABEL, row, 0,
              &(struct words){ .text = name,
                               .x = theme->left_px + NAME_INSET_PX,
                               .baseline = top + grid->row_px / 2 + 11,
                               .width = grid->name_px,
                               .size = grid->name_size,
                               .colour = theme->ink,
                               .align = ALIGN_LEFT });
    for (uint32_t i = 0; i < contest->criterion_count; i++) {
        bool has_item = has_tally && i < figures->item_count;
        const struct item_figures *item = has_item ? &figures->items[i] : NULL;
        best += has_item ? item->counts[0] : 0;
        valid += has_item ? item->valid : 0;
        if (i < grid->first_item || i >= grid->first_item + grid->item_count) {
            continue;
        }
        uint32_t column = i - grid->first_item;
        int32_t left = grid->cells_left + (int32_t)column * grid->pitch;
        double edges[GRADE_MAX] = { 0 };
        if (has_item) {
            motion_edges(data->motion, figures, i, data->now_ns, theme->change_ms, edges);
        }
        for (uint32_t g = 0; g < GRADE_MAX; g++) {
            edges[g] *= growth;
        }
        figure_add(pen, PART_FIGURE, row, column, has_item ? item->counts[0] : 0,
                   has_item ? item->valid : 0, left + grid->pitch / 2 + half, baseline);
        if (has_item && part_has_paper(figures)) {
            sign_add(pen, row, column, left + grid->pitch / 2 + half + 2, baseline);
        }
        part_bar(pen, row, column * GRADE_MAX,
                 (struct rect){ left + CELL_INSET_PX, bar_top, grid->pitch - 2 * CELL_INSET_PX,
                                theme->matrix_bar_px },
                 edges, contest->grade_count, true);
    }
    baseline = top + grid->row_px / 2 + 11;
    if (part_is_void(figures)) {
        pen_words(pen, PART_TOTAL, row, 0,
                  &(struct words){ .text = text_get(data->language, TEXT_VOID_MARK),
                                   .x = theme->right_px - 12,
                                   .baseline = baseline,
                                   .width = TOTAL_PX - 24,
                                   .size = theme->cell_px,
                                   .colour = theme->muted,
                                   .align = ALIGN_RIGHT });
        return;
    }
    int32_t edge = theme->right_px - with_type(theme, SIGN_PX);
    figure_add(pen, PART_TOTAL, row, 0, best, valid, edge, baseline);
    if (has_tally && part_has_paper(figures)) {
        sign_add(pen, row, CRITERION_MAX, edge, baseline);
    }
}

void scene_matrix_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    const struct contest *contest = scene_contest(data, cue->params);
    struct grid grid = grid_of(pen, cue, contest);

    pen->opacity = cue_panel_opacity(data, cue);
    pen_ground(pen);
    pen->opacity = cue_opacity(data, cue, 0);
    head_add(pen, contest, &grid);
    pen->opacity = part_turned(data, cue, grid.turned_ns, pen->opacity);
    headings_add(pen, contest, &grid);
    legend_add(pen, contest, &grid);
    pen_rect(pen, PART_EDGE, 1000, 0,
             (struct rect){ theme->right_px - TOTAL_PX + 8, grid.rows_top, 4,
                            (int32_t)grid.subject_count * grid.row_px },
             theme->gold);
    for (uint32_t row = 0; row < grid.subject_count; row++) {
        int64_t delay_ms = (int64_t)row * theme->stagger_ms;
        uint8_t opacity = cue_opacity(data, cue, delay_ms);
        pen->opacity = part_turned(data, cue, grid.turned_ns, opacity);
        row_add(pen, cue, contest, &grid, row, cue_growth(data, cue, delay_ms));
    }
}
