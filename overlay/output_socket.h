#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "overlay/output.h"

/*
 * A UDP socket that sends to one address, unicast or multicast. It never waits, and never fails
 * silently. One thread at a time.
 */
struct udp_socket {
    struct sockaddr_storage address;
    socklen_t address_size;
    char interface[16]; /* of multicast; empty: the system's choice */
    uint8_t ttl;
    bool is_multicast;
    int fd; /* -1: closed */
};

/* Looks up the host; may wait for the name server. STATUS_NOT_FOUND: no such host. */
MUST_CHECK enum status udp_socket_init(struct udp_socket *udp, const struct output_place *place,
                                       struct fault *fault);

/* Opens it, anew where it was open. False: errno says why not, for example ENODEV. */
bool udp_socket_open(struct udp_socket *udp);
void udp_socket_close(struct udp_socket *udp);

/*
 * 0: sent, as far as this machine can tell. Otherwise the errno; EAGAIN and ENOBUFS are a moment's
 * want of room, others last.
 */
int udp_socket_send(struct udp_socket *udp, const uint8_t *bytes, size_t size);

/*
 * Whether a listener could have the port of `place` now. STATUS_BUSY: it is taken;
 * STATUS_NOT_FOUND: no such host, or not of this machine.
 */
MUST_CHECK enum status udp_port_check(const struct output_place *place, struct fault *fault);
