#include <assert.h>
#include <string.h>

#include "server/protocol/series_file.h"

/*
 * series_parse(): no input harms it, a refused one has a fault with a path, and of an accepted one
 * every sitting has an id of its own, and texts that end.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fault_list faults;
    struct series *series;
    enum status status;

    memset(&faults, 0, sizeof(faults));
    status = series_parse((const char *)data, size, &series, &faults);
    assert((status == STATUS_OK) == (series != NULL));
    assert((status == STATUS_OK) == (faults.count == 0));
    for (uint32_t i = 0; i < faults.count; i++) {
        assert(faults.faults[i].where[0] == '$' && faults.faults[i].text[0] != '\0');
    }
    for (uint32_t i = 0; series && i < series->sitting_count; i++) {
        const struct series_sitting *sitting = &series->sittings[i];

        assert(memchr(sitting->data, '\0', sizeof(sitting->data)));
        assert(memchr(sitting->event, '\0', sizeof(sitting->event)));
        assert(id_is_valid(sitting->id));
        for (uint32_t other = 0; other < i; other++) {
            assert(strcmp(series->sittings[other].id, sitting->id) != 0);
        }
    }
    assert(!series || (series->sitting_count >= 1 && series->sitting_count <= SERIES_SITTING_MAX));
    series_destroy(series);
    return 0;
}
