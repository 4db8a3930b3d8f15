#include "overlay/theme.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* theme_minping[], theme_minping_size: overlay/theme/minping.json, made by overlay/paint.cmake. */
#include "overlay/theme_minping.inc"

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

static const struct field fields[] = {
    COLOUR(ground), COLOUR(ground_light), COLOUR(panel), COLOUR(panel_foot),
    COLOUR(band), COLOUR(track), COLOUR(line), COLOUR(ink),
    COLOUR(muted), COLOUR(mark), COLOUR(gold), COLOUR(quiet),
    SAFE(left), SAFE(top), SAFE(right), SAFE(bottom),
    TYPE(name), TYPE(title), TYPE(figure), TYPE(label),
    TYPE(cell), TYPE(small), MOVE(in_ms), MOVE(change_ms),
    MOVE(out_ms), MOVE(stagger_ms), TURN(turn_ms), TURN(page_ms),
    ROWS("board", board_row_px), ROWS("board_bar", board_bar_px),
    ROWS("matrix", matrix_row_px), ROWS("matrix_bar", matrix_bar_px),
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static const char *const sections[] = { "colours", "safe", "type", "rows", "motion" };
#define SECTION_COUNT (sizeof(sections) / sizeof(sections[0]))

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
    static const int32_t limits[][2] = { [FIELD_LENGTH] = { 1, THEME_WIDTH_PX },
                                         [FIELD_TYPE] = { THEME_TYPE_MIN_PX, 200 },
                                         [FIELD_MOVE] = { 1, 5000 },
                                         [FIELD_TURN] = { 1000, 60000 } };
    int32_t min = limits[field->kind][0];
    int32_t max = limits[field->kind][1];
    int32_t number = 0;
    if (!number_parse(value, min, max, &number)) {
        return fault_set(fault, STATUS_INVALID, where, "is not a whole number from %d to %d", min,
                         max);
    }
    memcpy(at, &number, sizeof(number));
    return STATUS_OK;
}

static enum status unknown_key(const char *section, const char *key, struct fault *fault)
{
    char where[160];
    snprintf(where, sizeof(where), "$.%s%s%.64s", section, section[0] != '\0' ? "." : "", key);
    return fault_set(fault, STATUS_INVALID, where, "is not a key of a theme");
}

static enum status keys_check(const json_t *root, struct fault *fault)
{
    void *at = NULL;
    json_t *mutable_root = (json_t *)root;
    for (at = json_object_iter(mutable_root); at != NULL;
         at = json_object_iter_next(mutable_root, at)) {
        const char *key = json_object_iter_key(at);
        bool is_known = strcmp(key, "minping_theme") == 0 || strcmp(key, "font") == 0 ||
                        strcmp(key, "grades") == 0;
        for (size_t i = 0; i < SECTION_COUNT; i++) {
            is_known = is_known || strcmp(key, sections[i]) == 0;
        }
        if (!is_known) {
            return unknown_key("", key, fault);
        }
    }
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        json_t *section = json_object_get(root, sections[i]);
        for (at = json_object_iter(section); at != NULL; at = json_object_iter_next(section, at)) {
            bool is_known = false;
            for (size_t k = 0; k < FIELD_COUNT; k++) {
                is_known = is_known || (strcmp(fields[k].section, sections[i]) == 0 &&
                                        strcmp(fields[k].key, json_object_iter_key(at)) == 0);
            }
            if (!is_known) {
                return unknown_key(sections[i], json_object_iter_key(at), fault);
            }
        }
    }
    return STATUS_OK;
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
    if (status != STATUS_OK) {
        return status;
    }
    const char *font = json_string_value(json_object_get(root, "font"));
    if (font == NULL || font[0] == '\0' || strlen(font) >= sizeof(theme->font)) {
        return fault_set(fault, STATUS_INVALID, "$.font", "is not the name of a font");
    }
    memcpy(theme->font, font, strlen(font) + 1);
    if (theme->right_px - theme->left_px < 1200 || theme->bottom_px - theme->top_px < 800 ||
        theme->right_px > THEME_WIDTH_PX || theme->bottom_px > THEME_HEIGHT_PX) {
        return fault_set(fault, STATUS_INVALID, "$.safe",
                         "leaves no area of 1200 × 800 inside 1920 × 1080");
    }
    return STATUS_OK;
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

enum status theme_load(const char *path, struct theme *theme, struct fault *fault)
{
    if (path == NULL) {
        return theme_parse((const char *)theme_minping, sizeof(theme_minping), theme, fault);
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", path, strerror(errno));
    }
    char *text = malloc(THEME_SIZE_MAX + 1);
    if (text == NULL) {
        fclose(file);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the theme");
    }
    size_t size = fread(text, 1, THEME_SIZE_MAX + 1, file);
    enum status status = ferror(file) != 0
                             ? fault_set(fault, STATUS_IO, "", "cannot read '%s'", path)
                             : theme_parse(text, size, theme, fault);
    free(text);
    fclose(file);
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
