#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/bench/floor.h"
#include "clients/bench/wire.h"

#define BACKLOG 4096
#define EVENT_PER_WAIT 512
#define READ_SIZE 65536
#define FD_MAX 65536    /* more descriptors than these are not used */
#define CARRY_MAX 16384 /* what may wait for its end: one request or frame */

struct peer {
    bool is_upgraded;
    uint32_t carry_size;
    uint8_t *carry;
};

struct floor {
    int listen_fd;
    int epoll_fd;
    int fd_count; /* one more than the highest in use */
    uint32_t ack_size;
    uint8_t ack[80];           /* a frame as long as an acknowledgement of minpingd */
    struct peer peers[FD_MAX]; /* [fd] */
    uint8_t buffer[READ_SIZE];
};

static void peer_drop(struct floor *floor, int fd)
{
    free(floor->peers[fd].carry);
    floor->peers[fd] = (struct peer){ 0 };
    close(fd);
}

static void peers_accept(struct floor *floor)
{
    int yes = 1;
    for (;;) {
        int fd = accept4(floor->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
        if (fd >= FD_MAX || epoll_ctl(floor->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        floor->fd_count = fd >= floor->fd_count ? fd + 1 : floor->fd_count;
    }
}

/* A view goes to everybody else: the loop that a publisher is measured against. */
static void view_relay(struct floor *floor, int from, struct wire_frame *frame)
{
    uint8_t out[4 + CARRY_MAX];
    size_t header_size = wire_server_header(out, frame->size, WIRE_TEXT);
    memcpy(out + header_size, frame->payload, frame->size);
    wire_mask(out + header_size, frame->size, frame->mask);
    for (int fd = 0; fd < floor->fd_count; fd++) {
        if (fd != from && floor->peers[fd].is_upgraded) {
            (void)send(fd, out, header_size + frame->size, MSG_NOSIGNAL);
        }
    }
}

static bool frame_answer(struct floor *floor, int fd, struct wire_frame *frame)
{
    static const char view[] = "{\"t\":\"view\"";
    uint8_t begin[sizeof(view) - 1];
    if (frame->opcode != WIRE_TEXT) {
        return frame->opcode != WIRE_CLOSE;
    }
    if (frame->size > 125 && frame->size <= CARRY_MAX) { /* marks are shorter */
        memcpy(begin, frame->payload, sizeof(begin));
        wire_mask(begin, sizeof(begin), frame->mask);
        if (memcmp(begin, view, sizeof(begin)) == 0) {
            view_relay(floor, fd, frame);
            return true;
        }
    }
    return send(fd, floor->ack, floor->ack_size, MSG_NOSIGNAL) == (ssize_t)floor->ack_size;
}

/* The upgrade; 0 bytes taken: it is not whole. */
static bool upgrade_answer(struct floor *floor, int fd, uint8_t *data, size_t size, size_t *taken)
{
    char answer[512];
    *taken = 0;
    uint8_t *end = memmem(data, size, "\r\n\r\n", 4);
    if (end == NULL) {
        return true;
    }
    end[2] = '\0';
    size_t answer_size = wire_upgrade_answer((const char *)data, answer, sizeof(answer));
    *taken = (size_t)(end - data) + 4;
    floor->peers[fd].is_upgraded = true;
    return answer_size > 0 && send(fd, answer, answer_size, MSG_NOSIGNAL) == (ssize_t)answer_size;
}

static bool bytes_answer(struct floor *floor, int fd, uint8_t *data, size_t size, size_t *used)
{
    *used = 0;
    for (;;) {
        size_t taken = 0;
        if (!floor->peers[fd].is_upgraded) {
            if (!upgrade_answer(floor, fd, data + *used, size - *used, &taken)) {
                return false;
            }
        } else {
            struct wire_frame frame;
            taken = wire_parse(data + *used, size - *used, &frame);
            if (taken == SIZE_MAX || (taken > 0 && !frame_answer(floor, fd, &frame))) {
                return false;
            }
        }
        if (taken == 0) {
            return true;
        }
        *used += taken;
    }
}

static bool carry_keep(struct peer *peer, const uint8_t *data, size_t size)
{
    free(peer->carry);
    peer->carry = size > 0 && size <= CARRY_MAX ? malloc(size) : NULL;
    peer->carry_size = (uint32_t)size;
    if (peer->carry != NULL) {
        memcpy(peer->carry, data, size);
    }
    return size == 0 || peer->carry != NULL;
}

static void peer_read(struct floor *floor, int fd)
{
    struct peer *peer = &floor->peers[fd];
    size_t before = peer->carry_size;
    if (before > 0) {
        memcpy(floor->buffer, peer->carry, before);
    }
    ssize_t count = recv(fd, floor->buffer + before, READ_SIZE - before, 0);
    if (count <= 0) {
        peer_drop(floor, fd);
        return;
    }
    size_t size = before + (size_t)count;
    size_t used;
    bool is_well = bytes_answer(floor, fd, floor->buffer, size, &used);
    if (is_well && (before > 0 || used < size)) {
        is_well = carry_keep(peer, floor->buffer + used, size - used);
    }
    if (!is_well) {
        peer_drop(floor, fd);
    }
}

static bool floor_listen(struct floor *floor)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t size = sizeof(name);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    floor->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    floor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = floor->listen_fd };
    if (floor->listen_fd < 0 || floor->epoll_fd < 0 ||
        bind(floor->listen_fd, (struct sockaddr *)&name, size) != 0 ||
        listen(floor->listen_fd, BACKLOG) != 0 ||
        getsockname(floor->listen_fd, (struct sockaddr *)&name, &size) != 0 ||
        epoll_ctl(floor->epoll_fd, EPOLL_CTL_ADD, floor->listen_fd, &event) != 0) {
        return false;
    }
    printf("listening on http://127.0.0.1:%u\n", ntohs(name.sin_port));
    return fflush(stdout) == 0;
}

int floor_send_run(void)
{
    static struct floor floor;
    static const char ack[] = "{\"t\":\"ack\",\"id\":100,\"round\":1,\"receipt\":\"K7M2PQ4X\"}";
    struct epoll_event events[EVENT_PER_WAIT];
    size_t header_size = wire_server_header(floor.ack, sizeof(ack) - 1, WIRE_TEXT);
    memcpy(floor.ack + header_size, ack, sizeof(ack) - 1);
    floor.ack_size = (uint32_t)(header_size + sizeof(ack) - 1);
    if (!floor_listen(&floor)) {
        perror("minping-bench: cannot listen on 127.0.0.1");
        return 1;
    }
    for (;;) {
        int count = epoll_wait(floor.epoll_fd, events, EVENT_PER_WAIT, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == floor.listen_fd) {
                peers_accept(&floor);
            } else {
                peer_read(&floor, events[i].data.fd);
            }
        }
    }
}
