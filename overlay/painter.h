#pragma once

#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/programme.h"

/*
 * The painter: the process that hears the server, keeps the scenes and draws them with cairo into
 * the graphic exchange. It may be killed at any moment; the outputter starts another.
 *
 * All strings are borrowed until painter_run() returns. ca_file, theme_file may be NULL (system
 * authorities, built-in theme). bus: which bus it draws. exchange_fd: inherited memfd.
 */
struct painter_options {
    const char *url;
    const char *token_file;
    const char *ca_file;
    const char *theme_file;
    enum language language;
    enum bus bus;
    int exchange_fd;
    bool is_test_pattern;  /* draws a test pattern and talks to no server: the moving bar, or … */
    bool is_alpha_pattern; /* … that of half-transparent edges */
};

/*
 * Runs until SIGTERM or until its parent dies. Logs one line an event to stderr. Returns the exit
 * status: 0 asked to stop, 1 failed, 2 wrong usage.
 */
int painter_run(const struct painter_options *options);

/*
 * --view: draws one scene of a saved document (GET /api/v1/view) without a server, in its still
 * state, and writes PNG `path`. params: "key=value\n" lines as in a take; background: an opaque
 * "#rrggbb", or NULL for transparent. Sizes in px.
 */
struct painter_still {
    const char *document_file;
    const char *theme_file;
    const char *path;
    const char *params;
    const char *background;
    enum scene_kind scene;
    enum language language;
    uint32_t width_px;
    uint32_t height_px;
};
MUST_CHECK enum status painter_still_write(const struct painter_still *still, struct fault *fault);

/* --check: every text of the event has its glyphs and fits its place. Every fault is listed. */
MUST_CHECK enum status painter_check_event(const char *event_file, const char *theme_file,
                                           struct fault_list *faults);
