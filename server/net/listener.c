#include "server/net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/log.h"

#define BACKLOG 4096       /* a hall that connects at once; the kernel caps it */
#define ACCEPT_PER_WAKE 64 /* then others have a turn */
/*
 * Of each socket of a crowd; the kernel doubles the first two, for its own bookkeeping. Set, they
 * no longer grow to megabytes for a peer that is slow. 16 KiB in flight fill a line of 1 MB/s with
 * a round trip of 16 ms; 64 KiB hold what a base station has under way. UNSENT keeps the rest here,
 * where a newer view replaces it.
 */
#define CROWD_SEND_SIZE 16384
#define CROWD_RECEIVE_SIZE 65536
#define CROWD_UNSENT_SIZE 4096
#define RETRY_MS 100 /* after running out of descriptors */

struct listener {
    uv_poll_t poll;
    uv_timer_t retry;
    int fd;
    int open_handles;
    listener_accept_fn accepted;
    void *ctx;
    char address[80];
};

static void poll_ready(uv_poll_t *poll, int status, int events);

static void retry_due(uv_timer_t *timer)
{
    listener_start(timer->data);
}

static void poll_ready(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = poll->data;
    for (int i = 0; i < ACCEPT_PER_WAKE; i++) {
        struct sockaddr_storage peer = { 0 };
        socklen_t peer_size = sizeof(peer);
        int fd = accept4(listener->fd, (struct sockaddr *)&peer, &peer_size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
            log_event(LOG_LEVEL_WARNING, "no descriptor left for a connection on %s",
                      listener->address);
            uv_poll_stop(poll);
            uv_timer_start(&listener->retry, retry_due, RETRY_MS, 0);
            return;
        }
        if (fd < 0) {
            return;
        }
        int yes = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        listener->accepted(listener->ctx, fd, &peer);
    }
}

/* Splits "HOST:PORT", brackets around an IPv6 host dropped. */
static bool at_split(const char *at, char host[64], char port[8])
{
    const char *colon = strrchr(at, ':');
    if (colon == NULL || colon == at || strlen(colon + 1) == 0 || strlen(colon + 1) > 5) {
        return false;
    }
    size_t host_size = (size_t)(colon - at);
    if (at[0] == '[' && at[host_size - 1] == ']') {
        at++;
        host_size -= 2;
    }
    if (host_size == 0 || host_size >= 64) {
        return false;
    }
    snprintf(host, 64, "%.*s", (int)host_size, at);
    snprintf(port, 8, "%s", colon + 1);
    return strspn(port, "0123456789") == strlen(port) && strtol(port, NULL, 10) <= 65535;
}

/* Sockets that are accepted have it from the listening one. */
static void crowd_bound(int fd)
{
    static const int sizes[3] = { CROWD_SEND_SIZE, CROWD_RECEIVE_SIZE, CROWD_UNSENT_SIZE };
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sizes[0], sizeof(sizes[0]));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &sizes[1], sizeof(sizes[1]));
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &sizes[2], sizeof(sizes[2]));
}

static enum status socket_bind(const struct addrinfo *info, const char *at, const char *option,
                               bool is_crowd, int *out, struct fault *fault)
{
    int yes = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fault_set(fault, STATUS_IO, option, "cannot make a socket: %s", strerror(errno));
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (info->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
    }
    if (is_crowd) {
        crowd_bound(fd);
    }
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int error = errno;
        close(fd);
        if (error == EADDRINUSE) {
            return fault_set(fault, STATUS_BUSY, option,
                             "cannot listen on '%s': the port is in use by another program", at);
        }
        if (error == EADDRNOTAVAIL) {
            return fault_set(fault, STATUS_IO, option,
                             "cannot listen on '%s': not an address of this machine", at);
        }
        return fault_set(fault, STATUS_IO, option, "cannot listen on '%s': %s", at,
                         strerror(error));
    }
    *out = fd;
    return STATUS_OK;
}

static void address_read(struct listener *listener)
{
    struct sockaddr_storage name = { 0 };
    socklen_t size = sizeof(name);
    char host[64] = "";
    char port[8] = "";
    getsockname(listener->fd, (struct sockaddr *)&name, &size);
    getnameinfo((struct sockaddr *)&name, size, host, sizeof(host), port, sizeof(port),
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(listener->address, sizeof(listener->address),
             name.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

enum status listener_open(uv_loop_t *loop, const char *at, const char *option, bool is_crowd,
                          listener_accept_fn accepted, void *ctx, struct listener **out,
                          struct fault *fault)
{
    char host[64];
    char port[8];
    *out = NULL;
    if (!at_split(at, host, port)) {
        return fault_set(fault, STATUS_INVALID, option, "'%s' is not HOST:PORT", at);
    }
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | AI_PASSIVE };
    struct addrinfo *info = NULL;
    int error = getaddrinfo(host, port, &hints, &info);
    if (error != 0) {
        return fault_set(fault, STATUS_INVALID, option, "cannot resolve '%s': %s", host,
                         gai_strerror(error));
    }
    int fd = -1;
    enum status status = socket_bind(info, at, option, is_crowd, &fd, fault);
    freeaddrinfo(info);
    if (status != STATUS_OK) {
        return status;
    }
    struct listener *listener = calloc(1, sizeof(*listener));
    if (listener == NULL) {
        close(fd);
        return fault_set(fault, STATUS_NOMEM, option, "no memory for a listener");
    }
    listener->fd = fd;
    listener->accepted = accepted;
    listener->ctx = ctx;
    uv_poll_init(loop, &listener->poll, fd);
    uv_timer_init(loop, &listener->retry);
    listener->poll.data = listener;
    listener->retry.data = listener;
    listener->open_handles = 2;
    address_read(listener);
    *out = listener;
    return STATUS_OK;
}

void listener_start(struct listener *listener)
{
    uv_poll_start(&listener->poll, UV_READABLE, poll_ready);
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
}

static void handle_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    if (--listener->open_handles == 0) {
        close(listener->fd);
        free(listener);
    }
}

void listener_close(struct listener *listener)
{
    if (listener == NULL) {
        return;
    }
    uv_close((uv_handle_t *)&listener->poll, handle_closed);
    uv_close((uv_handle_t *)&listener->retry, handle_closed);
}
