#include "clients/ctl/count_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/model/limits.h"

static bool number_take(const char *option, const char *text, uint32_t least,
                        struct count_number *number)
{
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > SEAT_MAX) {
        fprintf(stderr, "minping: %s '%s': must be %u to %u\n", option, text, least, SEAT_MAX);
        return false;
    }
    number->is_set = true;
    number->value = (uint32_t)value;
    return true;
}

bool count_option_take(int id, const char *text, struct count_options *options)
{
    switch (id) {
    case COUNT_OPTION_CARDS:
        options->cards = text;
        return true;
    case COUNT_OPTION_REGISTERED:
        return number_take("--registered", text, 0, &options->registered);
    case COUNT_OPTION_PRESENT:
        return number_take("--present", text, 0, &options->present);
    case COUNT_OPTION_ISSUED:
        return number_take("--issued", text, 0, &options->issued);
    case COUNT_OPTION_SEATS:
        return number_take("--seats", text, 1, &options->seats);
    case COUNT_OPTION_STAGE:
        options->stage = round_stage_parse(text);
        if (options->stage == STAGE_INVALID) {
            fprintf(stderr, "minping: --stage '%s': must be first, run-off or another\n", text);
        }
        return options->stage != STAGE_INVALID;
    case COUNT_OPTION_CANDIDATES:
        options->candidates = text;
        return true;
    case COUNT_OPTION_NAMES:
        options->names = text;
        return true;
    default:
        return false;
    }
}

bool count_options_are_given(const struct count_options *options)
{
    return options->cards != NULL || options->registered.is_set || options->present.is_set ||
           options->issued.is_set || options->seats.is_set || options->stage != STAGE_INVALID ||
           options->candidates != NULL || options->names != NULL;
}
