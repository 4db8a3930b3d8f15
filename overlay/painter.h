#pragma once

#include "overlay/format.h"
#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/programme.h"

/*
 * The painter: the process that hears the server, keeps the scenes and draws them with cairo into
 * the graphic exchange. It may be killed at any moment; the outputter starts another.
 *
 * All strings are borrowed until painter_run() returns. ca_file, theme_file may be NULL (system
 * authorities, built-in theme). language LANGUAGE_INVALID: the theme's. bus: which bus it draws.
 * portraits: a folder, portraits.h, or NULL. exchange_fd: inherited memfd, of pictures of `format`.
 * A theme file that changes is taken over.
 */
struct painter_options {
    const char *url;
    const char *token_file;
    const char *ca_file;
    const char *theme_file;
    const char *portraits;
    const struct format *format;
    enum language language;
    enum bus bus;
    uint32_t colour; /* 0xRRGGBB behind the graphics in the small picture for the desk */
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
 * "#rrggbb", or NULL for transparent. language LANGUAGE_INVALID: the theme's.
 */
struct painter_still {
    const char *document_file;
    const char *theme_file;
    const char *portraits;
    const char *path;
    const char *params;
    const char *background;
    enum scene_kind scene;
    enum language language;
    const struct format *format;
};
MUST_CHECK enum status painter_still_write(const struct painter_still *still, struct fault *fault);

/*
 * --check: every text of the event has its glyphs and fits its place; with portraits (a folder, or
 * NULL) everybody has one. Every fault is listed.
 */
MUST_CHECK enum status painter_check_event(const char *event_file, const char *theme_file,
                                           const char *portraits, struct fault_list *faults);
