#include <assert.h>
#include <string.h>

#include "server/protocol/asrun_entry.h"

/* asrun_entry_decode(): no line harms it; of one that it accepts every text has its end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ASSERT_ENDED(text) assert(memchr(text, '\0', sizeof(text)) != NULL)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct asrun_entry entry;
    struct fault fault = { .status = STATUS_OK };
    if (asrun_entry_decode((const char *)data, size, &entry, &fault) != STATUS_OK) {
        assert(fault.text[0] != '\0');
        return 0;
    }
    ASSERT_ENDED(entry.at);
    ASSERT_ENDED(entry.timecode);
    ASSERT_ENDED(entry.why);
    ASSERT_ENDED(entry.layer);
    ASSERT_ENDED(entry.scene);
    ASSERT_ENDED(entry.post);
    ASSERT_ENDED(entry.params);
    ASSERT_ENDED(entry.text);
    ASSERT_ENDED(entry.words);
    ASSERT_ENDED(entry.picture);
    return 0;
}
