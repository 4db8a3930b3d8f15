/*
 * Views and pictures: epochs rise with each view that is published, also over restarts; a peer
 * never hears an older one after a newer one; a picture shows what was published, and never falls
 * back.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory.h"
#include "tests/sim/world.h"

#define MS INT64_C(1000000)

uint64_t screen_hash(const char *text, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static const struct published *published_find(const struct world *world, enum audience audience,
                                              uint64_t epoch)
{
    const struct publications *publications = &world->publications[audience];
    for (uint32_t i = publications->count; i-- > 0;) {
        if (publications->items[i].epoch == epoch) {
            return &publications->items[i];
        }
    }
    return NULL;
}

static void published_add(struct world *world, enum audience audience, uint64_t epoch,
                          uint64_t hash)
{
    struct publications *publications = &world->publications[audience];
    if (publications->count > 0 && publications->items[publications->count - 1].epoch >= epoch) {
        world_violate(world, "epochs rise", "%s: epoch %" PRIu64 " is published after %" PRIu64,
                      audience_name(audience), epoch,
                      publications->items[publications->count - 1].epoch);
    }
    if (epoch > world->book.epochs_reserved) {
        world_violate(world, "epochs are reserved in the log",
                      "%s: epoch %" PRIu64 " is published, %" PRIu64 " are reserved",
                      audience_name(audience), epoch, world->book.epochs_reserved);
    }
    if (publications->count == publications->capacity) {
        publications->capacity = publications->capacity == 0 ? 64 : publications->capacity * 2;
        publications->items = memory_resize(publications->items,
                                            publications->capacity * sizeof(*publications->items));
    }
    publications->items[publications->count++] = (struct published){ epoch, hash };
}

/* The view as whoever reads it has it, against the book. */
static void content_check(struct world *world, const struct blob *blob)
{
    struct message *message = &world->looked;
    char why[BOOK_WHY_SIZE];
    bool has_id;
    uint64_t id;
    if (message_decode(blob->data, blob->size, message, &has_id, &id, NULL) != STATUS_OK) {
        world_violate(world, "the server speaks the protocol", "no view: %.200s", blob->data);
    } else if (!book_check_view(&world->book, &message->view, why)) {
        world_violate(world, "a view is what the log says", "%s", why);
    }
}

void screen_published(struct world *world, uint32_t audiences)
{
    for (int audience = AUDIENCE_PUBLIC; audience < AUDIENCE_COUNT; audience++) {
        if ((audiences >> audience & 1) == 0) {
            continue;
        }
        const struct blob *blob = publisher_view(world->server.publisher, (enum audience)audience);
        uint64_t epoch = publisher_epoch(world->server.publisher, (enum audience)audience);
        uint64_t hash = screen_hash(blob->data, blob->size);
        const struct published *known = published_find(world, (enum audience)audience, epoch);
        if (known != NULL && known->hash == hash) {
            continue; /* a document has brought it before */
        }
        published_add(world, (enum audience)audience, epoch, hash);
        bool is_looked_at = audience == AUDIENCE_PUBLIC || audience == AUDIENCE_SCRUTINEER;
        if (world->server.is_level && is_looked_at) {
            content_check(world, blob);
        }
    }
    world_say(world, "views are published up to epoch %" PRIu64,
              publisher_epoch(world->server.publisher, AUDIENCE_PUBLIC));
}

static void picture_check(struct world *world, uint32_t index);

void screen_heard(struct world *world, uint32_t index, const struct view *view, const char *text,
                  size_t size)
{
    struct peer *peer = &world->peers[index];
    const struct published *published = published_find(world, peer->audience, view->epoch);
    char name[48];
    (void)peer_name(world, index, name);
    world_say(world, "%s hears view %" PRIu64, name, view->epoch);
    if (published == NULL || published->hash != screen_hash(text, size)) {
        world_violate(world, "what is heard was published", "%s hears view %" PRIu64, name,
                      view->epoch);
    }
    if (view->epoch <= peer->epoch || view->epoch < peer->epoch_before) {
        world_violate(world, "the latest view wins", "%s hears view %" PRIu64 " after %" PRIu64,
                      name, view->epoch, peer->epoch > 0 ? peer->epoch : peer->epoch_before);
    }
    peer->epoch = view->epoch;
    if (peer->latest != NULL) {
        enum latest_outcome outcome = latest_put_view(peer->latest, view, world->steady_ms * MS);
        if (outcome == LATEST_UNSOUND) {
            world_violate(world, "sums agree", "%s drops view %" PRIu64, name, view->epoch);
        }
        picture_check(world, index);
    }
}

/* The picture. */

static void picture_check(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    struct scene_data data = { 0 };
    char name[48];
    latest_settle(peer->latest, world->steady_ms * MS);
    latest_data(peer->latest, &data);
    if (data.view == NULL || data.view->epoch == peer->shown) {
        return;
    }
    (void)peer_name(world, index, name);
    peer->shown = data.view->epoch;
    world_say(world, "%s shows view %" PRIu64, name, peer->shown);
    const struct published *published = published_find(world, peer->audience, peer->shown);
    size_t size = view_encode(data.view, world->text, sizeof(world->text));
    if (published == NULL || size == 0 || published->hash != screen_hash(world->text, size)) {
        world_violate(world, "what is shown was published", "%s shows view %" PRIu64, name,
                      peer->shown);
    }
    if (peer->shown < peer->shown_max) {
        world_violate(world, "a picture never falls back",
                      "%s shows view %" PRIu64 " after %" PRIu64, name, peer->shown,
                      peer->shown_max);
    }
    peer->shown_max = peer->shown > peer->shown_max ? peer->shown : peer->shown_max;
}

/* The air: what a panic hides stays hidden until something was taken after it. */
static void curtain_look(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    const struct programme *programme = latest_programme(peer->latest);
    if (programme != NULL) { /* a painter that starts anew shows nothing before it hears one */
        peer->takes = programme_takes(programme, BUS_PROGRAMME);
    }
    uint64_t takes = peer->takes;
    char name[48];
    if (peer->wants_panic) {
        peer->has_panicked = true;
        peer->panic_takes = takes;
        world_say(world, "%s is hidden by a panic", peer_name(world, index, name));
    }
    curtain_tick(&peer->curtain, peer->wants_panic, 1, takes); /* one hall, one log */
    peer->wants_panic = false;
    if (peer->has_panicked && !peer->curtain.is_drawn && takes <= peer->panic_takes) {
        world_violate(world, "a panic hides until the next take",
                      "%s shows take %" PRIu64 ", the panic was at %" PRIu64,
                      peer_name(world, index, name), takes, peer->panic_takes);
    }
}

void screen_panic(struct world *world, uint32_t index)
{
    world->peers[index].wants_panic = world->peers[index].latest != NULL;
}

/* It is the fold of the log's takes and clears, of durable ones: it never falls back. */
void screen_programme(struct world *world, uint32_t index, const struct programme *programme)
{
    struct peer *peer = &world->peers[index];
    char name[48];
    if (programme->sequence < peer->programme ||
        programme->sequence > world->book.programme_sequence) {
        world_violate(world, "the programme is the log's",
                      "%s hears sequence %" PRIu64 " after %" PRIu64 ", the log has %" PRIu64,
                      peer_name(world, index, name), programme->sequence, peer->programme,
                      world->book.programme_sequence);
    }
    peer->programme = programme->sequence;
    if (peer->latest != NULL) {
        latest_put_programme(peer->latest, programme);
    }
}

/* A document may bring a view of its own, before the tick that tells of it. */
static void early_look(struct world *world, enum audience audience)
{
    const struct publications *publications = &world->publications[audience];
    uint64_t epoch = publisher_epoch(world->server.publisher, audience);
    if (epoch != 0 &&
        (publications->count == 0 || publications->items[publications->count - 1].epoch != epoch)) {
        screen_published(world, 1u << audience);
    }
}

static void document_answer(struct world *world, struct peer *peer)
{
    if (!world->server.is_up) {
        peer->fetch = FETCH_NONE;
        return;
    }
    const struct blob *blob =
        publisher_document(world->server.publisher, peer->audience, world->unix_ms);
    early_look(world, peer->audience);
    peer->fetch = blob == NULL ? FETCH_NONE : FETCH_ANSWERED;
    free(peer->document);
    peer->document = NULL;
    if (blob != NULL) {
        peer->document = memory_make(1, blob->size + 1);
        peer->document_size = (uint32_t)blob->size;
        memcpy(peer->document, blob->data, blob->size);
    }
}

static void document_arrive(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    struct fault fault = { 0 };
    struct document *document = memory_make(1, sizeof(*document));
    peer->fetch = FETCH_NONE;
    if (document_decode(peer->document, peer->document_size, document, &fault) != STATUS_OK) {
        world_violate(world, "the server speaks the protocol", "document: %s: %s", fault.where,
                      fault.text);
        free(document);
        return;
    }
    uint64_t dropped = latest_dropped_total(peer->latest);
    (void)latest_put_document(peer->latest, document, world->steady_ms * MS);
    if (latest_dropped_total(peer->latest) != dropped) {
        world_violate(world, "sums agree", "figures of the document of view %" PRIu64 " drop out",
                      document->view.epoch);
    }
    document_finish(document);
    free(document);
    picture_check(world, index);
}

/* One step of a fetch: it is asked for, answered, and heard, late perhaps. */
void screen_fetch(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    if (peer->latest == NULL) {
        return;
    }
    switch (peer->fetch) {
    case FETCH_ASKED:
        document_answer(world, peer);
        break;
    case FETCH_ANSWERED:
        document_arrive(world, index);
        break;
    default:
        if (peer->is_ready && latest_is_missing(peer->latest)) {
            peer->fetch = FETCH_ASKED;
        }
        break;
    }
}

void screen_look(struct world *world)
{
    for (uint32_t i = 0; i < world->peer_count; i++) {
        if (world->peers[i].latest != NULL) {
            picture_check(world, i);
            curtain_look(world, i);
        }
    }
}

bool screen_is_quiet(const struct world *world)
{
    bool is_quiet = true;
    for (uint32_t i = 0; i < world->peer_count; i++) {
        const struct peer *peer = &world->peers[i];
        is_quiet = is_quiet && (peer->latest == NULL ||
                                (peer->fetch == FETCH_NONE && !latest_is_missing(peer->latest)));
    }
    return is_quiet;
}

bool screen_check_newest(struct world *world)
{
    for (uint32_t i = 0; i < world->peer_count; i++) {
        const struct peer *peer = &world->peers[i];
        char name[48];
        uint64_t epoch = publisher_epoch(world->server.publisher, peer->audience);
        if (!peer->is_ready || !role_hears_views(peer->role)) {
            continue;
        }
        if (peer->epoch != epoch || (peer->latest != NULL && peer->shown != epoch)) {
            return world_violate(world, "everybody ends with the newest view",
                                 "%s has %" PRIu64 " and shows %" PRIu64 ", published is %" PRIu64,
                                 peer_name(world, i, name), peer->epoch, peer->shown, epoch);
        }
    }
    return true;
}
