#include "server/protocol/text_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status io_fault(struct fault_list *faults, const char *what, const char *path,
                            int error)
{
    enum status status = error == ENOMEM ? STATUS_NOMEM : STATUS_IO;

    if (faults) {
        fault_list_add(faults, status, "", "cannot %s '%s': %s", what, path, strerror(error));
    }
    return status;
}

enum status text_file_read(const char *path, size_t size_max, char **text, size_t *size,
                           struct fault_list *faults)
{
    FILE *file = fopen(path, "rbe");
    char *read = NULL;
    enum status status = STATUS_OK;

    *text = NULL;
    *size = 0;
    if (!file) {
        return io_fault(faults, "open", path, errno);
    }
    read = malloc(size_max + 1);
    if (!read) {
        status = io_fault(faults, "read", path, ENOMEM);
    } else {
        errno = EIO;
        *size = fread(read, 1, size_max + 1, file);
        if (ferror(file)) {
            status = io_fault(faults, "read", path, errno);
        }
    }
    fclose(file);
    if (status != STATUS_OK) {
        free(read);
        return status;
    }
    *text = read;
    return STATUS_OK;
}
