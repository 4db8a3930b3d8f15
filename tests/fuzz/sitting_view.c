#include "tests/fuzz/sitting_view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/disclosure.h"
#include "server/protocol/event_file.h"
#include "server/protocol/message.h"

void sitting_view_check(const struct sitting *sitting)
{
    static struct view view;
    static struct message heard;
    static struct figures closed;
    static char text[4 * MESSAGE_SIZE_MAX];
    bool has_id;
    uint64_t id;
    for (int audience = AUDIENCE_PUBLIC; audience < AUDIENCE_COUNT; audience++) {
        disclosure_view(sitting, (enum audience)audience, &view);
        memcpy(view.log_id, "0123456789abcdef", sizeof(view.log_id));
        view.epoch = 1;
        size_t size = view_encode(&view, text, sizeof(text));
        assert(size > 0);
        assert(message_decode(text, size, &heard, &has_id, &id, NULL) == STATUS_OK);
        message_finish(&heard);
        (void)disclosure_closed(sitting, (enum audience)audience, &closed, 1);
    }
    for (uint32_t number = 1; number <= sitting_round_count(sitting); number++) {
        const struct round *round = sitting_round(sitting, number);
        sitting_figures(sitting, round, &closed);
        if (round_state_is_over(round->state)) {
            (void)sitting_reconcile(sitting, round, NULL);
        }
    }
}

struct event *sitting_event_read(void)
{
    struct event *event = NULL;
    enum status status = event_file_read(EVENT_FILE, &event, NULL);
    assert(status == STATUS_OK && event != NULL);
    return event;
}
