/*
 * Connections: in order within one and in one direction, in any order among them; they stall, are
 * cut with what is under way, and each end hears of it when it likes. The server's side is that of
 * server/net/connection.c: a bounded queue of answers, and the newest view when there is room.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory.h"
#include "tests/sim/world.h"

#define FLIGHT_MAX 3          /* letters that the kernel holds for a peer that does not read */
#define QUEUE_SIZE_MAX 65536u /* as in server/net/connection.c */

static void letters_put(struct letters *letters, const char *text, size_t size)
{
    if (letters->first + letters->count == letters->capacity) {
        letters->capacity = letters->capacity == 0 ? 16 : letters->capacity * 2;
        letters->texts = memory_resize(letters->texts, letters->capacity * sizeof(*letters->texts));
        letters->sizes = memory_resize(letters->sizes, letters->capacity * sizeof(*letters->sizes));
    }
    char *copy = memory_make(1, size + 1);
    memcpy(copy, text, size);
    letters->texts[letters->first + letters->count] = copy;
    letters->sizes[letters->first + letters->count] = (uint32_t)size;
    letters->count++;
}

/* The first one; given. */
static char *letters_take(struct letters *letters, uint32_t *size)
{
    char *text = letters->texts[letters->first];
    *size = letters->sizes[letters->first];
    letters->count--;
    letters->first = letters->count == 0 ? 0 : letters->first + 1;
    return text;
}

static void letters_clear(struct letters *letters)
{
    uint32_t size;
    while (letters->count > 0) {
        free(letters_take(letters, &size));
    }
}

static void letters_finish(struct letters *letters)
{
    letters_clear(letters);
    free(letters->texts);
    free(letters->sizes);
    memset(letters, 0, sizeof(*letters));
}

static bool is_view(const char *text, size_t size)
{
    static const char head[] = "{\"t\":\"view\"";
    return size >= sizeof(head) - 1 && memcmp(text, head, sizeof(head) - 1) == 0;
}

static struct link *link_of(struct world *world, uint32_t conn)
{
    int32_t link = world->server.conn_links[conn];
    return link < 0 ? NULL : &world->links[link];
}

static bool can_write_now(const struct link *link)
{
    return link->queue.count == 0 && link->flight.count < FLIGHT_MAX;
}

static void wire_send(void *ctx, uint32_t conn, const char *text, size_t size)
{
    struct world *world = ctx;
    struct link *link = link_of(world, conn);
    if (link == NULL || link->is_ending || link->is_killed) {
        return;
    }
    promise_look(world, link->peer, text, size);
    if (can_write_now(link)) {
        letters_put(&link->flight, text, size);
        return;
    }
    if (link->queued_size > 0 && link->queued_size + size > QUEUE_SIZE_MAX) {
        link->is_killed = true;
        return;
    }
    letters_put(&link->queue, text, size);
    link->queued_size += (uint32_t)size;
    link->queued_views += is_view(text, size);
    if (link->queued_views > 1) {
        world_violate(world, "a slow peer holds one view, never a queue",
                      "%u views wait for one connection", link->queued_views);
    }
}

static void wire_hang_up(void *ctx, uint32_t conn, uint16_t code, const char *reason)
{
    struct world *world = ctx;
    struct link *link = link_of(world, conn);
    (void)code;
    (void)reason;
    if (link != NULL) {
        link->is_ending = true;
    }
}

static void view_write(struct world *world, struct link *link)
{
    link->view_waits = false;
    struct blob *blob = sessions_view(world->server.sessions, link->conn);
    if (blob != NULL) {
        letters_put(&link->flight, blob->data, blob->size);
    }
}

static void wire_view_ready(void *ctx, uint32_t conn)
{
    struct world *world = ctx;
    struct link *link = link_of(world, conn);
    if (link == NULL || link->is_ending || link->is_killed) {
        return;
    }
    if (can_write_now(link)) {
        view_write(world, link);
    } else {
        link->view_waits = true;
    }
}

const struct wire *wire_of_server(struct world *world)
{
    static struct wire wire = { wire_send, wire_hang_up, wire_view_ready, NULL };
    wire.ctx = world;
    return &wire;
}

/* The peer took a letter: there is room for the next. */
static void writeable(struct world *world, struct link *link)
{
    uint32_t size;
    if (!link->is_there || link->is_killed) {
        return;
    }
    if (link->queue.count > 0) {
        char *text = letters_take(&link->queue, &size);
        link->queued_size -= size;
        link->queued_views -= is_view(text, size);
        letters_put(&link->flight, text, size);
        free(text);
    } else if (link->view_waits && !link->is_ending && world->server.is_up) {
        view_write(world, link);
    }
}

/* Ends. */

static void there_closed(struct world *world, struct link *link)
{
    if (!link->is_there) {
        return;
    }
    link->is_there = false;
    letters_clear(&link->queue);
    letters_clear(&link->up);
    link->queued_size = 0;
    link->queued_views = 0;
    if (world->server.is_up) {
        sessions_closed(world->server.sessions, link->conn);
        world->server.conn_links[link->conn] = -1;
    }
}

void wire_reap(struct world *world)
{
    for (uint32_t i = 0; i < HALL_LINK_MAX; i++) {
        struct link *link = &world->links[i];
        bool is_over = link->is_killed || (link->is_ending && link->queue.count == 0) ||
                       (!link->is_here && link->up.count == 0);
        if (link->is_there && is_over) {
            there_closed(world, link);
        }
    }
}

void wire_server_gone(struct world *world)
{
    for (uint32_t i = 0; i < HALL_LINK_MAX; i++) {
        struct link *link = &world->links[i];
        link->is_there = false;
        letters_clear(&link->queue);
        letters_clear(&link->up);
        link->queued_size = 0;
        link->queued_views = 0;
        world->server.conn_links[i] = -1;
    }
}

void wire_drop(struct world *world, int32_t index)
{
    struct link *link = &world->links[index];
    if (!link->is_here) {
        return;
    }
    link->is_here = false;
    letters_clear(&link->flight);
    if (world_chance(world, 50)) {
        letters_clear(&link->up); /* what was under way is lost, or still arrives */
    }
    peer_lost(world, link->peer);
}

void wire_release(struct world *world)
{
    for (uint32_t i = 0; i < HALL_LINK_MAX; i++) {
        letters_finish(&world->links[i].up);
        letters_finish(&world->links[i].flight);
        letters_finish(&world->links[i].queue);
    }
}

/* Beginnings. */

static int32_t link_free(const struct world *world)
{
    for (int32_t i = 0; i < HALL_LINK_MAX; i++) {
        if (!world->links[i].is_here && !world->links[i].is_there) {
            return i;
        }
    }
    return -1;
}

int32_t wire_connect(struct world *world, uint32_t peer)
{
    struct server *server = &world->server;
    bool is_desk = world->peers[peer].role > ROLE_BASE;
    int32_t index = link_free(world);
    uint32_t conn = 0;
    while (conn < HALL_LINK_MAX && server->conn_links[conn] >= 0) {
        conn++;
    }
    if (!server->is_up || server->ending != ENDING_NONE || index < 0 || conn == HALL_LINK_MAX) {
        return -1;
    }
    struct link *link = &world->links[index];
    letters_finish(&link->up);
    letters_finish(&link->flight);
    letters_finish(&link->queue);
    *link = (struct link){ .is_here = true, .is_there = true, .conn = conn, .peer = peer };
    server->conn_links[conn] = index;
    sessions_opened(server->sessions, conn, is_desk, world->steady_ms);
    return index;
}

void wire_say(struct world *world, uint32_t peer, const char *text, size_t size)
{
    int32_t link = world->peers[peer].link;
    if (link >= 0 && world->links[link].is_there) {
        letters_put(&world->links[link].up, text, size);
    }
}

/* Delivering. */

static bool deliver_up(struct world *world, struct link *link)
{
    uint32_t size;
    if (!world->server.is_up || !link->is_there || link->is_killed || link->up.count == 0) {
        return false;
    }
    char *text = letters_take(&link->up, &size);
    struct moment now = { .unix_ms = world->unix_ms, .steady_ms = world->steady_ms };
    if (!link->is_ending) {
        sessions_message(world->server.sessions, link->conn, text, size, now);
    }
    free(text);
    return true;
}

static bool deliver_down(struct world *world, struct link *link)
{
    uint32_t size;
    if (!link->is_here || link->is_stalled) {
        return false;
    }
    if (link->flight.count > 0) {
        char *text = letters_take(&link->flight, &size);
        uint32_t peer = link->peer;
        writeable(world, link);
        peer_hear(world, peer, text, size);
        free(text);
        return true;
    }
    if (!link->is_there) { /* the end of the stream */
        link->is_here = false;
        peer_lost(world, link->peer);
        return true;
    }
    return false;
}

bool wire_deliver(struct world *world, int32_t index, bool is_up)
{
    struct link *link = &world->links[index];
    return is_up ? deliver_up(world, link) : deliver_down(world, link);
}

bool wire_deliver_any(struct world *world)
{
    uint32_t first = world_draw(world, HALL_LINK_MAX * 2);
    for (uint32_t i = 0; i < HALL_LINK_MAX * 2; i++) {
        uint32_t at = (first + i) % (HALL_LINK_MAX * 2);
        if (wire_deliver(world, (int32_t)(at / 2), at % 2 == 0)) {
            return true;
        }
    }
    return false;
}

bool wire_is_quiet(const struct world *world)
{
    for (uint32_t i = 0; i < HALL_LINK_MAX; i++) {
        const struct link *link = &world->links[i];
        bool is_up = link->up.count > 0 || link->queue.count > 0 || link->view_waits;
        if ((link->is_there && is_up) || (link->is_here && link->flight.count > 0)) {
            return false;
        }
    }
    return true;
}
