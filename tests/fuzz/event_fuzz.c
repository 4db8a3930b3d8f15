#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_file.h"
#include "server/protocol/message.h"

/*
 * event_parse(): no input harms it, a refused one has a fault with a path, and the public texts of
 * an accepted one come through a document unchanged.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void send_and_hear(struct event *event)
{
    static struct document sent;
    static struct document heard;
    char *text;
    size_t size;

    memset(&sent, 0, sizeof(sent));
    memcpy(sent.view.log_id, "0123456789abcdef", 17);
    sent.view.audience = AUDIENCE_PUBLIC;
    sent.texts = event;
    if (document_encode(&sent, &text, &size, NULL) == STATUS_OK) {
        assert(document_decode(text, size, &heard, NULL) == STATUS_OK);
        assert(texts_hash(heard.texts) == texts_hash(event));
        document_finish(&heard);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fault_list faults;
    struct event *event;
    enum status status;

    memset(&faults, 0, sizeof(faults));
    status = event_parse((const char *)data, size, &event, &faults);
    assert((status == STATUS_OK) == (event != NULL));
    assert((status == STATUS_OK) == (faults.count == 0));
    for (uint32_t i = 0; i < faults.count; i++) {
        assert(faults.faults[i].where[0] == '$' && faults.faults[i].text[0] != '\0');
    }
    if (event) {
        send_and_hear(event);
        event_destroy(event);
    }
    return 0;
}
