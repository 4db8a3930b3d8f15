#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * no_sync.so, for LD_PRELOAD: a program whose write-ahead logs are never synced.
 *
 * fdatasync and fsync of a file whose name ends in "-wal" say yes and do nothing, which is what
 * SQLite's synchronous=NORMAL makes of a commit. All others are the system's own. It is the control
 * of the power cuts: with it they must lose votes that were acknowledged. Threads: any.
 */
static bool is_wal(int fd)
{
    char link[32];
    char path[4096];
    int error = errno;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof(path));
    errno = error;
    return size >= 4 && memcmp(path + size - 4, "-wal", 4) == 0;
}

int fdatasync(int fd)
{
    return is_wal(fd) ? 0 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return is_wal(fd) ? 0 : (int)syscall(SYS_fsync, fd);
}
