#include "server/net/sendq.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

bool sendq_is_empty(int fd)
{
    int size = 0;
    return ioctl(fd, SIOCOUTQ, &size) != 0 || size == 0;
}

uint64_t sendq_taken_size(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t size = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_acked : 0;
}
