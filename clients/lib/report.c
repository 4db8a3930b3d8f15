#include <stdlib.h>
#include <string.h>

#include "clients/lib/client_impl.h"

bool report_waits(const struct client *client)
{
    return client->report_size > 0 || (client->telling != NULL && client->telling->size > 0);
}

/* The next part of the picture under way; after its last the one behind it begins. */
static uint32_t part_next_text(struct client *client, char *buffer)
{
    struct telling *telling = client->telling;
    struct message *message = &client->loop->spoken;
    struct picture_part *part = &message->picture;
    message->kind = MESSAGE_PICTURE;
    part->bus = telling->bus;
    part->number = telling->number;
    part->size = telling->size;
    part->part = telling->part;
    part->part_size = picture_part_size(telling->size, telling->part);
    memcpy(part->bytes, telling->bytes + (size_t)telling->part * PICTURE_PART_SIZE,
           part->part_size);
    telling->part++;
    if (picture_part_size(telling->size, telling->part) == 0) {
        memcpy(telling->bytes, telling->next_bytes, telling->next_size);
        telling->bus = telling->next_bus;
        telling->size = telling->next_size;
        telling->next_size = 0;
        telling->part = 0;
        telling->number++;
    }
    return (uint32_t)message_encode(message, buffer, MESSAGE_SIZE_MAX);
}

uint32_t report_next_text(struct client *client, char *buffer)
{
    uint32_t size = client->report_size;
    if (size == 0) {
        return part_next_text(client, buffer);
    }
    client->report_size = 0;
    memcpy(buffer, client->report_text, size);
    return size;
}

void report_drop(struct client *client)
{
    client->report_size = 0;
    if (client->telling != NULL) {
        client->telling->size = 0;
        client->telling->next_size = 0;
        client->telling->part = 0;
    }
}

void report_free(struct client *client)
{
    free(client->report_text);
    free(client->telling);
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

enum status client_picture(struct client *client, enum bus bus, const uint8_t *bytes, size_t size)
{
    if (client->link != LINK_READY) {
        return STATUS_BUSY;
    }
    if (size == 0 || size > PICTURE_SIZE_MAX) {
        return STATUS_INVALID;
    }
    if (client->telling == NULL) {
        client->telling = calloc(1, sizeof(*client->telling));
        if (client->telling == NULL) {
            return STATUS_NOMEM;
        }
    }
    struct telling *telling = client->telling;
    bool is_first = telling->size == 0;
    memcpy(is_first ? telling->bytes : telling->next_bytes, bytes, size);
    *(is_first ? &telling->bus : &telling->next_bus) = bus;
    *(is_first ? &telling->size : &telling->next_size) = (uint32_t)size;
    link_flush(client);
    return STATUS_OK;
}
