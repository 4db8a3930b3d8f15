#include "server/base/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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
#define VBOXSF_SUPER_MAGIC 0x786f4256
#define CEPH_SUPER_MAGIC 0x00c36400
#define LUSTRE_SUPER_MAGIC 0x0bd00bd0
#define REMOVE_DEPTH 8 /* directories open at a time; deeper ones are read again */
#define MOUNT_LINE_SIZE 4096
#define MOUNT_LINE_MAX                                                                             \
    65536 /* lines of a system with as many mounts as Linux allows by default                      \
           */

static const struct {
    unsigned long magic;
    const char *name;
} unsafe_kinds[] = {
    { TMPFS_MAGIC, "tmpfs" },
    { RAMFS_MAGIC, "ramfs" },
    { OVERLAYFS_SUPER_MAGIC, "overlay" },
    { NFS_SUPER_MAGIC, "nfs" },
    { SMB_SUPER_MAGIC, "smb" },
    { CIFS_SUPER_MAGIC, "cifs" },
    { SMB2_SUPER_MAGIC, "smb2" },
    { V9FS_MAGIC, "9p" },
    { FUSE_SUPER_MAGIC, "fuse" },
    { CEPH_SUPER_MAGIC, "ceph" },
    { AFS_SUPER_MAGIC, "afs" },
    { LUSTRE_SUPER_MAGIC, "lustre" },
    { VBOXSF_SUPER_MAGIC, "vboxsf" },
};

/*
 * Whether the disk is mounted without barriers: it then says synced of what a power cut loses.
 * Source: proc(5), mountinfo; ext4(5), "nobarrier", shown as "nobarrier" or "barrier=0".
 */
static bool is_without_barriers(dev_t disk)
{
    char line[MOUNT_LINE_SIZE];
    char wanted[32];
    bool is_found = false;
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    if (mounts == NULL) {
        return false;
    }
    snprintf(wanted, sizeof(wanted), " %u:%u ", major(disk), minor(disk));
    for (uint32_t i = 0; i < MOUNT_LINE_MAX && fgets(line, sizeof(line), mounts) != NULL; i++) {
        is_found =
            is_found || (strstr(line, wanted) != NULL &&
                         (strstr(line, "nobarrier") != NULL || strstr(line, "barrier=0") != NULL));
    }
    fclose(mounts);
    return is_found;
}

static bool is_empty(const char *dir)
{
    DIR *entries = opendir(dir);
    if (entries == NULL) {
        return false;
    }
    uint32_t count = 0;
    while (count <= 2 && readdir(entries) != NULL) {
        count++; /* "." and ".." */
    }
    closedir(entries);
    return count <= 2;
}

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
    if ((about.st_mode & 0077) != 0 && (!is_empty(dir) || chmod(dir, 0700) != 0)) {
        return fault_set(fault, STATUS_DENIED, dir,
                         "others may look into '%s': chmod 700 it, or name a new directory", dir);
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
    if (!*is_unsafe && is_without_barriers(about.st_dev)) {
        *is_unsafe = true;
        *kind = "a disk mounted without barriers";
    }
    return STATUS_OK;
}

enum status disk_fault(struct fault *fault, const char *verb, const char *path)
{
    int error = errno;
    enum status status = error == EACCES || error == EPERM ? STATUS_DENIED : STATUS_IO;
    return fault_set(fault, status, path, "cannot %s '%s': %s", verb, path, strerror(error));
}

enum status disk_sync_dir(const char *dir, struct fault *fault)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status status = fd >= 0 && fsync(fd) == 0 ? STATUS_OK : disk_fault(fault, "sync", dir);
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

static int entry_remove(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)(where->level == 0 ? rmdir(path) : remove(path));
    return 0; /* the next one may still go */
}

bool disk_remove_dir(const char *dir)
{
    (void)nftw(dir, entry_remove, REMOVE_DEPTH, FTW_DEPTH | FTW_PHYS);
    return access(dir, F_OK) != 0;
}

enum status disk_write_file(const char *dir, const char *name, const char *text, size_t size,
                            struct fault *fault)
{
    char path[512];
    char draft[520];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    snprintf(draft, sizeof(draft), "%s.new", path);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return disk_fault(fault, "create", draft);
    }
    size_t written = 0;
    while (written < size) {
        ssize_t count = write(fd, text + written, size - written);
        if (count < 0) {
            enum status status = disk_fault(fault, "write", draft);
            close(fd);
            return status;
        }
        written += (size_t)count;
    }
    bool is_synced = fsync(fd) == 0;
    if (close(fd) != 0 || !is_synced || rename(draft, path) != 0) {
        return disk_fault(fault, "write", path);
    }
    return disk_sync_dir(dir, fault);
}

enum status disk_read_file(const char *path, size_t size_max, char **text, size_t *size,
                           struct fault *fault)
{
    *text = NULL;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return disk_fault(fault, "open", path);
    }
    char *bytes = malloc(size_max + 1);
    size_t count = bytes != NULL ? fread(bytes, 1, size_max + 1, file) : 0;
    bool is_bad = ferror(file) != 0;
    fclose(file);
    if (bytes == NULL || is_bad || count > size_max) {
        enum status status = bytes == NULL ? STATUS_NOMEM : is_bad ? STATUS_IO : STATUS_LIMIT;
        free(bytes);
        return fault_set(fault, status, path, "cannot read '%s': %s", path,
                         status == STATUS_LIMIT ? "it is too large"
                         : status == STATUS_IO  ? strerror(errno)
                                                : "no memory");
    }
    bytes[count] = '\0';
    *text = bytes;
    *size = count;
    return STATUS_OK;
}
