#include "clients/lib/client_impl.h"

#include <stdlib.h>
#include <string.h>

#define FETCH_TIMEOUT_MS 10000
#define FETCH_PATH_MAX 512

static bool path_is_valid(const char *path)
{
    size_t size = strlen(path);
    if (path[0] != '/' || size > FETCH_PATH_MAX) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (path[i] <= ' ' || path[i] > '~') {
            return false;
        }
    }
    return true;
}

enum status client_fetch(struct client *client, const char *path, client_fetched_fn fetched,
                         void *ctx)
{
    if (client->fetch != NULL) {
        return STATUS_BUSY;
    }
    if (!path_is_valid(path)) {
        return STATUS_INVALID;
    }
    size_t size = strlen(path) + 1;
    struct fetch *fetch = calloc(1, sizeof(*fetch) + size);
    if (fetch == NULL) {
        return STATUS_NOMEM;
    }
    memcpy(fetch->path, path, size);
    fetch->fetched = fetched;
    fetch->ctx = ctx;
    fetch->deadline_ms = loop_now_ms(client->loop) + FETCH_TIMEOUT_MS;
    client->fetch = fetch;
    client_schedule(client);
    return STATUS_OK;
}

void fetch_on_body(struct client *client, const char *bytes, size_t size)
{
    struct fetch *fetch = client->fetch;
    if (size > DOCUMENT_SIZE_MAX - fetch->body_size) {
        fetch->is_too_big = true;
        return;
    }
    if (fetch->body_size + size > fetch->body_capacity) {
        size_t capacity = (fetch->body_size + size) * 2;
        char *grown = realloc(fetch->body, capacity);
        if (grown == NULL) {
            fetch->is_too_big = true;
            return;
        }
        fetch->body = grown;
        fetch->body_capacity = capacity;
    }
    memcpy(fetch->body + fetch->body_size, bytes, size);
    fetch->body_size += size;
}

static void fetch_free(struct fetch *fetch)
{
    free(fetch->body);
    free(fetch);
}

void fetch_on_end(struct client *client, bool is_whole)
{
    struct fetch *fetch = client->fetch;
    bool has_body = is_whole && fetch->http_status == 200;
    client->fetch = NULL;
    fetch->fetched(fetch->ctx, is_whole ? fetch->http_status : 0, has_body ? fetch->body : NULL,
                   has_body ? fetch->body_size : 0);
    fetch_free(fetch);
}

void fetch_due(struct client *client, uint64_t now_ms)
{
    struct fetch *fetch = client->fetch;
    if (now_ms >= fetch->deadline_ms) {
        if (fetch->wsi != NULL) {
            link_kill(client->loop, fetch->wsi);
            fetch->wsi = NULL;
        }
        fetch_on_end(client, false);
    } else if (!fetch->is_started && endpoint_ask(client->endpoint, now_ms)) {
        fetch_connect(client);
    }
}

void fetch_drop(struct client *client)
{
    struct fetch *fetch = client->fetch;
    if (fetch == NULL) {
        return;
    }
    if (fetch->wsi != NULL) {
        link_kill(client->loop, fetch->wsi);
    }
    client->fetch = NULL;
    fetch_free(fetch);
}
