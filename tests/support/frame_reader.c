#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "overlay/format.h"
#include "tests/support/frame_glyphs.h"

/*
 * Reads the raw frames (I420) of an overlay from standard input, all of them, and says of each what
 * it shows, for a judge who knows what should be there:
 *
 *   frame_reader --format F --document FILE --scene NAME --params TEXT --background #rrggbb
 *                [--theme FILE] [--keep DIR --every N]
 *
 * A line for each figure first: "place NAME x y w h". Then a line a frame: its index, when it was
 * whole (CLOCK_MONOTONIC, µs), the first pixel's Y,Cb,Cr, whether all outside of the graphic is
 * that, a hash of all in the graphic that must not move, whether the lines of every bar agree, and
 * NAME=TEXT for each figure; where the fields of a frame differ NAME=TOP|BOTTOM. At the end "end
 * N", and "cut" where half a frame was left.
 *
 * --keep writes every Nth frame that is not the one before to DIR/INDEX.yuv.
 */
#define PIPE_SIZE 1048576
#define BAR_EDGE_PX 4 /* lines at a bar's edges that the vertical filter mixes */

struct reader {
    const struct format *format;
    struct frame_layout layout;
    struct glyphs *glyphs;
    const char *keep_dir;
    uint64_t keep_every;
    uint64_t changed_count;
    uint8_t *frame;
    uint8_t *last;
    uint8_t *is_moving; /* a byte a pixel: 1 in moving parts and in a rim around them */
    size_t size;
    char said[1024];
};

/* Rows and columns from .. to - 1 of one plane that a rectangle of luma reaches; div 1 or 2. */
static void span_of(const struct rect *rect, uint32_t div, uint32_t width, uint32_t height,
                    uint32_t x[2], uint32_t y[2])
{
    int32_t d = (int32_t)div;
    int32_t left = rect->x / d - 2, right = (rect->x + rect->w + d - 1) / d + 2;
    int32_t top = rect->y / d - 4, bottom = (rect->y + rect->h + d - 1) / d + 4;
    x[0] = left < 0 ? 0 : (uint32_t)left;
    x[1] = right > (int32_t)width ? width : (uint32_t)right;
    y[0] = top < 0 ? 0 : (uint32_t)top;
    y[1] = bottom > (int32_t)height ? height : (uint32_t)bottom;
}

/* The three planes: where each begins in a frame, and its size against luma's. */
static const struct {
    uint32_t div;
    uint32_t eighths; /* of luma's size, where it begins */
} planes[] = { { 1, 0 }, { 2, 8 }, { 2, 10 } };

static size_t plane_at(const struct reader *reader, uint32_t plane)
{
    size_t luma = (size_t)reader->layout.width_px * reader->layout.height_px;
    return luma * planes[plane].eighths / 8;
}

static void moving_mark(struct reader *reader)
{
    for (uint32_t plane = 0; plane < 3; plane++) {
        uint32_t div = planes[plane].div, width = reader->layout.width_px / div;
        for (uint32_t i = 0; i < reader->layout.moving_count; i++) {
            uint32_t x[2], y[2];
            span_of(&reader->layout.moving[i], div, width, reader->layout.height_px / div, x, y);
            for (uint32_t row = y[0]; row < y[1]; row++)
                memset(reader->is_moving + plane_at(reader, plane) + (size_t)row * width + x[0], 1,
                       x[1] - x[0]);
        }
    }
}

/* Whether every sample outside of the graphic is that of the first pixel. */
static bool ground_is_plain(const struct reader *reader)
{
    for (uint32_t plane = 0; plane < 3; plane++) {
        uint32_t div = planes[plane].div, width = reader->layout.width_px / div;
        uint32_t height = reader->layout.height_px / div, x[2], y[2];
        const uint8_t *first = reader->frame + plane_at(reader, plane);
        span_of(&reader->layout.all, div, width, height, x, y);
        for (uint32_t row = 0; row < height; row++) {
            const uint8_t *line = first + (size_t)row * width;
            bool is_beside = row >= y[0] && row < y[1];
            uint32_t left = is_beside ? x[0] : width, right = is_beside ? x[1] : width;
            /* Each sample is the one before it, and the first of the line the plane's. */
            if (line[0] != *first || (left > 1 && memcmp(line, line + 1, left - 1) != 0) ||
                (right < width && (line[right] != *first ||
                                   memcmp(line + right, line + right + 1, width - right - 1) != 0)))
                return false;
        }
    }
    return true;
}

/* Over all of the graphic that stands still. */
static uint64_t still_hash(const struct reader *reader)
{
    uint64_t hash = 0;
    for (uint32_t plane = 0; plane < 3; plane++) {
        uint32_t div = planes[plane].div, width = reader->layout.width_px / div;
        uint32_t x[2], y[2];
        size_t at = plane_at(reader, plane);
        span_of(&reader->layout.all, div, width, reader->layout.height_px / div, x, y);
        for (uint32_t row = y[0]; row < y[1]; row++) {
            const uint8_t *line = reader->frame + at + (size_t)row * width;
            const uint8_t *moving = reader->is_moving + at + (size_t)row * width;
            for (uint32_t from = x[0]; from < x[1];) {
                const uint8_t *next = memchr(moving + from, !moving[from], x[1] - from);
                uint32_t to = next == NULL ? x[1] : (uint32_t)(next - moving);
                if (moving[from] == 0)
                    hash = XXH3_64bits_withSeed(line + from, to - from, hash);
                from = to;
            }
        }
    }
    return hash;
}

/* Whether no bar has lines of one field that differ: half of one width, half of another. */
static bool bars_are_whole(const struct reader *reader)
{
    uint32_t step = reader->format->is_interlaced ? 2 : 1;
    for (uint32_t i = 0; i < reader->layout.bar_count; i++) {
        const struct rect *bar = &reader->layout.bars[i];
        for (int32_t y = bar->y + BAR_EDGE_PX; y + (int32_t)step < bar->y + bar->h - BAR_EDGE_PX;
             y++) {
            const uint8_t *line =
                reader->frame + (size_t)y * reader->layout.width_px + (size_t)bar->x;
            if (memcmp(line, line + (size_t)step * reader->layout.width_px, (size_t)bar->w) != 0)
                return false;
        }
    }
    return true;
}

static void frame_read(struct reader *reader)
{
    const struct frame_layout *layout = &reader->layout;
    int size = snprintf(reader->said, sizeof(reader->said), "%u,%u,%u %d %016llx %d",
                        reader->frame[0], reader->frame[plane_at(reader, 1)],
                        reader->frame[plane_at(reader, 2)], ground_is_plain(reader),
                        (unsigned long long)still_hash(reader), bars_are_whole(reader));
    for (uint32_t i = 0; i < layout->place_count && size < (int)sizeof(reader->said); i++) {
        char top[GLYPH_TEXT_SIZE], bottom[GLYPH_TEXT_SIZE] = "";
        uint32_t step = reader->format->is_interlaced ? 2 : 1;
        glyphs_read(reader->glyphs, i, reader->frame, 0, step, top);
        if (reader->format->is_interlaced)
            glyphs_read(reader->glyphs, i, reader->frame, 1, step, bottom);
        bool is_one = !reader->format->is_interlaced || strcmp(top, bottom) == 0;
        size += snprintf(reader->said + size, sizeof(reader->said) - (size_t)size, " %s=%s%s%s",
                         layout->places[i].name, top, is_one ? "" : "|", is_one ? "" : bottom);
    }
}

static int frame_keep(const struct reader *reader, uint64_t index)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%06llu.yuv", reader->keep_dir, (unsigned long long)index);
    FILE *file = fopen(path, "wbe");
    bool is_written = file != NULL && fwrite(reader->frame, 1, reader->size, file) == reader->size;
    if (file == NULL || fclose(file) != 0 || !is_written) {
        fprintf(stderr, "frame_reader: cannot write '%s'\n", path);
        return 1;
    }
    return 0;
}

static int frames_read(struct reader *reader)
{
    uint64_t index = 0;
    size_t got;
    while ((got = fread(reader->frame, 1, reader->size, stdin)) == reader->size) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (index == 0 || memcmp(reader->frame, reader->last, reader->size) != 0) {
            frame_read(reader);
            if (reader->keep_dir != NULL && reader->changed_count++ % reader->keep_every == 0 &&
                frame_keep(reader, index) != 0)
                return 1;
        }
        printf("%llu %lld %s\n", (unsigned long long)index++,
               (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000, reader->said);
        uint8_t *other = reader->last;
        reader->last = reader->frame;
        reader->frame = other;
    }
    printf("end %llu%s\n", (unsigned long long)index, got > 0 ? " cut" : "");
    return fflush(stdout) != 0;
}

static int reader_run(struct reader *reader, const struct frame_layout_options *options)
{
    struct text_engine *engine = NULL;
    struct fault fault = { 0 };
    enum status status = frame_layout_make(options, &reader->layout, &engine, &fault);
    if (status == STATUS_OK)
        status = glyphs_create(&reader->layout, engine, reader->format->is_interlaced,
                               &reader->glyphs, &fault);
    if (status != STATUS_OK) {
        fprintf(stderr, "frame_reader: %s\n", fault.text);
        return 1;
    }
    reader->size = (size_t)options->width_px * options->height_px / 2 * 3;
    reader->frame = malloc(reader->size);
    reader->last = malloc(reader->size);
    reader->is_moving = calloc(1, reader->size);
    int result = 1;
    if (reader->frame != NULL && reader->last != NULL && reader->is_moving != NULL) {
        moving_mark(reader);
        for (uint32_t i = 0; i < reader->layout.place_count; i++) {
            const struct place *place = &reader->layout.places[i];
            printf("place %s %d %d %d %d\n", place->name, place->box.x, place->box.y, place->box.w,
                   place->box.h);
        }
        fflush(stdout);
        (void)fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
        result = frames_read(reader);
    }
    free(reader->is_moving);
    free(reader->last);
    free(reader->frame);
    glyphs_destroy(reader->glyphs);
    text_engine_destroy(engine);
    return result;
}

int main(int argc, char **argv)
{
    static struct reader reader = { .keep_every = 1 };
    static const struct option names[] = {
        { "format", 1, NULL, 'f' }, { "document", 1, NULL, 'd' },   { "scene", 1, NULL, 's' },
        { "params", 1, NULL, 'p' }, { "background", 1, NULL, 'b' }, { "theme", 1, NULL, 't' },
        { "keep", 1, NULL, 'k' },   { "every", 1, NULL, 'e' },      { NULL, 0, NULL, 0 },
    };
    struct frame_layout_options options = { .params = "" };
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (option) {
        case 'f':
            reader.format = format_find(optarg);
            break;
        case 'd':
            options.document_file = optarg;
            break;
        case 's':
            options.scene = scene_parse(optarg);
            break;
        case 'p':
            options.params = optarg;
            break;
        case 'b':
            options.background = (uint32_t)strtoul(optarg + 1, NULL, 16);
            break;
        case 't':
            options.theme_file = optarg;
            break;
        case 'k':
            reader.keep_dir = optarg;
            break;
        case 'e':
            reader.keep_every = strtoul(optarg, NULL, 10);
            break;
        default:
            return 2;
        }
    }
    if (reader.format == NULL || options.document_file == NULL || options.scene == SCENE_INVALID ||
        reader.keep_every == 0) {
        fprintf(stderr, "frame_reader: a format, a document and a scene are needed\n");
        return 2;
    }
    options.width_px = reader.format->width_px;
    options.height_px = reader.format->height_px;
    return reader_run(&reader, &options);
}
