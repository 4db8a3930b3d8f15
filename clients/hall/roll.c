#include "clients/hall/roll.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROLL_LINE_SIZE 256

/* "17,ABCD-EFGH-JKMN,party\n" */
static bool line_parse(const char *line, struct roll_seat *seat)
{
    char *end = NULL;
    errno = 0;
    unsigned long number = strtoul(line, &end, 10);
    if (line[0] < '0' || line[0] > '9' || errno != 0 || number < 1 || number > SEAT_MAX ||
        *end != ',') {
        return false;
    }
    const char *credential = end + 1;
    size_t size = strcspn(credential, ",\r\n");
    if (size < 1 || size >= sizeof(seat->credential)) {
        return false;
    }
    seat->seat = (uint32_t)number;
    memcpy(seat->credential, credential, size);
    seat->credential[size] = '\0';
    return true;
}

static enum status lines_read(FILE *file, const char *path, uint32_t first_seat, uint32_t count,
                              struct roll *roll, struct fault *fault)
{
    char line[ROLL_LINE_SIZE];
    for (uint32_t number = 1; roll->count < count && number <= SEAT_MAX + 1; number++) {
        if (fgets(line, sizeof(line), file) == NULL) {
            break;
        }
        char where[160];
        snprintf(where, sizeof(where), "%s:%u", path, number);
        if (number == 1) {
            if (strncmp(line, "seat,credential", 15) != 0) {
                return fault_set(fault, STATUS_INVALID, where,
                                 "not a roll: it must begin with 'seat,credential,group'");
            }
            continue;
        }
        struct roll_seat *seat = &roll->seats[roll->count];
        if (!line_parse(line, seat)) {
            return fault_set(fault, STATUS_INVALID, where,
                             "not a seat of the roll: it must read 'seat,credential,group'");
        }
        if (seat->seat >= first_seat) {
            roll->count++;
        }
    }
    if (ferror(file)) {
        return fault_set(fault, STATUS_IO, "", "cannot read '%s': %s", path, strerror(errno));
    }
    if (roll->count < count) {
        return fault_set(fault, STATUS_LIMIT, "",
                         "%u seats asked for, the roll '%s' has %u from seat %u on", count, path,
                         roll->count, first_seat);
    }
    return STATUS_OK;
}

enum status roll_read(const char *path, uint32_t first_seat, uint32_t count, struct roll *roll,
                      struct fault *fault)
{
    memset(roll, 0, sizeof(*roll));
    roll->seats = calloc(count, sizeof(*roll->seats));
    if (roll->seats == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a roll of %u seats", count);
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        roll_finish(roll);
        return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", path, strerror(errno));
    }
    enum status status = lines_read(file, path, first_seat, count, roll, fault);
    fclose(file);
    if (status != STATUS_OK) {
        roll_finish(roll);
    }
    return status;
}

void roll_finish(struct roll *roll)
{
    free(roll->seats);
    roll->seats = NULL;
    roll->count = 0;
}
