#include "clients/lib/client_impl.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t loop_now_ms(const struct client_loop *loop)
{
    return uv_now(&loop->uv);
}

static void wheel_node_due(void *ctx, struct wheel_node *node)
{
    (void)ctx;
    client_due((struct client *)node); /* `due` is a client's first member */
}

static void on_wheel_timer(uv_timer_t *timer)
{
    struct client_loop *loop = timer->data;
    orphan_sweep(loop);
    wheel_advance(&loop->wheel, uv_now(&loop->uv), wheel_node_due, loop);
    if (loop->is_poke_wanted) {
        /* Its timers set from outside its own callbacks stand still until the next event. */
        loop->is_poke_wanted = false;
        lws_cancel_service(loop->context);
    }
}

static void on_tick_timer(uv_timer_t *timer)
{
    struct client_loop *loop = timer->data;
    loop->tick(loop->tick_ctx);
}

static void on_until_timer(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void on_wake(uv_async_t *async)
{
    struct client_loop *loop = async->data;
    if (loop->wake != NULL) {
        loop->wake(loop->wake_ctx);
    }
}

/* Whether the file can be read and holds a certificate: libwebsockets would only log it. */
static enum status ca_file_check(const char *path, struct fault *fault)
{
    static const char mark[] = "-----BEGIN CERTIFICATE-----";
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return fault_set(fault, STATUS_INVALID, "", "cannot open '%s': %s", path, strerror(errno));
    }
    char line[256];
    bool is_found = false;
    for (uint32_t count = 0; !is_found && count < 1u << 20; count++) {
        if (fgets(line, sizeof(line), file) == NULL) {
            break;
        }
        is_found = strncmp(line, mark, sizeof(mark) - 1) == 0;
    }
    fclose(file);
    if (!is_found) {
        return fault_set(fault, STATUS_INVALID, "", "no certificate in '%s': it must be PEM", path);
    }
    return STATUS_OK;
}

static struct lws_context *context_create(struct client_loop *loop)
{
    /* The library pings by itself (LINK_PING_MS): a timer of libwebsockets for each connection
       costs a walk of its sorted list, 10,000 long, at every change. */
    static const lws_retry_bo_t never = { .secs_since_valid_ping = 0 };
    void *foreign_loops[1] = { &loop->uv };
    struct lws_context_creation_info info;
    memset(&info, 0, sizeof(info));
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = link_protocols;
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.foreign_loops = foreign_loops;
    info.gid = -1;
    info.uid = -1;
    info.user = loop;
    info.alpn = "http/1.1";
    info.timeout_secs = LINK_HANDSHAKE_TIMEOUT_MS / 1000;
    info.connect_timeout_secs = LINK_HANDSHAKE_TIMEOUT_MS / 1000;
    info.retry_and_idle_policy = &never;
    /* An empty proxy: ballots never go through one because an environment names it. */
    info.http_proxy_address = "";
    if (loop->ca_file != NULL) {
        info.client_ssl_ca_filepath = loop->ca_file;
        info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    }
    /* fd_limit_per_thread stays 0: any other value makes libwebsockets search its table of
       sockets from the start for every event. */
    return lws_create_context(&info);
}

static void loop_free(struct client_loop *loop)
{
    free(loop->ca_file);
    free(loop->free_slots);
    free(loop->slots);
    free(loop);
}

static enum status loop_allocate(const char *ca_file, uint32_t client_max,
                                 struct client_loop **loop)
{
    struct client_loop *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return STATUS_NOMEM;
    }
    made->client_max = client_max;
    made->slots = calloc(client_max, sizeof(*made->slots));
    made->free_slots = calloc(client_max, sizeof(*made->free_slots));
    made->ca_file = ca_file != NULL ? strdup(ca_file) : NULL;
    if (made->slots == NULL || made->free_slots == NULL ||
        (ca_file != NULL && made->ca_file == NULL)) {
        loop_free(made);
        return STATUS_NOMEM;
    }
    for (uint32_t i = 0; i < client_max; i++) {
        made->free_slots[i] = client_max - 1 - i; /* the first client gets slot 0 */
    }
    made->free_count = client_max;
    *loop = made;
    return STATUS_OK;
}

enum status client_loop_create(const char *ca_file, uint32_t client_max, struct client_loop **loop,
                               struct fault *fault)
{
    assert(client_max >= 1 && client_max <= 16000);
    *loop = NULL;
    if (ca_file != NULL && ca_file_check(ca_file, fault) != STATUS_OK) {
        return STATUS_INVALID;
    }
    struct client_loop *made = NULL;
    if (loop_allocate(ca_file, client_max, &made) != STATUS_OK) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for %u connections", client_max);
    }
    if (uv_loop_init(&made->uv) != 0) {
        loop_free(made);
        return fault_set(fault, STATUS_NOMEM, "", "cannot make an event loop");
    }
    lws_set_log_level(0, NULL);
    uv_timer_init(&made->uv, &made->wheel_timer);
    uv_timer_init(&made->uv, &made->tick_timer);
    uv_timer_init(&made->uv, &made->until_timer);
    uv_async_init(&made->uv, &made->wake_async, on_wake);
    made->wheel_timer.data = made;
    made->tick_timer.data = made;
    made->until_timer.data = made;
    made->wake_async.data = made;
    prng_init(&made->prng, prng_seed_draw());
    wheel_init(&made->wheel, uv_now(&made->uv));
    made->context = context_create(made);
    if (made->context == NULL) {
        client_loop_destroy(made);
        return fault_set(fault, STATUS_NOMEM, "",
                         "cannot set up libwebsockets on libuv: is the "
                         "package 'libwebsockets-evlib-uv' installed?");
    }
    uv_timer_start(&made->wheel_timer, on_wheel_timer, WHEEL_STEP_MS, WHEEL_STEP_MS);
    *loop = made;
    return STATUS_OK;
}

/* Turns the loop until nothing in it is alive: closing handles takes turns of their own. */
static void loop_turn_out(struct client_loop *loop)
{
    for (int turn = 0; turn < 1000 && uv_run(&loop->uv, UV_RUN_NOWAIT) != 0; turn++) {
    }
}

static void close_handle(uv_handle_t *handle, void *ctx)
{
    (void)ctx;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

void client_loop_destroy(struct client_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    assert(loop->client_count == 0);
    uv_close((uv_handle_t *)&loop->wheel_timer, NULL);
    uv_close((uv_handle_t *)&loop->tick_timer, NULL);
    uv_close((uv_handle_t *)&loop->until_timer, NULL);
    uv_close((uv_handle_t *)&loop->wake_async, NULL);
    for (struct endpoint *endpoint = loop->endpoints; endpoint != NULL; endpoint = endpoint->next) {
        endpoint_stop(endpoint);
    }
    orphan_sweep(loop);
    if (loop->context != NULL) {
        /* On a loop that is not its own, libwebsockets goes in two steps with turns between. */
        lws_context_destroy(loop->context);
        loop_turn_out(loop);
        lws_context_destroy(loop->context);
    }
    loop_turn_out(loop);
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT); /* look-ups under way end here at the latest */
    uv_loop_close(&loop->uv);
    while (loop->endpoints != NULL) {
        struct endpoint *next = loop->endpoints->next;
        free(loop->endpoints);
        loop->endpoints = next;
    }
    loop_free(loop);
}

void client_loop_run(struct client_loop *loop, int64_t until_ns)
{
    if (until_ns == 0) {
        uv_run(&loop->uv, UV_RUN_NOWAIT);
        return;
    }
    if (until_ns != INT64_MAX) {
        int64_t left_ns = until_ns - (int64_t)uv_hrtime();
        if (left_ns <= 0) {
            uv_run(&loop->uv, UV_RUN_NOWAIT);
            return;
        }
        uv_update_time(&loop->uv);
        uv_timer_start(&loop->until_timer, on_until_timer, (uint64_t)(left_ns + 999999) / 1000000,
                       0);
    }
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_timer_stop(&loop->until_timer);
}

void client_loop_stop(struct client_loop *loop)
{
    uv_stop(&loop->uv);
}

void client_loop_on_wake(struct client_loop *loop, client_wake_fn wake, void *ctx)
{
    loop->wake = wake;
    loop->wake_ctx = ctx;
}

void client_loop_wake(struct client_loop *loop)
{
    uv_async_send(&loop->wake_async);
}

void client_loop_every(struct client_loop *loop, uint32_t period_ms, client_tick_fn tick, void *ctx)
{
    assert(period_ms <= 60000);
    loop->tick = tick;
    loop->tick_ctx = ctx;
    if (period_ms == 0) {
        uv_timer_stop(&loop->tick_timer);
        return;
    }
    uv_timer_start(&loop->tick_timer, on_tick_timer, period_ms, period_ms);
}

enum status loop_endpoint(struct client_loop *loop, const struct url *url,
                          struct endpoint **endpoint, struct fault *fault)
{
    for (struct endpoint *known = loop->endpoints; known != NULL; known = known->next) {
        if (known->url.is_tls == url->is_tls && strcmp(known->url.authority, url->authority) == 0) {
            *endpoint = known;
            return STATUS_OK;
        }
    }
    if (loop->endpoint_count == LOOP_ENDPOINT_MAX) {
        return fault_set(fault, STATUS_FULL, "", "more than %d servers on one loop",
                         LOOP_ENDPOINT_MAX);
    }
    struct endpoint *made = endpoint_create(&loop->uv, url);
    if (made == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for '%s'", url->authority);
    }
    made->next = loop->endpoints;
    loop->endpoints = made;
    loop->endpoint_count++;
    *endpoint = made;
    return STATUS_OK;
}
