#include "overlay/theme.h"

#include <assert.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum field_kind { FIELD_COLOUR, FIELD_LENGTH, FIELD_TYPE, FIELD_MOVE, FIELD_TURN };

struct field {
    const char *section;
    const char *key;
    enum field_kind kind;
    size_t offset;
};

#define COLOUR(name) { "colours", #name, FIELD_COLOUR, offsetof(struct theme, name) }
#define SAFE(name) { "safe", #name, FIELD_LENGTH, offsetof(struct theme, name##_px) }
#define TYPE(name) { "type", #name, FIELD_TYPE, offsetof(struct theme, name##_px) }
#define MOVE(name) { "motion", #name, FIELD_MOVE, offsetof(struct theme, name) }
#define TURN(name) { "motion", #name, FIELD_TURN, offsetof(struct theme, name) }
#define ROWS(name, member) { "rows", name, FIELD_LENGTH, offsetof(struct theme, member) }
#define PLACE(name) { "places", #name, FIELD_LENGTH, offsetof(struct theme, name##_px) }
#define LOGO(name) { "logo", #name, FIELD_LENGTH, offsetof(struct theme, logo_##name##_px) }

static const struct field fields[] = {
    COLOUR(ground), COLOUR(ground_light), COLOUR(panel), COLOUR(panel_foot),
    COLOUR(band), COLOUR(track), COLOUR(line), COLOUR(ink),
    COLOUR(muted), COLOUR(mark), COLOUR(on_mark), COLOUR(gold), COLOUR(quiet),
    SAFE(left), SAFE(top), SAFE(right), SAFE(bottom),
    TYPE(name), TYPE(title), TYPE(figure), TYPE(label),
    TYPE(cell), TYPE(small), MOVE(in_ms), MOVE(change_ms),
    MOVE(out_ms), MOVE(stagger_ms), TURN(turn_ms), TURN(page_ms),
    ROWS("board", board_row_px), ROWS("board_bar", board_bar_px),
    ROWS("matrix", matrix_row_px), ROWS("matrix_bar", matrix_bar_px),
    PLACE(strap_top), PLACE(strip_top), PLACE(bug_top),
    LOGO(left), LOGO(top), LOGO(width), LOGO(height),
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))
_Static_assert(FIELD_COUNT <= THEME_LENGTH_MAX, "every length has its place in a layout");

static const char *const sections[] = { "colours", "safe", "type",  "rows",
                                        "places",  "logo", "motion" };
#define SECTION_COUNT (sizeof(sections) / sizeof(sections[0]))

/* What a layout is called in the file, and how wide its canvas is. The first one is the file's. */
static const struct {
    const char *key;
    int32_t width_px;
    int32_t type_min_px;
} layouts[LAYOUT_COUNT] = {
    [LAYOUT_HD] = { "", THEME_WIDTH_PX, THEME_TYPE_MIN_PX },
    [LAYOUT_SD] = { "sd", THEME_WIDTH_PX, THEME_TYPE_MIN_SD_PX },
    [LAYOUT_SD_4X3] = { "sd_4x3", 1440, THEME_TYPE_MIN_SD_PX },
};

/* "#rrggbb" or "#rrggbbaa" into 0xAARRGGBB. */
static bool colour_parse(const json_t *value, uint32_t *colour)
{
    const char *text = json_string_value(value);
    size_t size = text != NULL ? strlen(text) : 0;
    if ((size != 7 && size != 9) || text[0] != '#' ||
        strspn(text + 1, "0123456789abcdefABCDEF") != size - 1) {
        return false;
    }
    uint32_t number = (uint32_t)strtoul(text + 1, NULL, 16);
    *colour = size == 7 ? 0xff000000u | number : number >> 8 | number << 24;
    return true;
}

static bool number_parse(const json_t *value, int32_t min, int32_t max, int32_t *number)
{
    if (!json_is_integer(value)) {
        return false;
    }
    json_int_t integer = json_integer_value(value);
    *number = (int32_t)integer;
    return integer >= min && integer <= max;
}

static bool is_length(const struct field *field)
{
    return field->kind == FIELD_LENGTH || field->kind == FIELD_TYPE;
}

/* A number of the layout `layout` within the field's limits, into *number. */
static enum status number_read(const json_t *value, const struct field *field, enum layout layout,
                               const char *where, int32_t *number, struct fault *fault)
{
    const int32_t limits[][2] = { [FIELD_LENGTH] = { 1, layouts[layout].width_px },
                                  [FIELD_TYPE] = { layouts[layout].type_min_px, 200 },
                                  [FIELD_MOVE] = { 1, 5000 },
                                  [FIELD_TURN] = { 1000, 60000 } };
    int32_t min = limits[field->kind][0];
    int32_t max = limits[field->kind][1];
    if (!number_parse(value, min, max, number)) {
        return fault_set(fault, STATUS_INVALID, where, "is not a whole number from %d to %d", min,
                         max);
    }
    return STATUS_OK;
}

static enum status field_read(const json_t *value, const struct field *field, struct theme *theme,
                              struct fault *fault)
{
    char where[96];
    snprintf(where, sizeof(where), "$.%s.%s", field->section, field->key);
    char *at = (char *)theme + field->offset;
    if (value == NULL) {
        return fault_set(fault, STATUS_INVALID, where, "is missing");
    }
    if (field->kind == FIELD_COLOUR) {
        uint32_t colour = 0;
        if (!colour_parse(value, &colour)) {
            return fault_set(fault, STATUS_INVALID, where,
                             "is not a colour such as '#0d1a2d' or '#0d1a2df0'");
        }
        memcpy(at, &colour, sizeof(colour));
        return STATUS_OK;
    }
    int32_t number = 0;
    enum status status = number_read(value, field, LAYOUT_HD, where, &number, fault);
    memcpy(at, &number, sizeof(number));
    return status;
}

static enum status unknown_key(const char *section, const char *key, struct fault *fault)
{
    char where[160];
    snprintf(where, sizeof(where), "$.%s%s%.64s", section, section[0] != '\0' ? "." : "", key);
    return fault_set(fault, STATUS_INVALID, where, "is not a key of a theme");
}

/* The keys of one section, which is `prefix` below the root: "" or "sd.". */
static enum status section_check(const json_t *section, const char *prefix, const char *name,
                                 struct fault *fault)
{
    json_t *mutable_section = (json_t *)section;
    for (void *at = json_object_iter(mutable_section); at != NULL;
         at = json_object_iter_next(mutable_section, at)) {
        const char *key = json_object_iter_key(at);
        bool is_known = prefix[0] == '\0' && strcmp(name, "logo") == 0 && strcmp(key, "file") == 0;
        for (size_t k = 0; k < FIELD_COUNT; k++) {
            is_known = is_known || (strcmp(fields[k].section, name) == 0 &&
                                    strcmp(fields[k].key, key) == 0);
        }
        if (!is_known) {
            char path[32];
            snprintf(path, sizeof(path), "%s%s", prefix, name);
            return unknown_key(path, key, fault);
        }
    }
    return STATUS_OK;
}

static bool is_section(const char *key)
{
    bool is_one = false;
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        is_one = is_one || strcmp(key, sections[i]) == 0;
    }
    return is_one;
}

/* A layout's own sections: such as have lengths, each with as many keys as it likes. */
static enum status layout_check(const json_t *root, enum layout layout, struct fault *fault)
{
    const char *name = layouts[layout].key;
    json_t *own = json_object_get(root, name);
    char prefix[16];
    if (!json_is_object(own)) {
        char where[32];
        snprintf(where, sizeof(where), "$.%s", name);
        return fault_set(fault, STATUS_INVALID, where, "is not an object");
    }
    snprintf(prefix, sizeof(prefix), "%s.", name);
    enum status status = STATUS_OK;
    for (void *at = json_object_iter(own); status == STATUS_OK && at != NULL;
         at = json_object_iter_next(own, at)) {
        const char *key = json_object_iter_key(at);
        bool is_known = is_section(key) && strcmp(key, "colours") != 0 &&
                        strcmp(key, "motion") != 0;
        status = is_known ? section_check(json_object_iter_value(at), prefix, key, fault)
                          : unknown_key(name, key, fault);
    }
    return status;
}

static enum status keys_check(const json_t *root, struct fault *fault)
{
    static const char *const others[] = { "minping_theme", "font", "language",
                                          "grades",        "sd",   "sd_4x3" };
    json_t *mutable_root = (json_t *)root;
    for (void *at = json_object_iter(mutable_root); at != NULL;
         at = json_object_iter_next(mutable_root, at)) {
        const char *key = json_object_iter_key(at);
        bool is_known = is_section(key);
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            is_known = is_known || strcmp(key, others[i]) == 0;
        }
        if (!is_known) {
            return unknown_key("", key, fault);
        }
    }
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < SECTION_COUNT; i++) {
        status = section_check(json_object_get(root, sections[i]), "", sections[i], fault);
    }
    for (enum layout l = LAYOUT_SD; status == STATUS_OK && l < LAYOUT_COUNT; l++) {
        status = layout_check(root, l, fault);
    }
    return status;
}

static enum status grades_read(const json_t *grades, struct theme *theme, struct fault *fault)
{
    if (json_array_size(grades) != GRADE_MAX) {
        return fault_set(fault, STATUS_INVALID, "$.grades", "is not an array of %d styles",
                         GRADE_MAX);
    }
    for (size_t i = 0; i < GRADE_MAX; i++) {
        char where[32];
        snprintf(where, sizeof(where), "$.grades[%zu]", i);
        const json_t *style = json_array_get(grades, i);
        struct grade_style *out = &theme->grades[i];
        const char *shape = json_string_value(json_object_get(style, "shape"));
        static const char *const shapes[] = { "", "square", "circle", "diamond", "triangle" };
        for (int k = SHAPE_SQUARE; shape != NULL && k <= SHAPE_TRIANGLE; k++) {
            if (strcmp(shape, shapes[k]) == 0) {
                out->shape = (enum shape)k;
            }
        }
        if (json_object_size(style) != 3 || out->shape == SHAPE_INVALID ||
            !colour_parse(json_object_get(style, "fill"), &out->fill) ||
            !colour_parse(json_object_get(style, "ink"), &out->ink)) {
            return fault_set(fault, STATUS_INVALID, where,
                             "is not {\"fill\": colour, \"ink\": colour, \"shape\": square, "
                             "circle, diamond or triangle}");
        }
    }
    return STATUS_OK;
}

/* The lengths of a layout: its own, and for the others those of the file's first one. */
static enum status lengths_read(const json_t *root, enum layout layout, struct theme *theme,
                                struct fault *fault)
{
    const char *name = layouts[layout].key;
    const json_t *own = json_object_get(root, name);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < FIELD_COUNT; i++) {
        char where[96];
        const struct field *field = &fields[i];
        const json_t *section = json_object_get(own, field->section);
        const json_t *value = json_object_get(section, field->key);
        if (!is_length(field)) {
            continue;
        }
        int32_t *length = &theme->lengths[layout][i];
        memcpy(length, (const char *)theme + field->offset, sizeof(*length));
        snprintf(where, sizeof(where), "$.%s.%s.%s", name, field->section, field->key);
        if (value != NULL) {
            status = number_read(value, field, layout, where, length, fault);
        } else if (field->kind == FIELD_TYPE && *length < layouts[layout].type_min_px) {
            status = fault_set(fault, STATUS_INVALID, where, "is missing: %d is less than %d",
                               *length, layouts[layout].type_min_px);
        }
    }
    return status;
}

/* Whether what a layout says goes together. */
static enum status layout_settle(struct theme *theme, enum layout layout, struct fault *fault)
{
    const char *name = layouts[layout].key;
    const char *dot = name[0] != '\0' ? "." : "";
    char where[32];
    theme_lay_out(theme, layout);
    if (theme->right_px - theme->left_px < 1200 || theme->bottom_px - theme->top_px < 800 ||
        theme->right_px > theme->width_px || theme->bottom_px > THEME_HEIGHT_PX) {
        snprintf(where, sizeof(where), "$.%s%ssafe", name, dot);
        return fault_set(fault, STATUS_INVALID, where,
                         "leaves no area of 1200 × 800 inside %d × %d", theme->width_px,
                         THEME_HEIGHT_PX);
    }
    if (theme->logo_left_px + theme->logo_width_px > theme->width_px ||
        theme->logo_top_px + theme->logo_height_px > THEME_HEIGHT_PX) {
        snprintf(where, sizeof(where), "$.%s%slogo", name, dot);
        return fault_set(fault, STATUS_INVALID, where, "is not inside %d × %d", theme->width_px,
                         THEME_HEIGHT_PX);
    }
    return STATUS_OK;
}

/* A text of less than `size` bytes into `out`; may be empty where `may_be_empty`. */
static enum status text_read(const json_t *value, const char *where, const char *what, char *out,
                             size_t size, bool may_be_empty, struct fault *fault)
{
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) >= size || (text[0] == '\0' && !may_be_empty)) {
        return fault_set(fault, STATUS_INVALID, where, "is not the name of a %s", what);
    }
    memcpy(out, text, strlen(text) + 1);
    return STATUS_OK;
}

static enum status language_read(const json_t *value, struct theme *theme, struct fault *fault)
{
    const char *text = json_string_value(value);
    if (text != NULL && strcmp(text, "zh-CN") == 0) {
        theme->language = LANGUAGE_ZH_CN;
    } else if (text != NULL && strcmp(text, "en") == 0) {
        theme->language = LANGUAGE_EN;
    }
    return theme->language != LANGUAGE_INVALID
               ? STATUS_OK
               : fault_set(fault, STATUS_INVALID, "$.language", "is not 'zh-CN' or 'en'");
}

static enum status root_read(const json_t *root, struct theme *theme, struct fault *fault)
{
    if (!json_is_object(root) || json_integer_value(json_object_get(root, "minping_theme")) != 1) {
        return fault_set(fault, STATUS_INVALID, "$.minping_theme", "is not 1: not a theme");
    }
    enum status status = keys_check(root, fault);
    for (size_t i = 0; status == STATUS_OK && i < FIELD_COUNT; i++) {
        const json_t *section = json_object_get(root, fields[i].section);
        status = field_read(json_object_get(section, fields[i].key), &fields[i], theme, fault);
    }
    if (status == STATUS_OK) {
        status = grades_read(json_object_get(root, "grades"), theme, fault);
    }
    if (status == STATUS_OK) {
        status = text_read(json_object_get(root, "font"), "$.font", "font", theme->font,
                           sizeof(theme->font), false, fault);
    }
    if (status == STATUS_OK) {
        status = text_read(json_object_get(json_object_get(root, "logo"), "file"), "$.logo.file",
                           "file", theme->logo_file, sizeof(theme->logo_file), true, fault);
    }
    if (status == STATUS_OK) {
        status = language_read(json_object_get(root, "language"), theme, fault);
    }
    for (enum layout l = LAYOUT_HD; status == STATUS_OK && l < LAYOUT_COUNT; l++) {
        status = lengths_read(root, l, theme, fault);
    }
    for (enum layout l = LAYOUT_HD; status == STATUS_OK && l < LAYOUT_COUNT; l++) {
        status = layout_settle(theme, l, fault);
    }
    theme_lay_out(theme, LAYOUT_HD);
    return status;
}

void theme_lay_out(struct theme *theme, enum layout layout)
{
    assert(layout >= LAYOUT_HD && layout < LAYOUT_COUNT);
    theme->layout = layout;
    theme->width_px = layouts[layout].width_px;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (is_length(&fields[i])) {
            memcpy((char *)theme + fields[i].offset, &theme->lengths[layout][i], sizeof(int32_t));
        }
    }
}

enum layout layout_of(const struct format *format)
{
    return format_canvas_width(format) < THEME_WIDTH_PX ? LAYOUT_SD_4X3
           : format->height_px < 720                    ? LAYOUT_SD
                                                        : LAYOUT_HD;
}

enum status theme_parse(const char *text, size_t size, struct theme *theme, struct fault *fault)
{
    memset(theme, 0, sizeof(*theme));
    if (size > THEME_SIZE_MAX) {
        return fault_set(fault, STATUS_LIMIT, "", "theme is larger than %d bytes", THEME_SIZE_MAX);
    }
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        return fault_set(fault, STATUS_INVALID, "", "theme is not JSON, line %d: %s", error.line,
                         error.text);
    }
    enum status status = root_read(root, theme, fault);
    json_decref(root);
    return status;
}

const struct grade_style *theme_grade(const struct theme *theme, uint32_t index,
                                      uint32_t grade_count)
{
    assert(grade_count >= 1 && grade_count <= GRADE_MAX && index < grade_count);
    if (grade_count == 1) {
        return &theme->grades[0];
    }
    uint32_t steps = grade_count - 1;
    return &theme->grades[(index * (GRADE_MAX - 1) * 2 + steps) / (2 * steps)];
}
