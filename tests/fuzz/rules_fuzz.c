#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/rules_file.h"

/*
 * rules_parse(): no input harms it, a refused one has a fault with a path, and the canonical form
 * of an accepted one is read back as the same rules with the same hash.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct rules *rules)
{
    struct writer writer;
    struct rules *again;

    writer_init(&writer, NULL, 0);
    writer.more = writer_grow;
    rules_write(&writer, rules);
    assert(writer_end(&writer) > 0);
    assert(rules_parse(writer.buffer, writer.used, &again, NULL) == STATUS_OK);
    assert(memcmp(again->hash, rules->hash, sizeof(rules->hash)) == 0);
    free(again);
    free(writer.buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fault_list faults;
    struct rules *rules;
    enum status status;

    memset(&faults, 0, sizeof(faults));
    status = rules_parse((const char *)data, size, &rules, &faults);
    assert((status == STATUS_OK) == (rules != NULL));
    assert((status == STATUS_OK) == (faults.count == 0));
    for (uint32_t i = 0; i < faults.count; i++) {
        assert(faults.faults[i].where[0] == '$' && faults.faults[i].text[0] != '\0');
    }
    if (rules) {
        write_and_read(rules);
        free(rules);
    }
    return 0;
}
