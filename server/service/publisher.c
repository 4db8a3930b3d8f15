#include "server/service/publisher.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/disclosure.h"
#include "server/protocol/message.h"

#define EPOCH_BLOCK 4096u /* epochs a reservation: about three minutes at 25 views a second */
#define EPOCH_LOW 1024u   /* reserve the next block when this few are left */
#define VIEW_SIZE_MAX                                                                              \
    32768u /* a view message: LIVE_VIEW_SIZE_MAX for up to 100 refs, and an election's names       \
            */

struct channel {
    uint64_t epoch;
    uint64_t count_total; /* sitting_count_total() when it was published */
    struct view view;
    struct blob *message;
    struct blob *document;
};

struct publisher {
    const struct sitting *sitting;
    const char *log_id;
    publisher_reserve_fn reserve;
    void *ctx;
    uint64_t texts;
    uint64_t reserved;  /* highest epoch that may be sent */
    uint64_t requested; /* highest asked for */
    bool is_touched;
    uint32_t early; /* bits of audiences with a view that no tick has told of */
    struct view draft;
    struct channel channels[AUDIENCE_COUNT];
};

struct blob *blob_create(const char *data, size_t size)
{
    struct blob *blob = malloc(sizeof(*blob) + BLOB_HEADROOM + size + 1);
    if (blob == NULL) {
        return NULL;
    }
    blob->refs = 1;
    blob->size = size;
    blob->data = (char *)(blob + 1) + BLOB_HEADROOM;
    memcpy(blob->data, data, size);
    blob->data[size] = '\0';
    return blob;
}

struct blob *blob_ref(struct blob *blob)
{
    blob->refs++;
    return blob;
}

void blob_unref(struct blob *blob)
{
    if (blob != NULL && --blob->refs == 0) {
        free(blob);
    }
}

enum status publisher_create(const struct sitting *sitting, const char *log_id,
                             publisher_reserve_fn reserve, void *ctx, struct publisher **out,
                             struct fault *fault)
{
    struct publisher *publisher = calloc(1, sizeof(*publisher));
    *out = publisher;
    if (publisher == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the views");
    }
    publisher->sitting = sitting;
    publisher->log_id = log_id;
    publisher->reserve = reserve;
    publisher->ctx = ctx;
    publisher->texts = texts_hash(sitting_event(sitting));
    /* Anything up to the last reservation may have been sent before a crash. */
    publisher->reserved = sitting_epochs_reserved(sitting);
    publisher->requested = publisher->reserved;
    for (int audience = 0; audience < AUDIENCE_COUNT; audience++) {
        publisher->channels[audience].epoch = publisher->reserved;
    }
    publisher->is_touched = true;
    return STATUS_OK;
}

void publisher_destroy(struct publisher *publisher)
{
    if (publisher == NULL) {
        return;
    }
    for (int audience = 0; audience < AUDIENCE_COUNT; audience++) {
        blob_unref(publisher->channels[audience].message);
        blob_unref(publisher->channels[audience].document);
    }
    free(publisher);
}

void publisher_reserved(struct publisher *publisher, uint64_t upto)
{
    if (upto > publisher->reserved) {
        publisher->reserved = upto;
    }
    publisher->requested = publisher->reserved;
}

void publisher_touch(struct publisher *publisher)
{
    publisher->is_touched = true;
}

static void epochs_ensure(struct publisher *publisher)
{
    uint64_t highest = 0;
    for (int audience = 0; audience < AUDIENCE_COUNT; audience++) {
        if (publisher->channels[audience].epoch > highest) {
            highest = publisher->channels[audience].epoch;
        }
    }
    if (highest + EPOCH_LOW > publisher->requested) {
        uint64_t upto = highest + EPOCH_BLOCK;
        if (publisher->reserve(publisher->ctx, upto)) {
            publisher->requested = upto;
        }
    }
}

static bool channel_publish(struct publisher *publisher, enum audience audience, int64_t now_ms)
{
    struct channel *channel = &publisher->channels[audience];
    struct view *draft = &publisher->draft;
    disclosure_view(publisher->sitting, audience, draft);
    memcpy(draft->log_id, publisher->log_id, sizeof(draft->log_id));
    draft->texts = publisher->texts;
    draft->epoch = channel->view.epoch;
    draft->at_ms = channel->view.at_ms;
    /* The view names the open contest's rounds alone; the document holds every contest's. */
    bool is_counted_anew = channel->count_total != sitting_count_total(publisher->sitting);
    if (channel->message != NULL && !is_counted_anew &&
        /* Padding is zeroed with the rest; if it were not, the same view would go out again.
         * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
        memcmp(draft, &channel->view, sizeof(*draft)) == 0) {
        return false;
    }
    draft->epoch = channel->epoch + 1;
    draft->at_ms = now_ms;
    char text[VIEW_SIZE_MAX];
    size_t size = view_encode(draft, text, sizeof(text));
    struct blob *message = size > 0 ? blob_create(text, size) : NULL;
    if (message == NULL) {
        publisher->is_touched = true;
        return false;
    }
    channel->epoch++;
    channel->count_total = sitting_count_total(publisher->sitting);
    channel->view = *draft;
    blob_unref(channel->message);
    channel->message = message;
    blob_unref(channel->document);
    channel->document = NULL;
    return true;
}

uint32_t publisher_tick(struct publisher *publisher, int64_t now_ms)
{
    uint32_t changed = publisher->early;
    publisher->early = 0;
    epochs_ensure(publisher);
    if (!publisher->is_touched) {
        return changed;
    }
    publisher->is_touched = false;
    for (int audience = AUDIENCE_PUBLIC; audience < AUDIENCE_COUNT; audience++) {
        if (publisher->channels[audience].epoch >= publisher->reserved) {
            publisher->is_touched = true;
            continue;
        }
        if (channel_publish(publisher, (enum audience)audience, now_ms)) {
            changed |= 1u << audience;
        }
    }
    return changed;
}

struct blob *publisher_view(const struct publisher *publisher, enum audience audience)
{
    return publisher->channels[audience].message;
}

uint64_t publisher_epoch(const struct publisher *publisher, enum audience audience)
{
    const struct channel *channel = &publisher->channels[audience];
    return channel->message == NULL ? 0 : channel->epoch;
}

/* The document holds the rounds that are over as they are now: so must the view it goes with. */
static bool channel_follow(struct publisher *publisher, enum audience audience, int64_t now_ms)
{
    const struct channel *channel = &publisher->channels[audience];
    if (channel->count_total == sitting_count_total(publisher->sitting)) {
        return true;
    }
    if (channel->epoch >= publisher->reserved || !channel_publish(publisher, audience, now_ms)) {
        return false;
    }
    publisher->early |= 1u << audience;
    return true;
}

struct blob *publisher_document(struct publisher *publisher, enum audience audience, int64_t now_ms)
{
    struct channel *channel = &publisher->channels[audience];
    if (channel->message == NULL || channel->document != NULL) {
        return channel->document;
    }
    if (!channel_follow(publisher, audience, now_ms)) {
        return NULL;
    }
    struct document document = { 0 };
    document.view = channel->view;
    document.texts = (struct event *)sitting_event(publisher->sitting); /* borrowed, not freed */
    document.closed_count = disclosure_closed(publisher->sitting, audience, NULL, 0);
    document.closed = calloc(document.closed_count + 1u, sizeof(*document.closed));
    if (document.closed == NULL) {
        return NULL;
    }
    (void)disclosure_closed(publisher->sitting, audience, document.closed, document.closed_count);
    char *text = NULL;
    size_t size = 0;
    if (document_encode(&document, &text, &size, NULL) == STATUS_OK) {
        channel->document = blob_create(text, size);
    }
    free(text);
    free(document.closed);
    return channel->document;
}
