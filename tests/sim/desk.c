/* The desk: what comes to the mind of officers and operators. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/memory.h"
#include "tests/sim/world.h"

static void line(struct control *control, const char *key, const char *value)
{
    (void)detail_put(control->params, key, value);
}

static void number_line(struct world *world, struct control *control, const char *key,
                        uint32_t below)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", world_draw(world, below));
    line(control, key, text);
}

static void seats_draw(struct world *world, struct control *control)
{
    char list[32];
    uint32_t first = 1 + world_draw(world, HALL_SEAT_COUNT);
    uint32_t last = first + world_draw(world, HALL_SEAT_COUNT - first + 1);
    if (control->kind == CONTROL_CHECK_IN && world_chance(world, 50)) {
        first = 1;
        last = HALL_SEAT_COUNT;
    }
    snprintf(list, sizeof(list), "%u-%u", first, last);
    line(control, "seats", list);
}

/* Whether a round of it stands: what was decided is not opened again, an election aside. */
static bool is_decided(const struct world *world, const struct control *control)
{
    const struct book *book = &world->book;
    int32_t contest = event_find_contest(world->event, control->contest);
    const struct contest *definition = &world->event->contests[contest];
    int32_t subject = definition->kind == CONTEST_APPRAISAL
                          ? contest_find_subject(definition, control->subject)
                          : 0;
    for (uint32_t i = 0; i < book->round_count; i++) {
        const struct book_round *round = &book->rounds[i];
        if (round->contest == (uint32_t)contest && round->subject == (uint32_t)subject &&
            round->state != ROUND_VOID) {
            return definition->kind != CONTEST_ELECTION;
        }
    }
    return false;
}

static void contest_draw(struct world *world, struct control *control)
{
    const struct event *event = world->event;
    const struct contest *contest = &event->contests[world_draw(world, event->contest_count)];
    if (world_chance(world, 30)) {
        contest = &event->contests[HALL_APPRAISAL];
    }
    memcpy(control->contest, contest->id, ID_SIZE);
    control->subject[0] = '\0';
    if (contest->kind == CONTEST_APPRAISAL) {
        uint32_t subject = world_draw(world, contest->subject_count);
        memcpy(control->subject, contest->subjects[subject].id, ID_SIZE);
    }
}

/* What was not voted on yet, rather. */
static void open_draw(struct world *world, const struct peer *peer, struct control *control)
{
    if (peer->notice.state == ROUND_PAUSED && world_chance(world, 80)) {
        memcpy(control->contest, peer->notice.contest, ID_SIZE);
        memcpy(control->subject, peer->notice.subject, ID_SIZE);
        return;
    }
    contest_draw(world, control);
    for (uint32_t i = 0; i < 4 && is_decided(world, control); i++) {
        contest_draw(world, control);
    }
    if (strcmp(control->contest, world->event->contests[HALL_ELECTION].id) == 0 &&
        world_chance(world, 10)) {
        line(control, "candidates", "c1,c2,c3,c4");
    }
    if (world_chance(world, 20)) {
        line(control, "seconds", world_chance(world, 50) ? "2" : "20");
    }
    if (world_chance(world, 3)) {
        line(control, "pads", "none");
    }
}

static void air_draw(struct world *world, struct control *control)
{
    bool is_clear = control->kind == CONTROL_CLEAR;
    control->bus = world_chance(world, 70) ? BUS_PROGRAMME : BUS_PREVIEW;
    control->layer = (enum layer)(1 + world_draw(world, is_clear ? LAYER_ALL : LAYER_COUNT - 1));
    if (control->kind == CONTROL_TAKE) {
        control->scene = SCENE_STRIP;
        line(control, "contest", world->event->contests[HALL_APPRAISAL].id);
    }
}

static void election_draw(struct world *world, struct control *control)
{
    memcpy(control->contest, world->event->contests[HALL_ELECTION].id, ID_SIZE);
    if (control->kind == CONTROL_DECIDE) {
        number_line(world, control, "for", 10);
        number_line(world, control, "base", 10);
    } else if (control->kind == CONTROL_WITHDRAW) {
        line(control, "candidate", world_chance(world, 50) ? "c3" : "c4");
        line(control, "reason", "本人要求");
    }
}

static void control_fill(struct world *world, const struct peer *peer, struct control *control)
{
    bool is_of_round = control->kind >= CONTROL_PAUSE && control->kind <= CONTROL_CERTIFY;
    control->round = is_of_round && world_chance(world, 30) ? peer->notice.round : 0;
    switch (control->kind) {
    case CONTROL_OPEN:
        open_draw(world, peer, control);
        break;
    case CONTROL_ASK:
        control->number = 1 + world_draw(world, 5);
        break;
    case CONTROL_CHECK_IN:
    case CONTROL_CHECK_OUT:
        seats_draw(world, control);
        break;
    case CONTROL_REVOKE:
    case CONTROL_REPLACE:
        control->number = 1 + world_draw(world, HALL_SEAT_COUNT);
        line(control, "reason", "键盘遗失");
        break;
    case CONTROL_ADJUDICATE:
        control->number = 1 + world_draw(world, 3);
        line(control, "ruling", world_chance(world, 50) ? "count" : "void");
        line(control, "reason", "依选举办法");
        break;
    case CONTROL_DECIDE:
    case CONTROL_WITHDRAW:
        election_draw(world, control);
        break;
    case CONTROL_TAKE:
    case CONTROL_CONTINUE:
    case CONTROL_CLEAR:
        air_draw(world, control);
        break;
    case CONTROL_VOID:
    case CONTROL_SIGN:
        line(control, "reason", "a reason");
        break;
    default:
        break;
    }
}

/* The act that the log holds of it. */
static enum act_kind act_of(enum control_kind kind)
{
    static const enum act_kind kinds[CONTROL_COUNT] = {
        [CONTROL_OPEN] = ACT_OPEN,
        [CONTROL_ASK] = ACT_ASK,
        [CONTROL_PAUSE] = ACT_PAUSE,
        [CONTROL_CLOSE] = ACT_CLOSE,
        [CONTROL_VOID] = ACT_VOID,
        [CONTROL_CERTIFY] = ACT_CERTIFY,
        [CONTROL_CHECK_IN_OPEN] = ACT_CHECK_IN_OPEN,
        [CONTROL_CHECK_IN_CLOSE] = ACT_CHECK_IN_CLOSE,
        [CONTROL_CHECK_IN] = ACT_CHECK_IN,
        [CONTROL_CHECK_OUT] = ACT_CHECK_OUT,
        [CONTROL_REVOKE] = ACT_REVOKE,
        [CONTROL_REPLACE] = ACT_REPLACE,
        [CONTROL_ADJUDICATE] = ACT_ADJUDICATE,
        [CONTROL_SIGN] = ACT_SIGN,
        [CONTROL_DECIDE] = ACT_DECIDE,
        [CONTROL_WITHDRAW] = ACT_WITHDRAW,
        [CONTROL_TAKE] = ACT_TAKE,
        [CONTROL_CONTINUE] = ACT_CONTINUE,
        [CONTROL_CLEAR] = ACT_CLEAR,
        [CONTROL_CUT] = ACT_CUT,
    };
    return kinds[kind];
}

void desk_ask(struct world *world, uint32_t index, struct control *control, bool is_of_flood)
{
    struct peer *peer = &world->peers[index];
    char name[48];
    if (world->asked_count == world->asked_capacity) {
        world->asked_capacity = world->asked_capacity == 0 ? 64 : world->asked_capacity * 2;
        world->asked = memory_resize(world->asked, world->asked_capacity * sizeof(*world->asked));
    }
    world->asked[world->asked_count] = (struct asked){ act_of(control->kind), is_of_flood };
    control->id = ASKED_FIRST + world->asked_count++;
    world->heard.kind = MESSAGE_CONTROL;
    world->heard.control = *control;
    size_t size = message_encode(&world->heard, world->text, sizeof(world->text));
    wire_say(world, index, world->text, size);
    peer->control = control->id;
    if (is_of_flood) {
        return;
    }
    world_say(world, "%s asks %.*s", peer_name(world, index, name), (int)size, world->text);
}

static enum control_kind kind_draw(struct world *world, const struct peer *peer)
{
    static const enum control_kind often[] = {
        CONTROL_OPEN,     CONTROL_OPEN,   CONTROL_OPEN,          CONTROL_CLOSE,
        CONTROL_CLOSE,    CONTROL_PAUSE,  CONTROL_VOID,          CONTROL_CHECK_IN,
        CONTROL_CHECK_IN, CONTROL_REVOKE, CONTROL_REVOKE,        CONTROL_REPLACE,
        CONTROL_REPLACE,  CONTROL_ASK,    CONTROL_CHECK_IN_OPEN, CONTROL_CERTIFY,
    };
    static const enum control_kind seldom[] = {
        CONTROL_CHECK_OUT, CONTROL_CHECK_IN_CLOSE, CONTROL_ADJUDICATE,
        CONTROL_SIGN,      CONTROL_DECIDE,         CONTROL_WITHDRAW,
    };
    if (peer->role == ROLE_OPERATOR) {
        return world_chance(world, 60)   ? CONTROL_TAKE
               : world_chance(world, 40) ? CONTROL_CONTINUE
               : world_chance(world, 50) ? CONTROL_CLEAR
                                         : CONTROL_CUT;
    }
    if (peer->notice.state != ROUND_OPEN && world_chance(world, 50)) {
        return CONTROL_OPEN;
    }
    return world_chance(world, 80) ? often[world_draw(world, sizeof(often) / sizeof(*often))]
                                   : seldom[world_draw(world, sizeof(seldom) / sizeof(*seldom))];
}

void desk_open(struct world *world, uint32_t index)
{
    struct control control = { .kind = CONTROL_OPEN };
    open_draw(world, &world->peers[index], &control);
    desk_ask(world, index, &control, false);
}

void desk_act(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    struct control control = { 0 };
    if (peer->link < 0) {
        peer_connect(world, index);
        return;
    }
    if (!peer->is_ready || peer->control != 0) {
        return;
    }
    control.kind = kind_draw(world, peer);
    if (control.kind == CONTROL_OPEN && world->book.round_count + 4 > BOOK_ROUND_MAX) {
        return;
    }
    control_fill(world, peer, &control);
    desk_ask(world, index, &control, false);
}

/* An operator's program goes wild while the log is slow: more acts than may wait. */
void desk_flood(struct world *world)
{
    for (uint32_t index = 0; index < world->peer_count; index++) {
        struct peer *peer = &world->peers[index];
        if (peer->role != ROLE_OPERATOR || !peer->is_ready) {
            continue;
        }
        world_say(world, "the operator's program asks more than may wait");
        for (uint32_t i = 0; i < VOTELOG_ACT_WAIT_MAX + 8 && peer->link >= 0; i++) {
            struct control control = { .kind = CONTROL_CLEAR };
            control.bus = BUS_PREVIEW;
            control.layer = LAYER_ALL;
            desk_ask(world, index, &control, true);
            (void)wire_deliver(world, peer->link, true);
        }
        return;
    }
}
