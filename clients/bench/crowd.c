#include "clients/bench/crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/bench/bench.h"

#define HANDSHAKE_MAX 64 /* connections on their way at once: no listen queue overflows */
#define OPEN_MAX_S 60    /* all of them */
#define CONNECT_MAX_S 5  /* one of them */
#define ADDRESS_COUNT 8  /* 127.0.0.2 … 127.0.0.9 */
#define EVENT_PER_WAIT 512
#define READ_SIZE (256 * 1024)
#define CARRY_MAX (128 * 1024) /* the largest frame, and what came with it */
#define WAITING_MAX (1 << 20)  /* bytes a socket may refuse before we call it stuck */

/* carry: what came of a frame whose end did not; waiting: what the socket did not take. */
struct member {
    int fd;
    bool is_upgraded;
    bool is_ready;
    bool is_blocked; /* stands in crowd.blocked */
    uint32_t carry_size;
    uint32_t waiting_size;
    uint8_t *carry;
    uint8_t *waiting;
};

struct crowd {
    struct crowd_options options;
    int epoll_fd;
    uint32_t opened_count;
    uint32_t ready_count;
    uint32_t blocked_count;
    uint32_t *blocked; /* members with something waiting */
    struct member *members;
    struct epoll_event events[EVENT_PER_WAIT];
    uint8_t buffer[READ_SIZE];
};

static enum status waiting_add(struct crowd *crowd, uint32_t index, const uint8_t *data,
                               size_t size, struct fault *fault)
{
    struct member *member = &crowd->members[index];
    if (member->waiting_size + size > WAITING_MAX) {
        return fault_set(fault, STATUS_IO, "", "connection %u takes nothing any more", index);
    }
    uint8_t *waiting = realloc(member->waiting, member->waiting_size + size);
    if (waiting == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for what connection %u sends", index);
    }
    memcpy(waiting + member->waiting_size, data, size);
    member->waiting = waiting;
    member->waiting_size += (uint32_t)size;
    if (!member->is_blocked) {
        member->is_blocked = true;
        crowd->blocked[crowd->blocked_count++] = index;
    }
    return STATUS_OK;
}

/* *sent: bytes the socket took, possibly 0. */
static enum status socket_write(struct member *member, uint32_t index, const uint8_t *data,
                                size_t size, size_t *sent, struct fault *fault)
{
    ssize_t count = send(member->fd, data, size, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
        return fault_set(fault, STATUS_IO, "", "connection %u broke while sending: %s", index,
                         strerror(errno));
    }
    *sent = count > 0 ? (size_t)count : 0;
    return STATUS_OK;
}

static enum status member_write(struct crowd *crowd, uint32_t index, const uint8_t *data,
                                size_t size, struct fault *fault)
{
    struct member *member = &crowd->members[index];
    size_t sent = 0;
    if (member->waiting_size == 0) {
        enum status status = socket_write(member, index, data, size, &sent, fault);
        if (status != STATUS_OK || sent == size) {
            return status;
        }
    }
    return waiting_add(crowd, index, data + sent, size - sent, fault);
}

enum status crowd_send(struct crowd *crowd, uint32_t index, uint8_t *room, size_t size,
                       uint32_t mask, struct fault *fault)
{
    size_t frame_size;
    uint8_t *frame = wire_seal(room, size, WIRE_TEXT, mask, &frame_size);
    return member_write(crowd, index, frame, frame_size, fault);
}

static enum status blocked_flush(struct crowd *crowd, struct fault *fault)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < crowd->blocked_count; i++) {
        uint32_t index = crowd->blocked[i];
        struct member *member = &crowd->members[index];
        size_t sent = 0;
        enum status status =
            socket_write(member, index, member->waiting, member->waiting_size, &sent, fault);
        if (status != STATUS_OK) {
            return status;
        }
        member->waiting_size -= (uint32_t)sent;
        memmove(member->waiting, member->waiting + sent, member->waiting_size);
        member->is_blocked = member->waiting_size > 0;
        if (member->is_blocked) {
            crowd->blocked[kept++] = index;
        }
    }
    crowd->blocked_count = kept;
    return STATUS_OK;
}

/* The server's answer to the upgrade, then our hello. Returns the bytes it takes, 0: not whole. */
static enum status upgrade_take(struct crowd *crowd, uint32_t index, const uint8_t *data,
                                size_t size, size_t *taken, struct fault *fault)
{
    static const char expected[] = "HTTP/1.1 101";
    uint8_t room[WIRE_ROOM + 512];
    *taken = 0;
    const uint8_t *end = memmem(data, size, "\r\n\r\n", 4);
    if (end == NULL) {
        return STATUS_OK;
    }
    if (memcmp(data, expected, sizeof(expected) - 1) != 0) {
        return fault_set(fault, STATUS_IO, "", "the server refused the upgrade: %.*s", 40,
                         (const char *)data);
    }
    *taken = (size_t)(end - data) + 4;
    crowd->members[index].is_upgraded = true;
    size_t hello_size = crowd->options.hello(crowd->options.ctx, index, (char *)room + WIRE_ROOM,
                                             sizeof(room) - WIRE_ROOM);
    return crowd_send(crowd, index, room, hello_size, 0x5a17c3e9u ^ index, fault);
}

static enum status frame_take(struct crowd *crowd, uint32_t index, const struct wire_frame *frame,
                              int64_t now_ns, struct fault *fault)
{
    struct member *member = &crowd->members[index];
    if (frame->opcode == WIRE_CLOSE) {
        unsigned code = frame->size >= 2 ? (unsigned)frame->payload[0] << 8 | frame->payload[1] : 0;
        return fault_set(fault, STATUS_IO, "", "the server closed connection %u with %u: %.*s",
                         index, code, frame->size > 2 ? (int)frame->size - 2 : 0,
                         (const char *)frame->payload + (frame->size > 2 ? 2 : 0));
    }
    if (frame->opcode == WIRE_PING && frame->size < 126) {
        uint8_t room[WIRE_ROOM + 125];
        size_t size;
        memcpy(room + WIRE_ROOM, frame->payload, frame->size);
        uint8_t *pong = wire_seal(room, frame->size, WIRE_PONG, 0x3c96a55au, &size);
        return member_write(crowd, index, pong, size, fault);
    }
    if (frame->opcode != WIRE_TEXT || !frame->is_final) {
        return frame->opcode == WIRE_PONG
                   ? STATUS_OK
                   : fault_set(fault, STATUS_IO, "", "connection %u got a frame of kind %u", index,
                               frame->opcode);
    }
    crowd->ready_count += member->is_ready ? 0 : 1;
    member->is_ready = true;
    crowd->options.heard(crowd->options.ctx, index, (const char *)frame->payload, frame->size,
                         now_ns);
    return STATUS_OK;
}

/* Takes what is whole of data[0 .. size). *used: how much that was. */
static enum status bytes_take(struct crowd *crowd, uint32_t index, const uint8_t *data, size_t size,
                              int64_t now_ns, size_t *used, struct fault *fault)
{
    struct member *member = &crowd->members[index];
    *used = 0;
    for (;;) {
        size_t taken = 0;
        enum status status = STATUS_OK;
        if (!member->is_upgraded) {
            status = upgrade_take(crowd, index, data + *used, size - *used, &taken, fault);
        } else {
            struct wire_frame frame;
            taken = wire_parse(data + *used, size - *used, &frame);
            if (taken == SIZE_MAX) {
                return fault_set(fault, STATUS_IO, "", "connection %u got too large a frame",
                                 index);
            }
            if (taken > 0) {
                status = frame_take(crowd, index, &frame, now_ns, fault);
            }
        }
        if (status != STATUS_OK || taken == 0) {
            return status;
        }
        *used += taken;
    }
}

static enum status carry_keep(struct member *member, const uint8_t *data, size_t size,
                              uint32_t index, struct fault *fault)
{
    if (size == 0) {
        free(member->carry);
        member->carry = NULL;
        member->carry_size = 0;
        return STATUS_OK;
    }
    uint8_t *carry = size <= CARRY_MAX ? malloc(size) : NULL;
    if (carry == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no room for what connection %u gets", index);
    }
    memcpy(carry, data, size);
    free(member->carry);
    member->carry = carry;
    member->carry_size = (uint32_t)size;
    return STATUS_OK;
}

static enum status member_read(struct crowd *crowd, uint32_t index, int64_t now_ns,
                               struct fault *fault)
{
    struct member *member = &crowd->members[index];
    ssize_t count;
    do {
        size_t before = member->carry_size;
        if (before > 0) {
            memcpy(crowd->buffer, member->carry, before);
        }
        count = recv(member->fd, crowd->buffer + before, READ_SIZE - before, 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            return STATUS_OK;
        }
        if (count <= 0) {
            return fault_set(fault, STATUS_IO, "", "the server dropped connection %u", index);
        }
        size_t size = before + (size_t)count;
        size_t used;
        enum status status = bytes_take(crowd, index, crowd->buffer, size, now_ns, &used, fault);
        if (status == STATUS_OK && (before > 0 || used < size)) {
            status = carry_keep(member, crowd->buffer + used, size - used, index, fault);
        }
        if (status != STATUS_OK) {
            return status;
        }
    } while ((size_t)count >
             READ_SIZE - CARRY_MAX); /* edge-triggered: a full read may leave some */
    return STATUS_OK;
}

static enum status events_take(struct crowd *crowd, int timeout_ms, struct fault *fault)
{
    int count;
    do {
        count = epoll_wait(crowd->epoll_fd, crowd->events, EVENT_PER_WAIT, timeout_ms);
        int64_t now_ns = bench_now_ns();
        for (int i = 0; i < count; i++) {
            enum status status = member_read(crowd, crowd->events[i].data.u32, now_ns, fault);
            if (status != STATUS_OK) {
                return status;
            }
        }
        timeout_ms = 0;
    } while (count == EVENT_PER_WAIT);
    return STATUS_OK;
}

enum status crowd_poll(struct crowd *crowd, struct fault *fault)
{
    enum status status = crowd->blocked_count > 0 ? blocked_flush(crowd, fault) : STATUS_OK;
    return status == STATUS_OK ? events_take(crowd, 0, fault) : status;
}

/* Connects one socket; it blocks for the moment that loopback takes. */
static int socket_connect(uint16_t port, uint32_t index)
{
    int yes = 1;
    struct timeval patience = { .tv_sec = CONNECT_MAX_S };
    struct sockaddr_in from = { .sin_family = AF_INET };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    from.sin_addr.s_addr = htonl(0x7f000002u + index % ADDRESS_COUNT);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static enum status member_open(struct crowd *crowd, uint32_t index, struct fault *fault)
{
    char request[512];
    struct member *member = &crowd->members[index];
    member->fd = socket_connect(crowd->options.port, index);
    if (member->fd < 0) {
        return fault_set(fault, STATUS_IO, "", "cannot open connection %u: %s", index,
                         strerror(errno));
    }
    struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u32 = index };
    if (epoll_ctl(crowd->epoll_fd, EPOLL_CTL_ADD, member->fd, &event) != 0) {
        return fault_set(fault, STATUS_IO, "", "cannot watch connection %u: %s", index,
                         strerror(errno));
    }
    size_t size = wire_upgrade_request(request, sizeof(request), crowd->options.port);
    return member_write(crowd, index, (const uint8_t *)request, size, fault);
}

static enum status members_open(struct crowd *crowd, struct fault *fault)
{
    int64_t until_ns = bench_now_ns() + (int64_t)OPEN_MAX_S * 1000000000;
    while (crowd->ready_count < crowd->options.count) {
        enum status status = STATUS_OK;
        if (crowd->opened_count < crowd->options.count &&
            crowd->opened_count - crowd->ready_count < HANDSHAKE_MAX) {
            status = member_open(crowd, crowd->opened_count++, fault);
        } else {
            status = events_take(crowd, 10, fault);
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (bench_now_ns() > until_ns) {
            return fault_set(fault, STATUS_IO, "",
                             "only %u of %u connections were welcomed in %d s", crowd->ready_count,
                             crowd->options.count, OPEN_MAX_S);
        }
    }
    return STATUS_OK;
}

enum status crowd_open(const struct crowd_options *options, struct crowd **out, struct fault *fault)
{
    *out = NULL;
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    if (crowd == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the connections");
    }
    crowd->options = *options;
    crowd->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    crowd->members = calloc(options->count, sizeof(*crowd->members));
    crowd->blocked = calloc(options->count, sizeof(*crowd->blocked));
    if (crowd->members == NULL || crowd->blocked == NULL || crowd->epoll_fd < 0) {
        crowd_close(crowd);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the connections");
    }
    enum status status = members_open(crowd, fault);
    if (status != STATUS_OK) {
        crowd_close(crowd);
        return status;
    }
    *out = crowd;
    return STATUS_OK;
}

void crowd_close(struct crowd *crowd)
{
    if (crowd == NULL) {
        return;
    }
    for (uint32_t i = 0; crowd->members != NULL && i < crowd->opened_count; i++) {
        if (crowd->members[i].fd >= 0) {
            close(crowd->members[i].fd);
        }
        free(crowd->members[i].carry);
        free(crowd->members[i].waiting);
    }
    if (crowd->epoll_fd >= 0) {
        close(crowd->epoll_fd);
    }
    free(crowd->members);
    free(crowd->blocked);
    free(crowd);
}
