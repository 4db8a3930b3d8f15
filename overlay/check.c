#include "overlay/painter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/portraits.h"
#include "overlay/scene.h"
#include "overlay/text.h"
#include "overlay/theme.h"
#include "server/model/rules.h"
#include "server/protocol/event_file.h"

/* Narrower than this part of its natural width a text no longer reads across a room. */
#define CONDENSE_MIN_PERCENT 62
#define NOW_NS INT64_C(86400000000000)
#define WHERE_SIZE 160
#define BALLOT_PAGE_MAX 6 /* CANDIDATE_MAX candidates, eight on a page */

/* What is checked with what. `figures` stand for every subject's: as wide as figures get. */
struct check {
    const struct event *event;
    struct theme theme;
    struct text_engine *engine;
    struct scene *scene;
    struct view view;
    struct figures figures;
    uint64_t figures_hash;
    struct fault_list *faults;
};

typedef bool (*text_visit_fn)(struct check *check, const char *where, const char *text, void *ctx);

/* Visits both languages of a label; en may be empty. True: stop. */
static bool label_visit(struct check *check, const char *path, const char *key,
                        const struct label *label, text_visit_fn visit, void *ctx)
{
    char where[WHERE_SIZE];
    snprintf(where, sizeof(where), "%s.%s.zh-CN", path, key);
    if (label->zh[0] != '\0' && visit(check, where, label->zh, ctx)) {
        return true;
    }
    snprintf(where, sizeof(where), "%s.%s.en", path, key);
    return label->en[0] != '\0' && visit(check, where, label->en, ctx);
}

static bool person_visit(struct check *check, const char *path, const struct subject *person,
                         text_visit_fn visit, void *ctx)
{
    return label_visit(check, path, "name", &person->name, visit, ctx) ||
           label_visit(check, path, "office", &person->office, visit, ctx);
}

/*
 * Every text of the event that a scene can show, with its JSON path. Criteria and grades are
 * shared by the contests: their path is the id, in brackets.
 */
static bool texts_visit(struct check *check, text_visit_fn visit, void *ctx)
{
    const struct event *event = check->event;
    char path[96];
    bool is_done = false;
    for (uint32_t c = 0; !is_done && c < event->contest_count; c++) {
        const struct contest *contest = &event->contests[c];
        snprintf(path, sizeof(path), "$.contests[%u]", c);
        is_done = label_visit(check, path, "title", &contest->title, visit, ctx);
        for (uint32_t i = 0; !is_done && i < contest->grade_count; i++) {
            snprintf(path, sizeof(path), "$.grades['%s']", contest->grades[i].id);
            is_done = label_visit(check, path, "title", &contest->grades[i].label, visit, ctx);
        }
        for (uint32_t i = 0; !is_done && i < contest->criterion_count; i++) {
            snprintf(path, sizeof(path), "$.criteria['%s']", contest->criteria[i].id);
            is_done = label_visit(check, path, "title", &contest->criteria[i].label, visit, ctx);
        }
        for (uint32_t i = 0; !is_done && i < contest->subject_count; i++) {
            snprintf(path, sizeof(path), "$.contests[%u].subjects[%u]", c, i);
            is_done = person_visit(check, path, &contest->subjects[i], visit, ctx);
        }
        const char *list = contest->kind == CONTEST_POLL ? "options" : "candidates";
        for (uint32_t i = 0; !is_done && i < contest->candidate_count; i++) {
            snprintf(path, sizeof(path), "$.contests[%u].%s[%u]", c, list, i);
            is_done = person_visit(check, path, &contest->candidates[i], visit, ctx);
        }
    }
    return is_done;
}

/* One line a fault, however many contests or scenes show the text. */
static void fault_add(struct check *check, const char *where, const char *text)
{
    for (uint32_t i = 0; i < check->faults->count; i++) {
        if (strcmp(check->faults->faults[i].where, where) == 0 &&
            strcmp(check->faults->faults[i].text, text) == 0) {
            return;
        }
    }
    fault_list_add(check->faults, STATUS_INVALID, where, "%s", text);
}

static bool glyphs_check(struct check *check, const char *where, const char *text, void *ctx)
{
    uint32_t missing = text_engine_missing(check->engine, text, strlen(text));
    if (missing > 0) {
        char line[400];
        snprintf(line, sizeof(line), "'%s' has %u characters that no installed font has", text,
                 missing);
        fault_add(check, where, line);
    }
    return false;
}

/* What a node that is too narrow shows, to be found again in the event. */
struct narrow {
    const char *shown;
    enum scene_kind scene;
    int32_t percent;
    bool is_found;
};

static bool narrow_find(struct check *check, const char *where, const char *text, void *ctx)
{
    struct narrow *narrow = ctx;
    if (strstr(text, narrow->shown) == NULL) {
        return false;
    }
    char line[500];
    snprintf(line, sizeof(line), "'%s' does not fit scene '%s': it would have to be %d %% wide",
             text, scene_name(narrow->scene), narrow->percent);
    fault_add(check, where, line);
    narrow->is_found = true;
    return true;
}

static void scene_check(struct check *check, enum scene_kind kind)
{
    const struct scene *scene = check->scene;
    if (scene->is_full) {
        fault_add(check, "$.contests", "a scene of this event has more in it than fits a picture");
    }
    for (uint32_t i = 0; i < scene->node_count; i++) {
        const struct node *node = &scene->nodes[i];
        const char *text = scene->texts + node->text;
        if (node->kind != NODE_TEXT) {
            continue;
        }
        int32_t natural = text_engine_measure(check->engine, text, node->text_size, node->size_px,
                                              node->is_bold, node->is_figure);
        if ((int64_t)node->box.w * 100 >= (int64_t)natural * CONDENSE_MIN_PERCENT) {
            continue;
        }
        struct narrow narrow = { text, kind, (int32_t)((int64_t)node->box.w * 100 / natural),
                                 false };
        texts_visit(check, narrow_find, &narrow);
        if (!narrow.is_found) {
            char line[500];
            snprintf(line, sizeof(line), "'%s' does not fit scene '%s'", text, scene_name(kind));
            fault_add(check, "server/text", line);
        }
    }
}

/* Everybody is voted for by all, and elected or shortlisted. */
static void votes_fill(const struct contest *contest, uint32_t seats, struct figures *figures)
{
    struct election_figures *election = &figures->election;
    figures->item_count = contest_item_count(contest);
    figures->grade_count = contest_choice_count(contest);
    figures->decision = DECISION_ELECTED;
    figures->valid_count = seats;
    for (uint32_t i = 0; i < figures->item_count; i++) {
        figures->items[i] = (struct item_figures){ { seats }, seats };
    }
    election->stage = STAGE_FIRST;
    election->seats = contest->seats;
    election->base = BASE_PRESENT;
    election->disputed_base = BASE_REGISTERED;
    election->base_count = election->disputed_count = seats;
    election->needed = election->disputed_needed = seats / 2 + 1;
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        election->standings[i] = election->disputed[i] = STANDING_ELECTED;
        election->order[i] = contest->order[i];
    }
}

/* As wide as figures get: every voter, all of them on paper. subject: NULL but of an appraisal. */
static void figures_fill(struct check *check, const struct contest *contest,
                         const struct subject *subject, enum live shows, enum round_state state)
{
    struct figures *figures = &check->figures;
    uint32_t seats = check->event->seat_count > 3 ? check->event->seat_count : 3;
    *figures = (struct figures){ .round = 1,
                                 .kind = contest->kind,
                                 .state = state,
                                 .shows = shows,
                                 .has_present = check->event->check_in != CHECK_IN_NONE,
                                 .registered = seats,
                                 .present = seats,
                                 .issued = seats,
                                 .cast_count = seats,
                                 .paper_count = seats,
                                 .item_count = contest->criterion_count,
                                 .grade_count = contest->grade_count };
    memcpy(figures->contest, contest->id, sizeof(figures->contest));
    if (subject != NULL) {
        memcpy(figures->subject, subject->id, sizeof(figures->subject));
    }
    for (uint32_t i = 0; shows == LIVE_TALLY && i < contest->criterion_count; i++) {
        figures->items[i].counts[0] = 3; /* 100.0, and for the others 0.0 */
        figures->items[i].valid = 3;
    }
    if (shows == LIVE_TALLY && subject == NULL) {
        votes_fill(contest, seats, figures);
    }
    check->view.live = *figures;
    check->figures_hash = figures_hash(figures);
    check->view.has_live = true;
    check->view.epoch = 999999999;
    check->view.closed_count = 0;
}

/* One scene in both languages, each of its `turns` pages once. */
static void cue_check(struct check *check, enum scene_kind kind, const char *params, uint32_t turns)
{
    for (enum language language = LANGUAGE_ZH_CN; language <= LANGUAGE_EN; language++) {
        struct scene_data data = { .theme = &check->theme,
                                   .language = language,
                                   .measure = text_engine_measure,
                                   .measure_ctx = check->engine,
                                   .texts = check->event,
                                   .view = &check->view,
                                   .closed = &check->figures,
                                   .closed_hashes = &check->figures_hash,
                                   .closed_count = 1,
                                   .time_of_day_s = 86399,
                                   .now_ns = NOW_NS };
        for (uint32_t turn = 0; turn < turns; turn++) {
            int64_t page_ms = kind == SCENE_STRIP ? check->theme.turn_ms : check->theme.page_ms;
            struct scene_cue cue = { .kind = kind,
                                     .layer = LAYER_FULLSCREEN,
                                     .params = params,
                                     .entered_ns = NOW_NS - (turn + 1) * page_ms * 1000000 + 1 };
            scene_clear(check->scene);
            scene_add(check->scene, &data, &cue);
            scene_check(check, kind);
        }
    }
}

static void subject_check(struct check *check, const struct contest *contest,
                          const struct subject *subject, bool is_first)
{
    static const enum scene_kind kinds[] = { SCENE_STRAP,   SCENE_STRIP,  SCENE_BOARD,
                                             SCENE_TURNOUT, SCENE_RESULT, SCENE_MATRIX };
    char params[PARAMS_SIZE] = "";
    if (!params_put(params, "contest", contest->id) ||
        !params_put(params, "subject", subject->id)) {
        return;
    }
    for (uint32_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        /* Matrix, and the strip's criteria in turn, are the same for all subjects. */
        uint32_t turns = kinds[k] == SCENE_MATRIX  ? (is_first ? 64 : 0)
                         : kinds[k] == SCENE_STRIP ? (is_first ? CRITERION_MAX : 1)
                                                   : 1;
        cue_check(check, kinds[k], params, turns);
    }
}

/*
 * What is no appraisal has a turnout bug and a result, an election a race, and each candidate or
 * option a strap.
 */
static void ballot_check(struct check *check, const struct contest *contest)
{
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        char params[PARAMS_SIZE] = "";
        if (params_put(params, "contest", contest->id) &&
            params_put(params, "candidate", contest->candidates[i].id)) {
            cue_check(check, SCENE_STRAP, params, 1);
        }
    }
    char params[PARAMS_SIZE] = "";
    if (!params_put(params, "contest", contest->id)) {
        return;
    }
    for (enum live shows = LIVE_HIDDEN; shows <= LIVE_TALLY; shows++) {
        figures_fill(check, contest, NULL, shows,
                     shows == LIVE_TALLY ? ROUND_CERTIFIED : ROUND_OPEN);
        cue_check(check, SCENE_TURNOUT, params, 1);
        cue_check(check, SCENE_RESULT, params, shows == LIVE_TALLY ? BALLOT_PAGE_MAX : 1);
        if (contest->kind == CONTEST_ELECTION) {
            cue_check(check, SCENE_RACE, params, BALLOT_PAGE_MAX);
        }
    }
}

static void fits_check(struct check *check)
{
    /* The words of other states are the same for all subjects: of the first alone. */
    static const struct {
        enum live shows;
        enum round_state state;
    } kinds[] = {
        { LIVE_TURNOUT, ROUND_OPEN },   { LIVE_TALLY, ROUND_OPEN },
        { LIVE_TURNOUT, ROUND_PAUSED }, { LIVE_TURNOUT, ROUND_CLOSED },
        { LIVE_TURNOUT, ROUND_VOID },   { LIVE_TALLY, ROUND_CERTIFIED },
    };
    for (uint32_t c = 0; c < check->event->contest_count; c++) {
        const struct contest *contest = &check->event->contests[c];
        if (contest->kind != CONTEST_APPRAISAL) {
            ballot_check(check, contest);
        }
        for (uint32_t s = 0; s < contest->subject_count; s++) {
            for (uint32_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
                if (s == 0 || kinds[k].state == ROUND_OPEN) {
                    figures_fill(check, contest, &contest->subjects[s], kinds[k].shows,
                                 kinds[k].state);
                    subject_check(check, contest, &contest->subjects[s], s == 0);
                }
            }
        }
    }
}

static void portrait_check(struct check *check, const char *dir, const char *where,
                           const char *contest, const char *id)
{
    struct fault fault = { 0 };
    cairo_surface_t *surface = NULL;
    char name[2 * ID_SIZE];
    snprintf(name, sizeof(name), "%s-%s", contest, id);
    enum status status = portrait_read(dir, name, where, &surface, &fault);
    if (status == STATUS_OK) {
        cairo_surface_destroy(surface);
    } else {
        fault_list_add(check->faults, status, fault.where, "%s", fault.text);
    }
}

/* Everybody whose strap may be on air has a portrait that can be read. */
static void portraits_check(struct check *check, const char *dir)
{
    char where[WHERE_SIZE];
    for (uint32_t c = 0; c < check->event->contest_count; c++) {
        const struct contest *contest = &check->event->contests[c];
        for (uint32_t i = 0; i < contest->subject_count; i++) {
            snprintf(where, sizeof(where), "$.contests[%u].subjects[%u]", c, i);
            portrait_check(check, dir, where, contest->id, contest->subjects[i].id);
        }
        for (uint32_t i = 0; contest->kind == CONTEST_ELECTION && i < contest->candidate_count;
             i++) {
            snprintf(where, sizeof(where), "$.contests[%u].candidates[%u]", c, i);
            portrait_check(check, dir, where, contest->id, contest->candidates[i].id);
        }
    }
}

enum status painter_check_event(const char *event_file, const char *theme_file,
                                const char *portraits, struct fault_list *faults)
{
    struct event *event = NULL;
    struct fault fault = { 0 };
    enum status status = event_file_read(event_file, &event, faults);
    if (status != STATUS_OK) {
        return status;
    }
    struct check *check = calloc(1, sizeof(*check));
    struct scene *scene = calloc(1, sizeof(*scene));
    if (check == NULL || scene == NULL) {
        status = fault_set(&fault, STATUS_NOMEM, "", "no memory for the check");
    } else {
        check->event = event;
        check->scene = scene;
        check->faults = faults;
        status = theme_load(theme_file, &check->theme, &fault);
    }
    if (status == STATUS_OK) {
        status = text_engine_create(check->theme.font, &check->engine, &fault);
    }
    if (status == STATUS_OK) {
        texts_visit(check, glyphs_check, NULL);
        fits_check(check);
        if (portraits != NULL) {
            portraits_check(check, portraits);
        }
        status = faults->count > 0 ? STATUS_INVALID : STATUS_OK;
        text_engine_destroy(check->engine);
    } else {
        fault_list_add(faults, status, fault.where, "%s", fault.text);
    }
    free(scene);
    free(check);
    event_destroy(event);
    return status;
}
