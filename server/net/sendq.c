#include "server/net/sendq.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

bool sendq_read(int fd, struct sendq *sendq)
{
    struct tcp_info info = { 0 };
    socklen_t size = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
        return false;
    }
    sendq->taken_size = info.tcpi_bytes_acked;
    sendq->is_empty = info.tcpi_notsent_bytes == 0 && info.tcpi_unacked == 0;
    return true;
}
