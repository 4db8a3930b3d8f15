#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#include "clients/bench/floor.h"

#define RX_SIZE 4096 /* as minpingd has it */
#define TIMEOUT_S 10 /* likewise, and the three below */
#define KEEPALIVE_S 20
#define PING_S 10
#define HANG_UP_S 25
#define MESSAGE_MAX 1024 /* what is echoed; the bench's hello is shorter */

static const lws_retry_bo_t idle_policy = { .secs_since_valid_ping = PING_S,
                                            .secs_since_valid_hangup = HANG_UP_S };

static int echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                size_t size)
{
    unsigned char buffer[LWS_PRE + MESSAGE_MAX];
    if (reason != LWS_CALLBACK_RECEIVE || size > MESSAGE_MAX) {
        return 0;
    }
    memcpy(buffer + LWS_PRE, in, size);
    return lws_write(wsi, buffer + LWS_PRE, size, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

int floor_echo_run(void)
{
    static const struct lws_protocols protocols[] = {
        { .name = "http", .callback = lws_callback_http_dummy },
        { .name = "minping.v1", .callback = echo, .rx_buffer_size = RX_SIZE },
        { 0 },
    };
    uv_loop_t loop;
    void *loops[1] = { &loop };
    struct rlimit limit = { 0 };
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    uv_loop_init(&loop);
    lws_set_log_level(0, NULL);
    struct lws_context_creation_info info = { 0 };
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DISABLE_IPV6 |
                   LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    info.foreign_loops = loops;
    info.timeout_secs = TIMEOUT_S;
    info.keepalive_timeout = KEEPALIVE_S;
    info.retry_and_idle_policy = &idle_policy;
    info.fd_limit_per_thread = (unsigned)limit.rlim_cur;
    struct lws_context *context = lws_create_context(&info);
    struct lws_vhost *vhost = context != NULL ? lws_create_vhost(context, &info) : NULL;
    if (vhost == NULL) {
        fputs("minping-bench: cannot start libwebsockets on its libuv loop\n", stderr);
        return 1;
    }
    printf("listening on http://127.0.0.1:%d\n", lws_get_vhost_listen_port(vhost));
    fflush(stdout);
    uv_run(&loop, UV_RUN_DEFAULT);
    return 1;
}
