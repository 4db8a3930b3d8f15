#pragma once

#include <pthread.h>

#include "overlay/coder.h"
#include "overlay/passage.h"

/*
 * Coding: the pictures of a passage that wait for the coder, and the thread that codes them. When
 * the coder fails, what waits in it is left out and it begins anew with the next picture; when it
 * hangs (CODING_HANG_NS in one picture), its thread is left to itself and another takes over with a
 * new coder. The passage goes over to the source's own video meanwhile, and back at a key picture.
 *
 * Threads: coding_video() with the lock held; coding_step() and coding_end() on one thread, which
 * is the coding's own after coding_start(); the rest on the main thread.
 */
#define CODING_WAITING_MAX 128u /* pictures; then they are left out, up to a key */
#define CODING_HANG_NS INT64_C(3000000000)

/*
 * lost      pictures left out because the coder was too slow
 * failures  of decoder or encoder
 * hangs     threads left to themselves
 */
struct coding_figures {
    struct coder_figures coder;
    uint64_t lost;
    uint64_t failures;
    uint64_t hangs;
};

struct coding;

/*
 * draw runs on the coding thread, without the lock. lock, which guards the passage, and format are
 * kept. STATUS_NOMEM. *coding is given.
 */
MUST_CHECK enum status coding_create(const struct format *format, pthread_mutex_t *lock,
                                     coder_draw_fn draw, void *ctx, struct coding **coding,
                                     struct fault *fault);

/* Where new pictures go to; before the first picture. Kept. */
void coding_passage_set(struct coding *coding, struct passage *passage);

/* passage_video_fn; ctx is the coding. */
void coding_video(void *ctx, const struct ts_pes *pes, uint32_t segment, uint8_t video_type,
                  uint16_t pid);

/*
 * The input has stopped: up to the slot time `pts`, 90 kHz, this picture stands for what did not
 * come, as coder_still() has it; `still` is kept until the coding is destroyed. With the lock held.
 */
void coding_still(struct coding *coding, const uint8_t *still, int64_t pts);

/* Codes the first picture that waits. False: none does, or it is not known yet how large. */
bool coding_step(struct coding *coding);

/* Codes what waits, and empties the coder. */
void coding_end(struct coding *coding);

/* From here on a thread does both. STATUS_NOMEM. */
MUST_CHECK enum status coding_start(struct coding *coding, struct fault *fault);

/* Looks after that thread; every turn of the main thread. */
void coding_poll(struct coding *coding, int64_t now_ns);

/* No picture comes any more: the thread codes what waits. Then wait for coding_is_ended(). */
void coding_input_end(struct coding *coding);
bool coding_is_ended(const struct coding *coding);

void coding_figures_get(struct coding *coding, struct coding_figures *figures);

/*
 * Ends the thread; NULL is accepted. False: a coder still hangs, and looks into the coding, its
 * lock and passage when it comes back: they must stay.
 */
bool coding_destroy(struct coding *coding);
