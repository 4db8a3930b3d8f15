#include <stdlib.h>
#include <string.h>

#include "clients/lib/client_impl.h"

bool report_waits(const struct client *client)
{
    return client->report_size > 0;
}

uint32_t report_next_text(struct client *client, char *buffer)
{
    uint32_t size = client->report_size;
    client->report_size = 0;
    memcpy(buffer, client->report_text, size);
    return size;
}

void report_drop(struct client *client)
{
    client->report_size = 0;
}

void report_free(struct client *client)
{
    free(client->report_text);
}

enum status client_report(struct client *client, const struct air_report *report)
{
    if (client->link != LINK_READY) {
        return STATUS_BUSY;
    }
    if (client->report_text == NULL) {
        client->report_text = malloc(MESSAGE_SIZE_MAX);
        if (client->report_text == NULL) {
            return STATUS_NOMEM;
        }
    }
    struct message *message = &client->loop->spoken;
    message->kind = MESSAGE_AIR;
    message->air = *report;
    client->report_size = (uint32_t)message_encode(message, client->report_text, MESSAGE_SIZE_MAX);
    if (client->report_size == 0) {
        return STATUS_INVALID;
    }
    link_flush(client);
    return STATUS_OK;
}
