#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/theme.h"

/* theme_minping[], theme_light[]: overlay/theme/NAME.json, made by overlay/paint.cmake. */
#include "overlay/theme_light.inc"
#include "overlay/theme_minping.inc"

static const struct {
    const char *name;
    const unsigned char *text;
    size_t size;
} built_in[] = {
    { "minping", theme_minping, sizeof(theme_minping) },
    { "light", theme_light, sizeof(theme_light) },
};
#define BUILT_IN_COUNT (sizeof(built_in) / sizeof(built_in[0]))

static int32_t built_in_find(const char *path)
{
    for (size_t i = 0; path != NULL && i < BUILT_IN_COUNT; i++) {
        if (strcmp(built_in[i].name, path) == 0) {
            return (int32_t)i;
        }
    }
    return path == NULL ? 0 : -1;
}

bool theme_is_built_in(const char *path)
{
    return built_in_find(path) >= 0;
}

/* Names the logo by the theme's folder, unless its path begins at the root. */
static enum status logo_resolve(const char *path, struct theme *theme, struct fault *fault)
{
    const char *slash = strrchr(path, '/');
    char file[THEME_PATH_SIZE];
    if (theme->logo_file[0] == '\0' || theme->logo_file[0] == '/' || slash == NULL) {
        return STATUS_OK;
    }
    memcpy(file, theme->logo_file, sizeof(file));
    int wrote = snprintf(theme->logo_file, sizeof(theme->logo_file), "%.*s%s",
                         (int)(slash + 1 - path), path, file);
    return wrote >= 0 && (size_t)wrote < sizeof(theme->logo_file)
               ? STATUS_OK
               : fault_set(fault, STATUS_LIMIT, "$.logo.file", "is too long a path");
}

enum status theme_load(const char *path, struct theme *theme, struct fault *fault)
{
    int32_t index = built_in_find(path);
    if (index >= 0) {
        return theme_parse((const char *)built_in[index].text, built_in[index].size, theme, fault);
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
    return status == STATUS_OK ? logo_resolve(path, theme, fault) : status;
}
