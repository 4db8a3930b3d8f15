/* A run: a hall that comes together, steps of whatever comes to mind, and an end without faults. */
#include <string.h>

#include "tests/sim/world.h"

#define STREAM_STEP UINT64_C(0x73746570)
#define SETTLE_TURN_MAX 400

static bool has_class(const struct world *world, enum step_class which)
{
    return (world->plan->classes >> which & 1) != 0;
}

static void time_pass(struct world *world, uint32_t most_ms)
{
    uint32_t ms = world_draw(world, most_ms);
    world->steady_ms += ms;
    world->unix_ms += ms;
}

/* Everything that is under way arrives, becomes durable and is answered. */
static void let_through(struct world *world)
{
    for (uint32_t turn = 0; turn < 200 && !world->is_violated; turn++) {
        bool is_busy = wire_deliver_any(world);
        server_log_step(world);
        server_drain(world, 65536);
        if (!is_busy && turn % 2 == 1) {
            return;
        }
    }
}

static uint32_t peer_draw(struct world *world, enum role least, enum role most)
{
    uint32_t first = world_draw(world, world->peer_count);
    for (uint32_t i = 0; i < world->peer_count; i++) {
        uint32_t at = (first + i) % world->peer_count;
        if (world->peers[at].role >= least && world->peers[at].role <= most) {
            return at;
        }
    }
    return 0;
}

/* The hall comes together: most are there, and something is opened. */
static void prologue(struct world *world)
{
    struct control control = { .kind = CONTROL_CHECK_IN, .params = "seats=1-12\n" };
    uint32_t officer = peer_draw(world, ROLE_OFFICER, ROLE_OFFICER);
    world->is_settling = true; /* no faults yet */
    if (!server_start(world)) {
        return;
    }
    uint32_t count = 0;
    world->is_hushed = true;
    for (uint32_t i = 0; i < world->peer_count; i++) {
        if (i == officer || world_chance(world, 75)) {
            peer_connect(world, i);
            count++;
        }
    }
    let_through(world);
    world->is_hushed = false;
    world_say(world, "%u of %u programs connect", count, world->peer_count);
    if (world_chance(world, 20)) {
        control = (struct control){ .kind = CONTROL_CHECK_IN_OPEN }; /* and pads check in */
    }
    if (world_chance(world, 90)) {
        desk_ask(world, officer, &control, false);
        let_through(world);
    }
    desk_open(world, officer);
    let_through(world);
    world->is_settling = false;
}

/* Steps. */

static void network_step(struct world *world)
{
    uint32_t draw = world_draw(world, 100);
    int32_t index = (int32_t)world_draw(world, HALL_LINK_MAX);
    struct link *link = &world->links[index];
    for (uint32_t i = 0; i < HALL_LINK_MAX && !link->is_here; i++) {
        index = (index + 1) % HALL_LINK_MAX;
        link = &world->links[index];
    }
    if (draw < 40) {
        link->is_stalled = link->is_here;
    } else if (draw < 65) {
        for (uint32_t i = 0; i < HALL_LINK_MAX; i++) {
            world->links[i].is_stalled = false;
        }
    } else if (draw < 85) {
        wire_drop(world, index);
    } else if (draw < 95) {
        peer_restart(world, world_draw(world, world->peer_count));
    } else {
        wire_reap(world);
    }
}

static void clock_step(struct world *world)
{
    uint32_t draw = world_draw(world, 100);
    if (draw < 70) {
        time_pass(world, 3000);
        return;
    }
    int64_t jump = (int64_t)world_draw(world, 6 * 3600) * 1000;
    world->unix_ms += draw < 85 ? jump : -jump;
    world_say(world, "the clock jumps by %lld s", (long long)(draw < 85 ? jump : -jump) / 1000);
}

static void disk_step(struct world *world)
{
    uint32_t draw = world_draw(world, 100);
    if (draw < 50) {
        world->disk.is_full = true;
        world_say(world, "the disk is full");
        return;
    }
    if (draw < 70) {
        world->disk.sync_fault_count = 1;
    } else if (draw < 90) {
        world->disk.write_fault_count = 1;
    } else {
        world->disk.sync_fault_count = 1 + world_draw(world, 4); /* also at the next starts */
    }
    world_say(world, "the disk will fail");
}

static void power_step(struct world *world)
{
    if (!world->server.is_up) {
        disk_cut(&world->disk); /* while it is down */
        return;
    }
    (void)server_compare(world);
    server_end(world, world_chance(world, 40) ? ENDING_POWER : ENDING_KILL);
}

static void view_step(struct world *world)
{
    uint32_t index = world_draw(world, world->peer_count);
    struct peer *peer = &world->peers[index];
    if (peer->latest == NULL || world_chance(world, 20)) {
        index = peer_draw(world, ROLE_OVERLAY, ROLE_SCREEN);
        peer = &world->peers[index];
    }
    if (world_chance(world, 8)) {
        screen_panic(world, index);
    } else if (peer->link < 0 && peer->role != ROLE_VOTER && peer->role != ROLE_BASE) {
        peer_connect(world, index);
    } else {
        screen_fetch(world, index);
    }
}

static void act_step(struct world *world)
{
    uint32_t draw = world_draw(world, 1000);
    if (draw < 4) {
        desk_flood(world);
    } else if (draw < 250) {
        desk_act(world, peer_draw(world, ROLE_OPERATOR, ROLE_OPERATOR));
    } else {
        desk_act(world, peer_draw(world, ROLE_OFFICER, ROLE_OFFICER));
    }
}

static void server_step(struct world *world, uint32_t draw)
{
    if (!world->server.is_up) {
        if (draw % 3 == 0) {
            (void)server_start(world);
        }
    } else if (draw < 45) {
        uint32_t count = 1 + world_draw(world, 4);
        for (uint32_t i = 0; i < count; i++) {
            (void)wire_deliver_any(world);
        }
    } else if (draw < 65) {
        server_log_step(world);
    } else if (draw < 85) {
        server_drain(world, world_chance(world, 30) ? 1 + world_draw(world, 8) : 4096);
    } else if (draw < 96) {
        server_tick(world);
    } else if (draw < 99) {
        server_sweep(world);
    } else {
        (void)server_compare(world);
    }
}

static enum step_class class_draw(struct world *world)
{
    static const struct {
        uint32_t below;
        enum step_class which;
    } shares[] = {
        { 540, CLASS_SERVER },  { 830, CLASS_VOTES }, { 910, CLASS_ACTS }, { 955, CLASS_VIEWS },
        { 974, CLASS_NETWORK }, { 986, CLASS_CLOCK }, { 991, CLASS_DISK }, { 1000, CLASS_POWER },
    };
    uint32_t draw = world_draw(world, 1000);
    uint32_t at = 0;
    while (draw >= shares[at].below) {
        at++;
    }
    return shares[at].which;
}

static void step_do(struct world *world)
{
    enum step_class which = class_draw(world);
    uint32_t draw = world_draw(world, 100);
    time_pass(world, 60);
    if (world->disk.is_full && world_chance(world, 3)) {
        world->disk.is_full = false;
        world_say(world, "the disk has room");
    }
    if (!has_class(world, which)) {
        return;
    }
    switch (which) {
    case CLASS_VOTES:
        voter_act(world, draw < 30 ? peer_draw(world, ROLE_BASE, ROLE_BASE)
                                   : peer_draw(world, ROLE_VOTER, ROLE_VOTER));
        break;
    case CLASS_ACTS:
        act_step(world);
        break;
    case CLASS_VIEWS:
        view_step(world);
        break;
    case CLASS_NETWORK:
        network_step(world);
        break;
    case CLASS_CLOCK:
        clock_step(world);
        break;
    case CLASS_DISK:
        disk_step(world);
        break;
    case CLASS_POWER:
        power_step(world);
        break;
    default:
        server_step(world, draw);
        break;
    }
    screen_look(world);
}

/* The end. */

static void officer_close(struct world *world)
{
    struct control control = { .kind = CONTROL_CLOSE };
    for (uint32_t i = 0; i < world->peer_count; i++) {
        struct peer *peer = &world->peers[i];
        if (peer->role == ROLE_OFFICER && peer->is_ready && peer->control == 0 &&
            world->book.current != 0) {
            desk_ask(world, i, &control, false);
            return;
        }
    }
}

/* Who has casts without an answer takes the place and sends them again, one program at a time. */
static uint32_t unanswered_send(struct world *world, uint32_t turn)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < world->sent_count; i++) {
        const struct sent *sent = &world->sent[i];
        struct peer *peer = &world->peers[sent->peer];
        bool is_turn = (sent->peer + turn / 4) % 2 == 0;
        if (sent->is_answered) {
            continue;
        }
        bool is_revoked = !sent->is_base && (world->book.revoked >> (peer->seat - 1) & 1) != 0;
        count += !is_revoked;
        if (is_revoked || !is_turn) {
            continue;
        }
        if (peer->is_refused) {
            peer_restart(world, sent->peer);
            voter_credential(world, peer->seat, true, peer->secret);
        }
        if (peer->link < 0) {
            peer_connect(world, sent->peer);
        }
        voter_resend(world, i);
    }
    return count;
}

static void settle_turn(struct world *world, uint32_t turn, uint32_t *unanswered)
{
    world->steady_ms += 300;
    world->unix_ms += 300;
    if (!world->server.is_up && !server_start(world)) {
        return;
    }
    server_sweep(world);
    for (uint32_t i = 0; i < world->peer_count; i++) {
        if (world->peers[i].link < 0 && world->peers[i].role != ROLE_VOTER &&
            world->peers[i].role != ROLE_BASE) {
            peer_connect(world, i);
        }
        screen_fetch(world, i);
    }
    if (turn > 8) {
        officer_close(world);
    }
    *unanswered = unanswered_send(world, turn);
    let_through(world);
    server_tick(world);
    let_through(world);
    screen_look(world);
}

static bool settle(struct world *world)
{
    uint32_t unanswered = 1;
    world->is_settling = true;
    world->disk.sync_fault_count = 0;
    world->disk.write_fault_count = 0;
    world->disk.is_full = false;
    for (uint32_t i = 0; i < HALL_LINK_MAX; i++) {
        world->links[i].is_stalled = false;
    }
    uint32_t turn = 0;
    bool is_quiet = false;
    while (!world->is_violated && turn < SETTLE_TURN_MAX && (!is_quiet || turn < 20)) {
        settle_turn(world, turn++, &unanswered);
        is_quiet = unanswered == 0 && wire_is_quiet(world) && screen_is_quiet(world);
    }
    if (world->is_violated) {
        return false;
    }
    if (!is_quiet) {
        return world_violate(world, "every cast is answered",
                             "%u are not in %u turns, or something is under way still", unanswered,
                             turn);
    }
    return promise_check_all(world) && server_compare(world) && screen_check_newest(world);
}

bool world_run(struct world *world)
{
    prologue(world);
    for (uint32_t step = 1; step <= world->plan->step_count && !world->is_violated; step++) {
        world->step = step;
        prng_init(&world->random, world->plan->seed ^ prng_mix(STREAM_STEP + step));
        if (world->plan->skipped == NULL || !world->plan->skipped[step]) {
            step_do(world);
        }
    }
    world->step = world->plan->step_count + 1;
    prng_init(&world->random, world->plan->seed ^ prng_mix(STREAM_STEP));
    return !world->is_violated && settle(world);
}
