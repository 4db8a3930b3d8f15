#include "server/base/disk.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xff534d42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xfe534d42
#endif
#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

static const struct {
    unsigned long magic;
    const char *name;
} unsafe_kinds[] = {
    { TMPFS_MAGIC, "tmpfs" },     { RAMFS_MAGIC, "ramfs" },   { OVERLAYFS_SUPER_MAGIC, "overlay" },
    { NFS_SUPER_MAGIC, "nfs" },   { SMB_SUPER_MAGIC, "smb" }, { CIFS_SUPER_MAGIC, "cifs" },
    { SMB2_SUPER_MAGIC, "smb2" }, { V9FS_MAGIC, "9p" },       { FUSE_SUPER_MAGIC, "fuse" },
};

enum status disk_prepare(const char *dir, bool *is_unsafe, const char **kind, struct fault *fault)
{
    struct stat about;
    struct statfs disk;
    *is_unsafe = false;
    *kind = "";
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return fault_set(fault, errno == EACCES ? STATUS_DENIED : STATUS_IO, dir,
                         "cannot make '%s': %s", dir, strerror(errno));
    }
    if (stat(dir, &about) != 0) {
        return fault_set(fault, STATUS_IO, dir, "cannot look at '%s': %s", dir, strerror(errno));
    }
    if (!S_ISDIR(about.st_mode)) {
        return fault_set(fault, STATUS_INVALID, dir, "'%s' is not a directory", dir);
    }
    if (about.st_uid != geteuid()) {
        return fault_set(fault, STATUS_DENIED, dir,
                         "'%s' belongs to another user: run as that user or use another --data",
                         dir);
    }
    if ((about.st_mode & 0077) != 0 && chmod(dir, 0700) != 0) {
        return fault_set(fault, STATUS_DENIED, dir, "cannot keep '%s' from others: %s", dir,
                         strerror(errno));
    }
    if (access(dir, R_OK | W_OK | X_OK) != 0) {
        return fault_set(fault, STATUS_DENIED, dir, "cannot write in '%s': %s", dir,
                         strerror(errno));
    }
    if (statfs(dir, &disk) != 0) {
        return fault_set(fault, STATUS_IO, dir, "cannot look at the disk of '%s': %s", dir,
                         strerror(errno));
    }
    for (size_t i = 0; i < sizeof(unsafe_kinds) / sizeof(unsafe_kinds[0]); i++) {
        if ((unsigned long)disk.f_type == unsafe_kinds[i].magic) {
            *is_unsafe = true;
            *kind = unsafe_kinds[i].name;
        }
    }
    return STATUS_OK;
}
