#include "server/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 1064

void log_event(enum log_level level, const char *format, ...)
{
    static const char *const names[] = { "invalid", "info", "warning", "error" };
    char line[LINE_SIZE];
    struct tm utc;
    time_t now = time(NULL);
    gmtime_r(&now, &utc);
    size_t used = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%SZ ", &utc);
    used += (size_t)snprintf(line + used, sizeof(line) - used, "%s ", names[level]);
    size_t head = used;
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(line + used, sizeof(line) - used - 1, format, args);
    va_end(args);
    if (wanted < 0) {
        return;
    }
    used = strnlen(line, sizeof(line) - 2);
    for (size_t i = head; i < used; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f) {
            line[i] = '?';
        }
    }
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written; /* nobody is left to tell */
}
