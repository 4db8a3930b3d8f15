#include "overlay/latest.h"

#include <stdlib.h>
#include <string.h>

#include "overlay/server_clock.h"

/*
 * shown    what scenes draw
 * waiting  the newest view when it is not shown yet, since waits_since_ns
 */
struct latest {
    struct view shown;
    struct view waiting;
    bool has_shown;
    bool has_waiting;
    int64_t waits_since_ns;
    struct event *texts;
    uint64_t texts_hash;
    uint32_t closed_count;
    struct figures closed[LATEST_CLOSED_MAX];
    uint64_t closed_hashes[LATEST_CLOSED_MAX];
    struct programme programme;
    bool has_programme;
    struct server_clock clock;
    struct motion motion;
    int64_t change_ms;
    uint64_t dropped_total;
};

struct latest *latest_create(int64_t change_ms)
{
    struct latest *latest = calloc(1, sizeof(*latest));
    if (latest != NULL) {
        latest->change_ms = change_ms;
    }
    return latest;
}

void latest_destroy(struct latest *latest)
{
    if (latest != NULL) {
        event_destroy(latest->texts);
        free(latest);
    }
}

static const struct view *newest(const struct latest *latest)
{
    return latest->has_waiting ? &latest->waiting : latest->has_shown ? &latest->shown : NULL;
}

static int32_t closed_find(const struct latest *latest, uint64_t hash)
{
    for (uint32_t i = 0; i < latest->closed_count; i++) {
        if (latest->closed_hashes[i] == hash) {
            return (int32_t)i;
        }
    }
    return -1;
}

static void closed_put(struct latest *latest, const struct figures *figures, uint64_t hash)
{
    if (closed_find(latest, hash) < 0 && latest->closed_count < LATEST_CLOSED_MAX) {
        latest->closed[latest->closed_count] = *figures;
        latest->closed_hashes[latest->closed_count] = hash;
        latest->closed_count++;
    }
}

static bool figures_are_good(const struct figures *figures)
{
    return figures->item_count <= ITEM_MAX && figures->grade_count <= GRADE_MAX &&
           figures_are_sound(figures);
}

/* Whether all that `view` names is here. */
static bool view_is_complete(const struct latest *latest, const struct view *view)
{
    if (latest->texts == NULL || latest->texts_hash != view->texts) {
        return false;
    }
    for (uint32_t i = 0; i < view->closed_count; i++) {
        if (closed_find(latest, view->closed[i].hash) < 0) {
            return false;
        }
    }
    return true;
}

/* A round that ended as we watched needs no fetching: its last live figures may be the closed. */
static void closed_put_from(struct latest *latest, const struct view *before,
                            const struct view *view)
{
    if (!before->has_live) {
        return;
    }
    uint64_t hash = figures_hash(&before->live);
    for (uint32_t i = 0; i < view->closed_count; i++) {
        if (view->closed[i].hash == hash) {
            closed_put(latest, &before->live, hash);
        }
    }
}

static enum latest_outcome view_judge(struct latest *latest, const struct view *view)
{
    const struct view *before = newest(latest);
    if (view->has_live && !figures_are_good(&view->live)) {
        latest->dropped_total++;
        return LATEST_UNSOUND;
    }
    if (before == NULL) {
        return LATEST_TAKEN;
    }
    if (strcmp(before->log_id, view->log_id) != 0) {
        return LATEST_NEW_LOG;
    }
    if (view->epoch == before->epoch) {
        return LATEST_SAME;
    }
    if (view->epoch < before->epoch) {
        latest->dropped_total++;
        return LATEST_BACKWARD;
    }
    return LATEST_TAKEN;
}

enum latest_outcome latest_put_view(struct latest *latest, const struct view *view, int64_t now_ns)
{
    enum latest_outcome outcome = view_judge(latest, view);
    if (outcome != LATEST_TAKEN && outcome != LATEST_NEW_LOG) {
        return outcome;
    }
    const struct view *before = newest(latest);
    if (outcome == LATEST_TAKEN && before != NULL) {
        closed_put_from(latest, before, view);
        /* A view that has its round closed and live at once: the two are the same figures. */
        closed_put_from(latest, view, view);
    }
    if (!latest->has_waiting || outcome == LATEST_NEW_LOG) {
        latest->waits_since_ns = now_ns;
    }
    latest->waiting = *view;
    latest->has_waiting = true;
    latest_settle(latest, now_ns);
    return outcome;
}

/* Keeps what the document brings, and of what was here what the shown view still names. */
static void closed_renew(struct latest *latest, const struct document *document)
{
    uint32_t old_count = latest->closed_count;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < old_count; i++) {
        bool is_named = false;
        for (uint32_t k = 0; latest->has_shown && k < latest->shown.closed_count; k++) {
            is_named = is_named || latest->shown.closed[k].hash == latest->closed_hashes[i];
        }
        for (uint32_t k = 0; latest->has_waiting && k < latest->waiting.closed_count; k++) {
            is_named = is_named || latest->waiting.closed[k].hash == latest->closed_hashes[i];
        }
        if (is_named) {
            latest->closed[kept] = latest->closed[i];
            latest->closed_hashes[kept++] = latest->closed_hashes[i];
        }
    }
    latest->closed_count = kept;
    for (uint32_t i = 0; i < document->view.closed_count; i++) {
        const struct closed_ref *ref = &document->view.closed[i];
        const struct figures *figures = NULL;
        for (uint32_t k = 0; k < document->closed_count && figures == NULL; k++) {
            figures = document->closed[k].round == ref->round ? &document->closed[k] : NULL;
        }
        if (figures == NULL || !figures_are_good(figures) || figures_hash(figures) != ref->hash) {
            latest->dropped_total++;
        } else {
            closed_put(latest, figures, ref->hash);
        }
    }
}

enum latest_outcome latest_put_document(struct latest *latest, struct document *document,
                                        int64_t now_ns)
{
    if (document->texts != NULL) {
        event_destroy(latest->texts);
        latest->texts = document->texts;
        latest->texts_hash = document->view.texts;
        document->texts = NULL;
    }
    closed_renew(latest, document);
    enum latest_outcome outcome = LATEST_SAME;
    const struct view *before = newest(latest);
    /* Of another log than the one heard, a document is a late answer: its view is not for us. */
    if (before == NULL || (strcmp(before->log_id, document->view.log_id) == 0 &&
                           document->view.epoch > before->epoch)) {
        outcome = latest_put_view(latest, &document->view, now_ns);
    }
    latest_settle(latest, now_ns);
    return outcome;
}

void latest_change_ms_set(struct latest *latest, int64_t change_ms)
{
    latest->change_ms = change_ms;
}

void latest_put_time(struct latest *latest, int64_t unix_ms, int64_t now_ns)
{
    server_clock_hear(&latest->clock, unix_ms, now_ns);
}

int64_t latest_view_ns(const struct latest *latest)
{
    return latest->has_shown ? server_clock_when(&latest->clock, latest->shown.at_ms) : 0;
}

int64_t latest_server_ms(struct latest *latest, int64_t now_ns)
{
    return server_clock_at(&latest->clock, now_ns);
}

void latest_put_programme(struct latest *latest, const struct programme *programme)
{
    latest->programme = *programme;
    latest->has_programme = true;
}

void latest_settle(struct latest *latest, int64_t now_ns)
{
    if (!latest->has_waiting ||
        (!view_is_complete(latest, &latest->waiting) &&
         now_ns - latest->waits_since_ns < LATEST_WAIT_MS * INT64_C(1000000))) {
        return;
    }
    latest->shown = latest->waiting;
    latest->has_shown = true;
    latest->has_waiting = false;
    if (latest->shown.has_live && latest->shown.live.shows == LIVE_TALLY) {
        motion_update(&latest->motion, &latest->shown.live, now_ns, latest->change_ms);
    } else if (latest->shown.has_live) {
        motion_hold(&latest->motion, latest->shown.live.round);
    }
}

bool latest_is_missing(const struct latest *latest)
{
    const struct view *view = newest(latest);
    return view != NULL && !view_is_complete(latest, view);
}

void latest_data(const struct latest *latest, struct scene_data *data)
{
    data->texts = latest->texts;
    data->view = latest->has_shown ? &latest->shown : NULL;
    data->closed = latest->closed;
    data->closed_hashes = latest->closed_hashes;
    data->closed_count = latest->closed_count;
    data->motion = &latest->motion;
}

const struct programme *latest_programme(const struct latest *latest)
{
    return latest->has_programme ? &latest->programme : NULL;
}

uint64_t latest_epoch(const struct latest *latest)
{
    const struct view *view = newest(latest);
    return view != NULL ? view->epoch : 0;
}

void latest_drop(struct latest *latest)
{
    latest->dropped_total++;
}

uint64_t latest_dropped_total(const struct latest *latest)
{
    return latest->dropped_total;
}
