#include "overlay/format.h"

#include <string.h>

static const struct format formats[] = {
    { "1080i25", 1920, 1080, 25, 50, true },
    { "1080p25", 1920, 1080, 25, 25, false },
    { "1080p50", 1920, 1080, 50, 50, false },
    { "720p50", 1280, 720, 50, 50, false },
};

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    }
    return NULL;
}

const char *format_names(void)
{
    return "1080i25, 1080p25, 1080p50, 720p50";
}
