/*
 * The server: the wiring of server/main.c around virtual time, and what its log does step by step.
 * While a batch is written and synced the loop goes on, as it does beside the writer's thread; and
 * there the process may be killed, or the power go.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/world.h"
#include "tests/support/sitting_same.h"

static void acked(void *ctx, struct sender sender, const struct ack *ack)
{
    struct world *world = ctx;
    sessions_acked(world->server.sessions, sender, ack);
}

static void done(void *ctx, struct sender sender, const struct done *what)
{
    struct world *world = ctx;
    sessions_done(world->server.sessions, sender, what);
}

static void refused(void *ctx, struct sender sender, const struct refused *what)
{
    struct world *world = ctx;
    sessions_refused(world->server.sessions, sender, what);
}

static void round_changed(void *ctx)
{
    struct world *world = ctx;
    publisher_touch(world->server.publisher);
    sessions_round_changed(world->server.sessions);
}

static void roll_changed(void *ctx)
{
    struct world *world = ctx;
    sessions_roll_changed(world->server.sessions, world->steady_ms);
}

static void programme_changed(void *ctx)
{
    struct world *world = ctx;
    sessions_programme_changed(world->server.sessions);
}

static void epochs_have(void *ctx, uint64_t upto)
{
    struct world *world = ctx;
    publisher_reserved(world->server.publisher, upto);
}

static bool epochs_want(void *ctx, uint64_t upto)
{
    struct world *world = ctx;
    return room_reserve_epochs(world->server.room, upto, world->unix_ms) == STATUS_OK;
}

static bool written(void *ctx)
{
    return server_moment(ctx);
}

static bool synced(void *ctx)
{
    struct world *world = ctx;
    char why[BOOK_WHY_SIZE];
    world->server.is_level = false;
    world->book.steady_ms = world->steady_ms;
    if (!book_follow(&world->book, &world->disk, why)) {
        return world_violate(world, "the log holds what counts", "%s", why);
    }
    world_say(world, "  batch %llu is durable", (unsigned long long)world->book.batch_count);
    return server_moment(world);
}

/* Starting. */

/* The book is read anew: what was durable is there still. */
static bool book_reopen(struct world *world)
{
    char why[BOOK_WHY_SIZE];
    struct book before = world->book;
    book_init(&world->book, world->event, world->server.custody);
    bool is_good = book_follow(&world->book, &world->disk, why) ||
                   world_violate(world, "the log holds what counts", "%s", why);
    is_good = is_good && (book_continues(&world->book, &before, why) ||
                          world_violate(world, "what is durable stays", "%s", why));
    book_finish(&before);
    return is_good && promise_check_all(world);
}

static enum status house_open(struct world *world, struct fault *fault)
{
    struct server *server = &world->server;
    const struct room_handlers handlers = {
        .acked = acked,
        .done = done,
        .refused = refused,
        .round_changed = round_changed,
        .roll_changed = roll_changed,
        .programme_changed = programme_changed,
        .epochs_reserved = epochs_have,
        .ctx = world,
    };
    enum status status =
        room_create(world->event, server->custody, server->log, &handlers, &server->room, fault);
    if (status == STATUS_OK) {
        status = room_replay(server->room, fault);
    }
    if (status == STATUS_OK) {
        status = room_begin(server->room, world->unix_ms, fault);
    }
    if (status == STATUS_OK) {
        status = publisher_create(room_sitting(server->room), server->identity.log_id, epochs_want,
                                  world, &server->publisher, fault);
    }
    if (status == STATUS_OK) {
        const struct session_options options = { .event = world->event,
                                                 .custody = server->custody,
                                                 .room = server->room,
                                                 .publisher = server->publisher,
                                                 .log_id = server->identity.log_id,
                                                 .wire = *wire_of_server(world),
                                                 .conn_max = HALL_LINK_MAX };
        status = sessions_create(&options, &server->sessions, fault);
    }
    return status;
}

static void house_close(struct server *server)
{
    sessions_destroy(server->sessions);
    publisher_destroy(server->publisher);
    room_destroy(server->room);
    (void)votelog_close(server->log, NULL);
    custody_close(server->custody);
    server->sessions = NULL;
    server->publisher = NULL;
    server->room = NULL;
    server->log = NULL;
    server->custody = NULL;
}

bool server_start(struct world *world)
{
    struct server *server = &world->server;
    struct fault fault = { 0 };
    const struct votelog_options options = { .dir = world->dir,
                                             .wake = disk_log_woke,
                                             .ctx = &world->disk_log };
    world->disk_log.written = written;
    world->disk_log.synced = synced;
    world->disk_log.ctx = world;
    memset(&server->identity, 0, sizeof(server->identity));
    enum status status =
        custody_open(world->dir, world->event, NULL, true, &server->custody, &fault);
    if (status == STATUS_OK) {
        status = votelog_open_stepped(&disk_log_backend, &options, &server->identity, &server->log,
                                      &fault);
    }
    bool is_open = status == STATUS_OK;
    if (is_open && book_reopen(world)) {
        status = house_open(world, &fault);
    }
    if (status == STATUS_OK && !world->is_violated) {
        server->is_up = true;
        server->is_level = true;
        server->is_full = false;
        server->ending = ENDING_NONE;
        world_say(world, "the server starts: %u records, file %u", world->book.record_count,
                  world->disk_log.file + 1);
        return server_compare(world);
    }
    if (is_open && status != STATUS_OK) {
        world_violate(world, "the server takes its own log", "%s", fault.text);
    }
    world_say(world, "the server does not start: %s", fault.text);
    house_close(server);
    return false;
}

void server_end(struct world *world, enum ending ending)
{
    struct server *server = &world->server;
    world_say(world, "%s",
              ending == ENDING_POWER ? "the power goes" : "the server's process is gone");
    server->is_up = false;
    server->ending = ENDING_NONE;
    wire_server_gone(world);
    house_close(server);
    if (ending == ENDING_POWER) {
        disk_cut(&world->disk);
    } else if (world_chance(world, 30) &&
               disk_log_begin(&world->disk, false, &(struct disk_place){ 0 })) {
        disk_evict(&world->disk, world->disk_log.file);
    }
}

/* Running. */

bool server_compare(struct world *world)
{
    char why[BOOK_WHY_SIZE];
    struct fault fault = { 0 };
    struct disk_place place;
    struct disk_batch batch = { 0 };
    struct sitting *fresh = sitting_create(world->event);
    bool is_good = fresh != NULL;
    if (!world->server.is_level || !disk_log_begin(&world->disk, true, &place)) {
        sitting_destroy(fresh);
        return true;
    }
    while (is_good && place.number < world->book.batch_count &&
           disk_log_next(&world->disk, &place, &batch)) {
        struct applied applied;
        for (uint32_t i = 0; is_good && i < batch.mark_count; i++) {
            struct record record = { .batch = batch.number, .mark = &batch.marks[i] };
            is_good = sitting_apply(fresh, &record, &applied, &fault) == STATUS_OK;
        }
        struct record record = { .batch = batch.number, .act = &batch.act };
        is_good = is_good &&
                  (!batch.has_act || sitting_apply(fresh, &record, &applied, &fault) == STATUS_OK);
    }
    if (!is_good) {
        world_violate(world, "the server takes its own log", "%s", fault.text);
    } else if (!sitting_same(room_sitting(world->server.room), fresh, why)) {
        is_good = world_violate(world, "replay is what was live", "%s", why);
    } else if (!book_check(&world->book, room_sitting(world->server.room), true, why)) {
        is_good = world_violate(world, "the state is the fold of the log", "%s", why);
    }
    disk_batch_finish(&batch);
    sitting_destroy(fresh);
    return is_good;
}

static void limits_check(struct world *world)
{
    struct votelog_figures figures;
    votelog_figures(world->server.log, &figures);
    if (figures.mark_waiting > VOTELOG_MARK_WAIT_MAX ||
        room_waiting(world->server.room) > ROOM_PENDING_MAX) {
        world_violate(world, "queues are bounded", "%u marks and %u answers wait",
                      figures.mark_waiting, room_waiting(world->server.room));
    }
}

/* The desk hears that the disk has no room, or has some again. */
static void storage_look(struct world *world)
{
    struct server *server = &world->server;
    struct votelog_figures figures;
    votelog_figures(server->log, &figures);
    if (figures.is_full != server->is_full) {
        server->is_full = figures.is_full;
        world_say(world, "the log's disk %s", server->is_full ? "is full" : "has room again");
        sessions_storage(server->sessions, server->is_full ? STORAGE_FULL : STORAGE_GOOD, "");
    }
}

void server_drain(struct world *world, uint32_t visit_max)
{
    struct server *server = &world->server;
    struct fault fault = { 0 };
    char why[BOOK_WHY_SIZE];
    uint32_t visited = 0;
    if (!server->is_up || server->ending != ENDING_NONE) {
        return;
    }
    enum status status = room_drain(server->room, visit_max, &visited, &fault);
    if (status == STATUS_INVALID) {
        world_violate(world, "the server takes its own log", "%s", fault.text);
        return;
    }
    if (status != STATUS_OK) {
        world_say(world, "the server stops: %s", fault.text);
        sessions_storage(server->sessions, STORAGE_FAILED, fault.text);
        if (server->is_writing) {
            server->ending = ENDING_KILL;
        } else {
            server_end(world, ENDING_KILL);
        }
        return;
    }
    if (visited > 0) {
        world_say(world, "%u records are drained", visited);
    }
    storage_look(world);
    if (room_take_dirty(server->room)) {
        publisher_touch(server->publisher);
    }
    server->is_level = server->is_level || (visited < visit_max && !server->is_writing);
    if (server->is_level && !book_check(&world->book, room_sitting(server->room), false, why)) {
        world_violate(world, "the state is the fold of the log", "%s", why);
    }
    limits_check(world);
}

void server_tick(struct world *world)
{
    struct server *server = &world->server;
    if (!server->is_up || server->ending != ENDING_NONE) {
        return;
    }
    room_tick(server->room, (struct moment){ world->unix_ms, world->steady_ms });
    uint32_t audiences = publisher_tick(server->publisher, world->unix_ms);
    if (audiences != 0) {
        screen_published(world, audiences);
        sessions_published(server->sessions, audiences);
    }
}

void server_sweep(struct world *world)
{
    if (world->server.is_up && world->server.ending == ENDING_NONE) {
        sessions_sweep(world->server.sessions, world->steady_ms);
        wire_reap(world);
    }
}

/* The loop and the hall beside the writer. */
static void beside(struct world *world)
{
    uint32_t draw = world_draw(world, 100);
    if (draw < 45) {
        (void)wire_deliver_any(world);
    } else if (draw < 70) {
        server_drain(world, 1 + world_draw(world, 64));
    } else if (draw < 80) {
        server_tick(world);
    } else if ((world->plan->classes >> CLASS_VOTES & 1) != 0) {
        voter_act(world, world_draw(world, 13));
    }
}

bool server_moment(struct world *world)
{
    struct server *server = &world->server;
    if (world->is_violated || world->is_settling) {
        return !world->is_violated;
    }
    uint32_t count = world_chance(world, 40) ? 1 + world_draw(world, 4) : 0;
    for (uint32_t i = 0; i < count && server->ending == ENDING_NONE; i++) {
        beside(world);
    }
    bool has_power = (world->plan->classes >> CLASS_POWER & 1) != 0;
    uint32_t draw = world_draw(world, 100);
    if (has_power && draw < 2 && server->ending == ENDING_NONE) {
        server->ending = draw < 1 ? ENDING_POWER : ENDING_KILL;
    }
    return server->ending == ENDING_NONE && !world->is_violated;
}

void server_log_step(struct world *world)
{
    struct server *server = &world->server;
    if (!server->is_up) {
        return;
    }
    server->is_writing = true;
    (void)votelog_step(server->log);
    server->is_writing = false;
    if (server->ending != ENDING_NONE) {
        server_end(world, server->ending);
    }
}
