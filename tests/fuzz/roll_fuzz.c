#include <assert.h>
#include <string.h>

#include "server/model/utf8.h"
#include "server/protocol/roll_file.h"

/*
 * roll_parse(): no input harms it, a refused one has a fault with its file, and of an accepted one
 * every member has a name that may be shown, a group and a seat in the groups' order.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void name_check(const char *name)
{
    size_t size = strlen(name);

    assert(size > 0);
    for (size_t i = 0; i < size;) {
        uint32_t codepoint;
        size_t step = utf8_next(name + i, size - i, &codepoint);

        assert(step > 0 && !utf8_is_control(codepoint) && !utf8_is_bidi(codepoint));
        i += step;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fault_list faults;
    struct group groups[3] = { { .id = "party", .label = { "党员代表", "Party members" } },
                               { .id = "congress", .label = { "人大代表", "" } },
                               { .id = "test", .label = { "试用", "" }, .is_test = true } };
    struct event event = { .groups = groups, .group_count = 3, .has_roll = true };
    struct roll roll;
    enum status status;
    uint32_t last = 0;

    memset(&faults, 0, sizeof(faults));
    status = roll_parse("roll.csv", (const char *)data, size, &event, &roll, &faults);
    assert((status == STATUS_OK) == (roll.members != NULL));
    assert((status == STATUS_OK) == (faults.count == 0));
    for (uint32_t i = 0; i < faults.count; i++) {
        assert(strncmp(faults.faults[i].where, "roll.csv", 8) == 0);
        assert(faults.faults[i].text[0] != '\0');
    }
    for (uint32_t i = 0; i < roll.count; i++) {
        const struct member *member = &roll.members[i];
        uint32_t place = 2 * member->group + !member->has_vote;

        name_check(member->name);
        assert(place >= last && member->group < 3);
        last = place;
    }
    if (status == STATUS_OK && event_seat_roll(&event, &roll, &faults) == STATUS_OK) {
        assert(event.seat_count == roll.count);
        assert(groups[2].first_seat + groups[2].seat_count == roll.count + 1);
    }
    roll_finish(&roll);
    return 0;
}
