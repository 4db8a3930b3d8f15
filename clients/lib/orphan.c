#include "clients/lib/client_impl.h"

#include <stdlib.h>

/*
 * libwebsockets 4.1 closes the socket of a connection that could not be made, and forgets the
 * libuv handle that watched it (client-handshake.c, try_next_result_fds; later versions do not).
 * It would stay in the loop for ever, 10,000 of them after every stop of a server. While the wsi
 * lives libwebsockets still stops the handle; so it is marked first and closed afterwards. It was
 * lws_malloc'ed, which is realloc().
 */
#define HAS_ORPHANS (LWS_LIBRARY_VERSION_NUMBER < 4002000)

struct orphan_search {
    const void *data;
    void *mark; /* put in its place; NULL: close it */
    uint32_t count;
};

static void orphan_free(uv_handle_t *handle)
{
    free(handle);
}

static void orphan_visit(uv_handle_t *handle, void *ctx)
{
    struct orphan_search *search = ctx;
    if (handle->type != UV_POLL || handle->data != search->data || uv_is_active(handle) ||
        uv_is_closing(handle)) {
        return;
    }
    search->count++;
    handle->data = search->mark;
    if (search->mark == NULL) {
        uv_close(handle, orphan_free);
    }
}

void orphan_mark(struct client_loop *loop, struct lws *wsi)
{
    struct orphan_search search = { .data = wsi, .mark = &loop->orphan_count };
    if (HAS_ORPHANS && lws_get_socket_fd(wsi) == LWS_SOCK_INVALID) {
        uv_walk(&loop->uv, orphan_visit, &search);
        loop->orphan_count += search.count;
    }
}

/* Closes the handles with this data, which nobody knows any more. */
static void orphan_close(struct client_loop *loop, const void *data)
{
    struct orphan_search search = { .data = data };
    if (HAS_ORPHANS) {
        uv_walk(&loop->uv, orphan_visit, &search);
    }
}

void orphan_sweep(struct client_loop *loop)
{
    if (loop->orphan_count > 0) {
        orphan_close(loop, &loop->orphan_count);
        loop->orphan_count = 0;
    }
}

struct lws *orphan_connect(struct client_loop *loop, struct lws_client_connect_info *info)
{
    loop->bound_wsi = NULL;
    struct lws *wsi = lws_client_connect_via_info(info);
    if (wsi == NULL && loop->bound_wsi != NULL) {
        orphan_close(loop, loop->bound_wsi); /* the wsi is freed by now */
    }
    loop->bound_wsi = NULL;
    return wsi;
}
