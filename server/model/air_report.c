#include "server/model/air_report.h"

#include <string.h>

#include "server/model/name_table.h"
#include "server/model/utf8.h"

/* A frame at 25 a second, two, three …; what is above a second is out of order. */
const uint32_t air_delay_ms[AIR_DELAY_COUNT] = { 20, 40, 60, 80, 100, 140, 200, 300, 500, 1000 };

static const char *const state_names[AIR_STATE_COUNT] = {
    [AIR_NONE] = "none",
    [AIR_UP] = "up",
    [AIR_RETRYING] = "retrying",
    [AIR_FAILED] = "failed",
};

const char *air_state_name(enum air_state state)
{
    return name_table_name(state_names, NAME_COUNT(state_names), state);
}

bool air_state_parse(const char *name, enum air_state *state)
{
    *state = (enum air_state)name_table_parse(state_names, NAME_COUNT(state_names), name);
    return *state != AIR_NONE || strcmp(name, state_names[AIR_NONE]) == 0;
}

void air_delay_count(uint64_t delays[AIR_DELAY_COUNT + 1], uint64_t *ms_sum, int64_t ms)
{
    uint64_t delay_ms = ms < 0 ? 0 : (uint64_t)ms;
    size_t place = 0;
    while (place < AIR_DELAY_COUNT && delay_ms > air_delay_ms[place]) {
        place++;
    }
    delays[place]++;
    *ms_sum += delay_ms;
}

uint64_t air_delay_total(const uint64_t delays[AIR_DELAY_COUNT + 1])
{
    uint64_t total = 0;
    for (size_t i = 0; i <= AIR_DELAY_COUNT; i++) {
        total += delays[i];
    }
    return total;
}

void air_name_set(char name[AIR_OUTPUT_NAME_SIZE], const char *text)
{
    size_t left = strlen(text), used = 0;
    while (left > 0) {
        uint32_t codepoint = 0;
        size_t size = utf8_next(text, left, &codepoint);
        bool is_shown = size > 0 && !utf8_is_control(codepoint) && !utf8_is_bidi(codepoint);
        size_t wanted = is_shown ? size : 1;
        if (used + wanted >= AIR_OUTPUT_NAME_SIZE) {
            break;
        }
        memcpy(name + used, is_shown ? text : "?", wanted);
        used += wanted;
        text += size > 0 ? size : 1;
        left -= size > 0 ? size : 1;
    }
    name[used] = '\0';
}
