#include "overlay/png_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_SIZE 24 /* signature, length and name of the first chunk, width, height */

static uint32_t big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* What the file says of itself: PNG 1.2, 5.2 and 11.2.2. */
static enum status header_check(FILE *file, const char *path, const char *where,
                                const struct png_limits *limits, struct fault *fault)
{
    static const unsigned char start[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    unsigned char header[HEADER_SIZE];
    if (fread(header, 1, sizeof(header), file) != sizeof(header) ||
        memcmp(header, start, sizeof(start) - 1) != 0) {
        return fault_set(fault, STATUS_IO, where, "'%s' is no PNG", path);
    }
    uint32_t width = big_endian(header + 16);
    uint32_t height = big_endian(header + 20);
    if (width > limits->side_max_px || height > limits->side_max_px) {
        return fault_set(fault, STATUS_LIMIT, where, "'%s' has %u × %u pixels, over %u a side",
                         path, width, height, limits->side_max_px);
    }
    if ((uint64_t)width * height > limits->pixel_max) {
        return fault_set(fault, STATUS_LIMIT, where, "'%s' has %u × %u pixels, over %" PRIu64, path,
                         width, height, limits->pixel_max);
    }
    if (fseek(file, 0, SEEK_END) != 0 || ftell(file) > limits->size_max) {
        return fault_set(fault, STATUS_LIMIT, where, "'%s' is larger than %ld bytes", path,
                         limits->size_max);
    }
    return STATUS_OK;
}

/* A pipe of that name would be waited for without an end: EINVAL. NULL: errno says why. */
static FILE *regular_open(const char *path)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return NULL;
    }
    FILE *file = NULL;
    if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)) {
        file = fdopen(fd, "rb");
    } else {
        errno = EINVAL;
    }
    if (file == NULL) {
        int error = errno;
        close(fd);
        errno = error;
    }
    return file;
}

static cairo_status_t bytes_read(void *ctx, unsigned char *bytes, unsigned int size)
{
    return fread(bytes, 1, size, ctx) == size ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_READ_ERROR;
}

enum status png_file_read(const char *path, const char *where, const struct png_limits *limits,
                          cairo_surface_t **surface, struct fault *fault)
{
    *surface = NULL;
    FILE *file = regular_open(path);
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, where, "cannot open '%s': %s", path, strerror(errno));
    }
    enum status status = header_check(file, path, where, limits, fault);
    if (status == STATUS_OK) {
        rewind(file);
        cairo_surface_t *picture = cairo_image_surface_create_from_png_stream(bytes_read, file);
        cairo_status_t read = cairo_surface_status(picture);
        if (read == CAIRO_STATUS_SUCCESS) {
            *surface = picture;
        } else {
            status = fault_set(fault, STATUS_IO, where, "cannot read '%s': %s", path,
                               cairo_status_to_string(read));
            cairo_surface_destroy(picture);
        }
    }
    fclose(file);
    return status;
}
