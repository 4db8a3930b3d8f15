#include "server/model/fault.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server/model/utf8.h"

/* The longest text a fault is formatted from; what lies beyond is never shown anyway. */
#define FORMATTED_SIZE 1024

static void copy_cut(char *target, size_t target_size, const char *text)
{
    size_t size = utf8_cut(text, target_size - 1);

    memcpy(target, text, size);
    target[size] = '\0';
}

__attribute__((format(printf, 4, 0))) static void fill(struct fault *fault, enum status status,
                                                       const char *where, const char *format,
                                                       va_list arguments)
{
    char text[FORMATTED_SIZE];

    assert(status != STATUS_OK);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0) {
        copy_cut(text, sizeof(text), status_name(status));
    }
    fault->status = status;
    copy_cut(fault->where, sizeof(fault->where), where ? where : "");
    copy_cut(fault->text, sizeof(fault->text), text);
}

enum status(fault_set)(struct fault *fault, enum status status, const char *where,
                       const char *format, ...)
{
    if (fault && fault->status == STATUS_OK) {
        va_list arguments;

        va_start(arguments, format);
        fill(fault, status, where, format, arguments);
        va_end(arguments);
    }
    return status;
}

void fault_list_add(struct fault_list *list, enum status status, const char *where,
                    const char *format, ...)
{
    va_list arguments;

    if (list->count == FAULT_LIST_MAX) {
        list->omitted++;
        return;
    }
    va_start(arguments, format);
    fill(&list->faults[list->count++], status, where, format, arguments);
    va_end(arguments);
}
