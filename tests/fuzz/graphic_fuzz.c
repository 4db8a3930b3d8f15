#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "overlay/graphic.h"

/*
 * The outputter's side of the shared memory, which a painter gone mad may fill with anything: what
 * graphic_take() hands back lies inside of the picture and is newer than the one before. The input
 * is a list of steps: publish as a painter does, write bytes anywhere into the memory, take.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { W = 16, H = 16, HEAD_SIZE = 4096, MOVE_MAX = 64 };

static struct graphic_exchange *outputter;
static struct graphic_exchange *painter;
static uint8_t canvas[W * H * 4];
static uint64_t sequence;

static void take(void)
{
    struct graphic_info info;
    const uint8_t *pixels;
    volatile uint8_t last = 0;
    if (!graphic_take(outputter, sequence, &info, &pixels)) {
        return;
    }
    assert(info.sequence > sequence && info.rect_count <= GRAPHIC_RECT_MAX);
    for (uint32_t i = 0; i < info.rect_count; i++) {
        const struct rect *rect = &info.rects[i];
        assert(rect->x >= 0 && rect->y >= 0 && rect->w > 0 && rect->h > 0);
        assert(rect->x <= W - rect->w && rect->y <= H - rect->h);
    }
    for (uint32_t i = 0; i < sizeof(canvas); i++) {
        last = pixels[i];
    }
    (void)last;
    sequence = info.sequence;
}

/* What a painter that is sound does; only where the memory still is. */
static void publish(const uint8_t *step)
{
    struct rect rect = { step[1] % 20 - 2, step[2] % 20 - 2, step[3] % 20, step[4] % 20 };
    memset(canvas, step[5], sizeof(canvas));
    (void)!graphic_publish(painter, canvas, W * 4, step[1], step[2], step[3], &rect, 1);
}

/* Five bytes at any place of the head, or of the pixels. */
static void damage(const uint8_t *step)
{
    off_t offset = (step[1] << 8 | step[2]) % (HEAD_SIZE + 3 * 4096);
    (void)!pwrite(graphic_exchange_fd(outputter), step + 3, 5, offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct painter_figures figures;
    bool is_sound = true;
    sequence = 0;
    assert(graphic_exchange_create(W, H, 50, &outputter, NULL) == STATUS_OK);
    assert(graphic_exchange_attach(graphic_exchange_fd(outputter), &painter, NULL) == STATUS_OK);
    for (size_t i = 0; i < MOVE_MAX && (i + 1) * 8 <= size; i++) {
        const uint8_t *step = data + i * 8;
        if (step[0] % 3 == 0 && is_sound) {
            publish(step);
        } else if (step[0] % 3 == 1) {
            damage(step);
            is_sound = false;
        } else {
            take();
            graphic_request(outputter, i, 0);
            graphic_figures_get(outputter, &figures);
            (void)graphic_beat_ns(outputter);
        }
    }
    take();
    graphic_exchange_destroy(painter);
    /* The next painter: refused, or with the sizes that the memory has. */
    if (graphic_exchange_attach(graphic_exchange_fd(outputter), &painter, NULL) == STATUS_OK) {
        assert(graphic_exchange_width(painter) >= 1 && graphic_exchange_height(painter) >= 1);
        graphic_exchange_destroy(painter);
    }
    graphic_exchange_destroy(outputter);
    return 0;
}
