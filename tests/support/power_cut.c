#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

/*
 * power_cut MOUNT: shuts the ext4 or xfs file system at MOUNT down at once, as a power cut would.
 *
 * What was not synced is gone, and every later call there fails with EIO until it is unmounted and
 * mounted again. Exit status 0: it was cut; 1: it could not be; 2: wrong usage. Needs root.
 * Source: the file systems' shutdown ioctl, XFS_IOC_GOINGDOWN of xfsprogs' xfs_fs.h, which ext4
 * takes as well.
 */
#define SHUTDOWN _IOR('X', 125, uint32_t)
#define SHUTDOWN_NO_FLUSH 2u /* the journal's unwritten part is lost too */

int main(int argc, char **argv)
{
    uint32_t how = SHUTDOWN_NO_FLUSH;
    if (argc != 2) {
        fprintf(stderr, "usage: power_cut MOUNT\n");
        return 2;
    }
    int fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, SHUTDOWN, &how) != 0) {
        perror(argv[1]);
        return 1;
    }
    return 0;
}
