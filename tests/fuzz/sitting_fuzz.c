#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/sitting_view.h"

/*
 * The records of a log, in any order and with anything in them, folded as a replay does: the first
 * that cannot follow is refused with a fault, and what was taken until then can be shown to every
 * audience. Bytes become records; most acts are tried first as an officer would have them, so that
 * sittings get far, the others are applied as they are.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORD_MAX 200

struct source {
    const uint8_t *data;
    size_t size;
};

static struct event *event;

static uint32_t take(struct source *source, uint32_t below)
{
    if (source->size == 0) {
        return 0;
    }
    source->size--;
    return *source->data++ % below;
}

/* An id of the event, or now and then none of it. */
static const char *take_contest(struct source *source)
{
    uint32_t index = take(source, event->contest_count + 1);
    return index < event->contest_count ? event->contests[index].id : "nothing";
}

/* Lines of params: words that acts know, with values that some of them take, or raw bytes. */
static void take_params(struct source *source, char *params, size_t size)
{
    static const char *const lines[] = {
        "reason=重新表决\n", "seats=1-127\n",    "seats=1-88\n",   "seats=3\n",
        "name=王某\n",       "name=k1\n",        "ruling=count\n", "ruling=drop\n",
        "ruling=void\n",     "for=50\n",         "base=88\n",      "decision=stop\n",
        "candidate=k1\n",    "order=k3,k1,k2\n", "step=r1\n",      "state=begun\n",
        "state=ended\n",     "issued=9\n",       "returned=9\n",   "void=1\n",
        "group=members\n",   "k1=5,2,1\n",       "k2=1,1,6\n",     "names=王某:2\n",
        "contest=sec\n",     "subject=s1\n",     "criterion=c1\n", "pads=none\n",
    };
    size_t used = 0;
    for (uint32_t count = take(source, 5); count > 0; count--) {
        const char *line = lines[take(source, sizeof(lines) / sizeof(lines[0]))];
        used += (size_t)snprintf(params + used, size - used, "%s", line);
    }
    for (uint32_t count = take(source, 32) > 28 ? take(source, 64) : 0; count > 0; count--) {
        params[used++] = (char)(1 + take(source, 255));
    }
    params[used] = '\0';
}

static enum status apply(struct sitting *sitting, const struct act *act, const struct mark *mark)
{
    static uint64_t batch;
    struct record record = { .batch = ++batch, .act = act, .mark = mark };
    struct applied applied;
    struct fault fault = { 0 };
    enum status status = sitting_apply(sitting, &record, &applied, &fault);
    assert((status == STATUS_OK) == (fault.status == STATUS_OK));
    assert(mark == NULL || status == STATUS_OK);
    return status;
}

static enum status open_apply(struct sitting *sitting, struct source *source)
{
    struct opening opening;
    const char *contest = take_contest(source);
    struct act act = { .at_ms = take(source, 256) };
    if (sitting_may_open(sitting, contest, take(source, 2) > 0 ? "s1" : "", "", &opening, NULL) !=
        STATUS_OK) {
        return STATUS_OK;
    }
    struct act zero = { .kind = ACT_ZERO_CHECK, .round = opening.round };
    if (!opening.is_resume && apply(sitting, &zero, NULL) != STATUS_OK) {
        return STATUS_INVALID;
    }
    if (take(source, 8) == 0) {
        opening_set_paper(&opening);
    }
    opening_write(sitting, &opening, 0, &act);
    return apply(sitting, &act, NULL);
}

static enum status mark_apply(struct sitting *sitting, struct source *source)
{
    struct mark mark = { .round = 1 + take(source, 4),
                         .version = 1 + take(source, 4),
                         .item = (uint16_t)take(source, 8),
                         .choice = (uint16_t)take(source, 6),
                         .group = (uint8_t)take(source, GROUP_MAX) };
    mark.slot[0] = (uint8_t)take(source, 16);
    mark.slot[SLOT_SIZE - 1] = mark.slot[0];
    mark.nonce[0] = (uint8_t)take(source, 3);
    return apply(sitting, NULL, &mark);
}

static enum status act_apply(struct sitting *sitting, struct source *source, bool is_tried)
{
    static const char *const posts[] = { "officer-1", "operator-1", "server", "" };
    struct act act = { .kind = (enum act_kind)(1 + take(source, ACT_COUNT - 1)),
                       .round = take(source, 5),
                       .number = take(source, 10),
                       .bus = (enum bus)take(source, BUS_COUNT),
                       .layer = (enum layer)take(source, LAYER_ALL + 1) };
    snprintf(act.contest, sizeof(act.contest), "%s",
             take(source, 2) > 0 ? take_contest(source) : "");
    snprintf(act.subject, sizeof(act.subject), "%s", take(source, 2) > 0 ? "s1" : "");
    snprintf(act.post, sizeof(act.post), "%s", posts[take(source, 4)]);
    snprintf(act.scene, sizeof(act.scene), "%s", take(source, 2) > 0 ? "strip" : "board");
    take_params(source, act.params, sizeof(act.params));
    bool is_asked = act.kind > ACT_OPEN && act.kind < ACT_TAKE;
    if (is_tried && is_asked && sitting_may_act(sitting, &act, NULL) != STATUS_OK) {
        return STATUS_OK;
    }
    return apply(sitting, &act, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = { data, size };
    enum status status = STATUS_OK;
    if (event == NULL) {
        event = sitting_event_read();
    }
    struct sitting *sitting = sitting_create(event);
    assert(sitting != NULL);
    for (uint32_t i = 0; i < RECORD_MAX && source.size > 0 && status == STATUS_OK; i++) {
        uint32_t what = take(&source, 16);
        status = what < 3    ? open_apply(sitting, &source)
                 : what < 10 ? mark_apply(sitting, &source)
                             : act_apply(sitting, &source, what < 15);
    }
    if (status == STATUS_OK) {
        sitting_view_check(sitting);
    }
    sitting_destroy(sitting);
    return 0;
}
