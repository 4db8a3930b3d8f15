#include "overlay/output_socket.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SEND_BUFFER_SIZE 262144 /* some 200 datagrams: a fifth of a second of 10 Mbit/s */

static enum status address_find(const struct output_place *place, int flags,
                                struct udp_socket *found, struct fault *fault)
{
    const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_DGRAM,
                                    .ai_flags = flags | AI_NUMERICSERV };
    struct addrinfo *list = NULL;
    char port[8];
    snprintf(port, sizeof port, "%u", place->port);
    int error = getaddrinfo(place->host[0] == '\0' ? NULL : place->host, port, &hints, &list);
    if (error != 0)
        return fault_set(fault, STATUS_NOT_FOUND, "", "cannot find the host '%s': %s", place->host,
                         gai_strerror(error));
    memcpy(&found->address, list->ai_addr, list->ai_addrlen);
    found->address_size = list->ai_addrlen;
    freeaddrinfo(list);
    return STATUS_OK;
}

static bool is_multicast(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return IN6_IS_ADDR_MULTICAST(&((const struct sockaddr_in6 *)address)->sin6_addr);
    return IN_MULTICAST(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
}

enum status udp_socket_init(struct udp_socket *udp, const struct output_place *place,
                            struct fault *fault)
{
    *udp = (struct udp_socket){ .ttl = place->ttl, .fd = -1 };
    memcpy(udp->interface, place->interface, sizeof udp->interface);
    enum status status = address_find(place, 0, udp, fault);
    if (status != STATUS_OK)
        return status;
    udp->is_multicast = is_multicast(&udp->address);
    if (udp->interface[0] != '\0' && !udp->is_multicast)
        return fault_set(fault, STATUS_INVALID, "",
                         "iface=%s is for multicast, and '%s' is no multicast address",
                         udp->interface, place->host);
    if (udp->interface[0] != '\0' && if_nametoindex(udp->interface) == 0)
        return fault_set(fault, STATUS_NOT_FOUND, "", "no such network interface '%s'",
                         udp->interface);
    return STATUS_OK;
}

static bool multicast_set(const struct udp_socket *udp)
{
    int hops = udp->ttl, index = 0;
    if (udp->interface[0] != '\0') {
        index = (int)if_nametoindex(udp->interface);
        if (index == 0)
            return false;
    }
    if (udp->address.ss_family == AF_INET6)
        return setsockopt(udp->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) == 0 &&
               setsockopt(udp->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index) == 0;
    struct ip_mreqn from = { .imr_ifindex = index };
    return setsockopt(udp->fd, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops) == 0 &&
           (index == 0 ||
            setsockopt(udp->fd, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof from) == 0);
}

bool udp_socket_open(struct udp_socket *udp)
{
    udp_socket_close(udp);
    udp->fd = socket(udp->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (udp->fd < 0)
        return false;
    int size = SEND_BUFFER_SIZE;
    (void)setsockopt(udp->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (!udp->is_multicast || multicast_set(udp))
        return true;
    int why = errno;
    udp_socket_close(udp);
    errno = why;
    return false;
}

void udp_socket_close(struct udp_socket *udp)
{
    if (udp->fd >= 0)
        close(udp->fd);
    udp->fd = -1;
}

int udp_socket_send(struct udp_socket *udp, const uint8_t *bytes, size_t size)
{
    ssize_t sent = sendto(udp->fd, bytes, size, MSG_NOSIGNAL,
                          (const struct sockaddr *)&udp->address, udp->address_size);
    return sent < 0 ? errno : 0;
}

enum status udp_port_check(const struct output_place *place, struct fault *fault)
{
    struct udp_socket own;
    enum status status = address_find(place, AI_PASSIVE, &own, fault);
    if (status != STATUS_OK)
        return status;
    int fd = socket(own.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_free =
        fd >= 0 && bind(fd, (const struct sockaddr *)&own.address, own.address_size) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (is_free)
        return STATUS_OK;
    return fault_set(fault, why == EADDRINUSE ? STATUS_BUSY : STATUS_NOT_FOUND, "",
                     "cannot listen on '%s:%u': %s", place->host, place->port, strerror(why));
}
