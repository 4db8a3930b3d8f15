#include "overlay/note.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 1040 /* time, level, 1,000 bytes of text, newline */

void note_event(enum note_level level, const char *format, ...)
{
    static const char *const levels[] = {
        [NOTE_INVALID] = "?",
        [NOTE_INFO] = "info",
        [NOTE_WARNING] = "warning",
        [NOTE_ERROR] = "error",
    };
    char line[LINE_SIZE];
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    size_t size = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ ", &tm);
    size += (size_t)snprintf(line + size, sizeof line - size, "%s ", levels[level]);
    size_t text_at = size;
    va_list arguments;
    va_start(arguments, format);
    int wrote = vsnprintf(line + size, sizeof line - size, format, arguments);
    va_end(arguments);
    if (wrote > 0)
        size += (size_t)wrote;
    if (size > sizeof line - 2)
        size = sizeof line - 2;
    for (size_t i = text_at; i < size; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    }
    line[size] = '\n';
    /* A log that nobody reads must not stop a panic: what it does not take at once is dropped. */
    struct pollfd log = { .fd = STDERR_FILENO, .events = POLLOUT };
    if (poll(&log, 1, 0) != 1)
        return;
    ssize_t ignored = write(STDERR_FILENO, line, size + 1);
    (void)ignored; /* nowhere left to say it */
}
