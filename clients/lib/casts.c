#include "clients/lib/client_impl.h"

#include <stdlib.h>
#include <string.h>

void cast_waits_unsend(struct client *client)
{
    for (struct cast_wait *cast = client->cast_first; cast != NULL; cast = cast->next) {
        cast->is_sent = false;
    }
}

struct cast_wait *cast_wait_find(const struct client *client, uint64_t id)
{
    struct cast_wait *cast = client->cast_first;
    while (cast != NULL && cast->id != id) {
        cast = cast->next;
    }
    return cast;
}

void cast_wait_take(struct client *client, struct cast_wait *cast)
{
    struct cast_wait **at = &client->cast_first;
    struct cast_wait *previous = NULL;
    while (*at != cast) {
        previous = *at;
        at = &(*at)->next;
    }
    *at = cast->next;
    if (client->cast_last == cast) {
        client->cast_last = previous;
    }
    cast->next = NULL;
    client->cast_count--;
}

void cast_waits_free(struct client *client)
{
    while (client->cast_first != NULL) {
        struct cast_wait *cast = client->cast_first;
        cast_wait_take(client, cast);
        free(cast);
    }
    free(client->acked_last);
    client->acked_last = NULL;
}

/* `cast` with its id, as JSON in `buffer`. Copies only what is used of the 30 kB. */
static uint32_t cast_text(struct client *client, const struct cast *cast, uint64_t id, char *buffer,
                          size_t buffer_size)
{
    struct cast *copy = &client->loop->spoken.cast;
    if (cast->card_count > CARD_PER_MESSAGE_MAX || cast->mark_count > MARK_PER_MESSAGE_MAX ||
        cast->name_count > CAST_NAME_MAX) {
        return 0;
    }
    copy->id = id;
    copy->round = cast->round;
    copy->card_count = cast->card_count;
    copy->mark_count = cast->mark_count;
    memcpy(copy->cards, cast->cards, cast->card_count * sizeof(cast->cards[0]));
    copy->name_count = cast->name_count;
    memcpy(copy->names, cast->names, cast->name_count * sizeof(cast->names[0]));
    memcpy(copy->marks, cast->marks, cast->mark_count * sizeof(cast->marks[0]));
    return (uint32_t)cast_encode(copy, client->is_base, buffer, buffer_size);
}

enum status client_cast(struct client *client, const struct cast *cast, uint64_t *id)
{
    if (client->link == LINK_OFF) {
        return STATUS_DENIED;
    }
    if (client->cast_count == CLIENT_CAST_WAIT_MAX) {
        return STATUS_FULL;
    }
    char *buffer = (char *)client->loop->send_buffer + LWS_PRE;
    uint64_t next_id = client->next_id + 1;
    uint32_t size = cast_text(client, cast, next_id, buffer, MESSAGE_SIZE_MAX);
    if (size == 0) {
        return STATUS_LIMIT;
    }
    struct cast_wait *wait = malloc(sizeof(*wait) + size);
    if (wait == NULL) {
        return STATUS_NOMEM;
    }
    wait->next = NULL;
    wait->id = next_id;
    wait->size = size;
    wait->is_sent = false;
    memcpy(wait->text, buffer, size);
    if (client->cast_last == NULL) {
        client->cast_first = wait;
    } else {
        client->cast_last->next = wait;
    }
    client->cast_last = wait;
    client->cast_count++;
    client->next_id = next_id;
    *id = next_id;
    link_flush(client);
    return STATUS_OK;
}

uint32_t client_cast_waiting(const struct client *client)
{
    return client->cast_count;
}

void client_resend(struct client *client)
{
    if (client->cast_count > 0) {
        cast_waits_unsend(client);
    } else if (client->acked_last != NULL) {
        client->is_resend_wanted = true;
    }
    link_flush(client);
}
