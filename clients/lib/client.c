#include "clients/lib/client_impl.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clients/lib/backoff.h"

#define CLIENT_BUSY_MIN_MS 100 /* the server was busy: again after 100 … 400 ms */
#define CLIENT_BUSY_SPREAD_MS 300
#define CLIENT_STORAGE_MIN_MS 1000 /* its log failed: it starts anew, after 1 … 3 s */
#define CLIENT_STORAGE_SPREAD_MS 2000
#define CLIENT_FULL_MIN_MS 300 /* no room on its disk: casts go on within 1 s of room */
#define CLIENT_FULL_SPREAD_MS 700
#define CLIENT_ASK_MIN_MS 20 /* while one probe runs for all: after 20 … 60 ms */
#define CLIENT_ASK_SPREAD_MS 40

/* What is sent next, first come first. */
enum next {
    NEXT_NOTHING = 0,
    NEXT_HELLO,
    NEXT_CONTROL,
    NEXT_RESEND,
    NEXT_CAST,
    NEXT_REPORT,
    NEXT_PING
};

static enum next client_next(struct client *client, struct cast_wait **cast)
{
    *cast = NULL;
    if (!client->is_hello_sent) {
        return NEXT_HELLO;
    }
    if (client->link != LINK_READY) {
        return NEXT_NOTHING;
    }
    if (client->control_size > 0) {
        return NEXT_CONTROL;
    }
    if (client->is_resend_wanted && client->acked_last != NULL) {
        return NEXT_RESEND;
    }
    if (!client->is_paused && client->hold_ms == 0) {
        struct cast_wait *wait = client->cast_first;
        while (wait != NULL && wait->is_sent) {
            wait = wait->next;
        }
        if (wait != NULL) {
            *cast = wait;
            return NEXT_CAST;
        }
    }
    if (report_waits(client)) {
        return NEXT_REPORT;
    }
    return client->is_ping_wanted ? NEXT_PING : NEXT_NOTHING;
}

bool client_has_text(struct client *client)
{
    struct cast_wait *cast;
    return client_next(client, &cast) != NEXT_NOTHING;
}

uint32_t client_next_text(struct client *client, char *buffer, bool *is_ping)
{
    struct cast_wait *cast;
    uint32_t size;
    switch (client_next(client, &cast)) {
    case NEXT_HELLO:
        client->is_hello_sent = true;
        memcpy(buffer, client->hello, client->hello_size);
        return client->hello_size;
    case NEXT_CONTROL:
        size = client->control_size;
        client->control_size = 0;
        memcpy(buffer, client->control_text, size);
        return size;
    case NEXT_RESEND:
        client->is_resend_wanted = false;
        memcpy(buffer, client->acked_last->text, client->acked_last->size);
        return client->acked_last->size;
    case NEXT_CAST:
        cast->is_sent = true;
        memcpy(buffer, cast->text, cast->size);
        return cast->size;
    case NEXT_REPORT:
        return report_next_text(client, buffer);
    case NEXT_PING:
        client->is_ping_wanted = false;
        client->is_ping_sent = true;
        *is_ping = true;
        return 0;
    case NEXT_NOTHING:
        break;
    }
    return 0;
}

void client_schedule(struct client *client)
{
    uint64_t due_ms = UINT64_MAX;
    switch (client->link) {
    case LINK_NONE:
        due_ms = client->connect_ms;
        break;
    case LINK_STARTING:
        due_ms = client->deadline_ms;
        break;
    case LINK_READY:
        due_ms = client->heard_ms + (client->is_ping_sent ? LINK_HANGUP_MS : LINK_PING_MS);
        if (client->hold_ms != 0 && client->hold_ms < due_ms) {
            due_ms = client->hold_ms;
        }
        break;
    case LINK_OFF:
    case LINK_INVALID:
        break;
    }
    if (client->fetch != NULL) {
        uint64_t fetch_ms = client->fetch->is_started ? client->fetch->deadline_ms : 0;
        due_ms = fetch_ms < due_ms ? fetch_ms : due_ms;
    }
    if (due_ms != UINT64_MAX) {
        wheel_put(&client->loop->wheel, &client->due, due_ms);
    } else {
        wheel_take(&client->due);
    }
}

static void client_tell_state(struct client *client, enum client_state state, enum status status,
                              const char *why)
{
    if (client->handlers->state == NULL) {
        return;
    }
    struct fault fault = { 0 };
    if (why != NULL) {
        fault_set(&fault, status, "",
                  status == STATUS_DENIED ? "refused by '%s': %s" : "no connection to '%s': %s",
                  client->endpoint->url.authority, why);
    }
    client->handlers->state(client->ctx, state, why != NULL ? &fault : NULL);
}

void client_on_established(struct client *client)
{
    client->heard_ms = loop_now_ms(client->loop);
    link_flush(client);
}

void client_on_lost(struct client *client, const char *why)
{
    if (client->link != LINK_STARTING && client->link != LINK_READY && client->link != LINK_NONE) {
        return;
    }
    link_leave(client);
    uint32_t wait_ms =
        backoff_ms(client->attempt, (uint32_t)(prng_next(&client->loop->prng) >> 32));
    if (client->attempt < UINT32_MAX) {
        client->attempt++;
    }
    client->connect_ms = loop_now_ms(client->loop) + wait_ms;
    client_schedule(client);
    client_tell_state(client, CLIENT_CONNECTING, STATUS_IO, why);
}

/* Refused for good: no further try. */
static void client_refuse(struct client *client, const struct refused *refused)
{
    char why[REFUSAL_TEXT_SIZE + 32];
    snprintf(why, sizeof(why), "%s%s%s", refusal_name(refused->refusal),
             refused->text[0] != '\0' ? ": " : "", refused->text);
    link_leave(client);
    client->link = LINK_OFF;
    client_schedule(client);
    client_tell_state(client, CLIENT_REFUSED, STATUS_DENIED, why);
}

static void client_on_welcome(struct client *client, const struct welcome *welcome)
{
    if (client->link != LINK_STARTING) {
        return;
    }
    client->link = LINK_READY;
    client->loop->starting_count--;
    client->attempt = 0;
    client->is_paused = false;
    client->hold_ms = 0;
    client_schedule(client);
    client_tell_state(client, CLIENT_READY, STATUS_OK, NULL);
    if (client->link == LINK_READY && client->handlers->welcome != NULL) {
        client->handlers->welcome(client->ctx, welcome);
    }
    link_flush(client);
}

static void client_on_round(struct client *client, const struct round_notice *round)
{
    if (round->state != ROUND_PAUSED) {
        client->is_paused = false;
    }
    if (client->handlers->round != NULL) {
        client->handlers->round(client->ctx, round);
    }
    link_flush(client);
}

static void client_on_ack(struct client *client, const struct ack *ack)
{
    struct cast_wait *cast = cast_wait_find(client, ack->id);
    if (cast != NULL) {
        cast_wait_take(client, cast);
        free(client->acked_last);
        client->acked_last = cast;
    }
    if (client->handlers->acked != NULL) {
        client->handlers->acked(client->ctx, ack);
    }
}

static void client_hold(struct client *client, uint32_t min_ms, uint32_t spread_ms)
{
    client->hold_ms =
        loop_now_ms(client->loop) + min_ms + prng_below(&client->loop->prng, spread_ms);
    client_schedule(client);
}

static void client_on_refused(struct client *client, const struct refused *refused)
{
    bool is_passing = refused->refusal == REFUSAL_BUSY || refused->refusal == REFUSAL_STORAGE ||
                      refused->refusal == REFUSAL_STORAGE_FULL;
    if (client->link == LINK_STARTING && !is_passing) {
        client_refuse(client, refused);
        return;
    }
    if (client->link == LINK_STARTING) {
        client_on_lost(client, refusal_name(refused->refusal));
        return;
    }
    if (refused->refusal == REFUSAL_REPLACED || refused->refusal == REFUSAL_BAD_CREDENTIAL ||
        refused->refusal == REFUSAL_BAD_VERSION) {
        client_refuse(client, refused);
        return;
    }
    bool is_control = refused->has_id && refused->id == client->control_id;
    if (is_control) {
        client->control_id = 0;
    }
    if (!is_control && (is_passing || refused->refusal == REFUSAL_PAUSED)) {
        struct cast_wait *cast = refused->has_id ? cast_wait_find(client, refused->id) : NULL;
        if (cast != NULL) {
            cast->is_sent = false;
        }
        if (refused->refusal == REFUSAL_PAUSED) {
            client->is_paused = true;
        } else if (refused->refusal == REFUSAL_BUSY) {
            client_hold(client, CLIENT_BUSY_MIN_MS, CLIENT_BUSY_SPREAD_MS);
        } else if (refused->refusal == REFUSAL_STORAGE_FULL) {
            client_hold(client, CLIENT_FULL_MIN_MS, CLIENT_FULL_SPREAD_MS);
        } else {
            client_hold(client, CLIENT_STORAGE_MIN_MS, CLIENT_STORAGE_SPREAD_MS);
        }
        return;
    }
    struct cast_wait *cast =
        refused->has_id && !is_control ? cast_wait_find(client, refused->id) : NULL;
    if (cast != NULL) {
        cast_wait_take(client, cast);
        free(cast);
    }
    if (client->handlers->refused != NULL) {
        client->handlers->refused(client->ctx, refused);
    }
}

static void client_on_answer(struct client *client, const struct message *message)
{
    const struct client_handlers *handlers = client->handlers;
    uint64_t id = message->kind == MESSAGE_DONE     ? message->done.id
                  : message->kind == MESSAGE_STATUS ? message->status.id
                                                    : message->cases.id;
    if (client->control_id == id) {
        client->control_id = 0;
    }
    if (message->kind == MESSAGE_DONE && handlers->done != NULL) {
        handlers->done(client->ctx, &message->done);
    } else if (message->kind == MESSAGE_STATUS && handlers->status != NULL) {
        handlers->status(client->ctx, &message->status);
    } else if (message->kind == MESSAGE_CASES && handlers->cases != NULL) {
        handlers->cases(client->ctx, &message->cases);
    }
}

/* Views come often to everybody; who does not look at them does not read them. */
static bool is_unheard(const struct client *client, const char *text, size_t size)
{
    static const char view[] = "{\"t\":\"view\"";
    static const char programme[] = "{\"t\":\"programme\"";
    return (client->handlers->view == NULL && size >= sizeof(view) &&
            memcmp(text, view, sizeof(view) - 1) == 0) ||
           (client->handlers->programme == NULL && size >= sizeof(programme) &&
            memcmp(text, programme, sizeof(programme) - 1) == 0);
}

void client_on_message(struct client *client, const char *text, size_t size)
{
    if (size == 0 || is_unheard(client, text, size)) {
        return;
    }
    struct message *message = &client->loop->heard;
    bool has_id;
    uint64_t id;
    struct fault fault = { 0 };
    if (message_decode(text, size, message, &has_id, &id, &fault) != STATUS_OK) {
        if (client->handlers->unread != NULL && strcmp(fault.where, "$.t") != 0) {
            client->handlers->unread(client->ctx, &fault);
        }
        return;
    }
    switch (message->kind) {
    case MESSAGE_WELCOME:
        client_on_welcome(client, &message->welcome);
        break;
    case MESSAGE_ACK:
        client_on_ack(client, &message->ack);
        break;
    case MESSAGE_REFUSED:
        client_on_refused(client, &message->refused);
        break;
    case MESSAGE_ROUND:
        client_on_round(client, &message->round);
        break;
    case MESSAGE_VIEW:
        client->handlers->view(client->ctx, &message->view);
        break;
    case MESSAGE_PROGRAMME:
        client->handlers->programme(client->ctx, &message->programme);
        break;
    case MESSAGE_DONE:
    case MESSAGE_STATUS:
    case MESSAGE_CASES:
        client_on_answer(client, message);
        break;
    default:
        break;
    }
    message_finish(message);
}

/* A client without a connection whose time has come. */
static void client_try(struct client *client, uint64_t now_ms)
{
    struct client_loop *loop = client->loop;
    if (loop->starting_count >= LINK_STARTING_MAX) {
        client->connect_ms = now_ms + WHEEL_STEP_MS;
    } else if (endpoint_ask(client->endpoint, now_ms)) {
        link_connect(client);
    } else if (client->endpoint->state == ENDPOINT_SHUT) {
        client_on_lost(client, client->endpoint->error);
    } else {
        client->connect_ms =
            now_ms + CLIENT_ASK_MIN_MS + prng_below(&loop->prng, CLIENT_ASK_SPREAD_MS);
    }
}

static void client_watch(struct client *client, uint64_t now_ms)
{
    uint64_t silent_ms = now_ms - client->heard_ms;
    if (silent_ms >= LINK_HANGUP_MS) {
        client_on_lost(client, "the server is silent");
        return;
    }
    if (silent_ms >= LINK_PING_MS && !client->is_ping_sent) {
        client->is_ping_wanted = true;
    }
    if (client->hold_ms != 0 && now_ms >= client->hold_ms) {
        client->hold_ms = 0;
    }
    link_flush(client);
}

void client_due(struct client *client)
{
    uint64_t now_ms = loop_now_ms(client->loop);
    if (client->fetch != NULL) {
        fetch_due(client, now_ms);
    }
    if (client->link == LINK_NONE && now_ms >= client->connect_ms) {
        client_try(client, now_ms);
    } else if (client->link == LINK_STARTING && now_ms >= client->deadline_ms) {
        client_on_lost(client, "no answer in time");
    } else if (client->link == LINK_READY) {
        client_watch(client, now_ms);
    }
    client_schedule(client);
}

void client_destroy(struct client *client)
{
    if (client == NULL) {
        return;
    }
    struct client_loop *loop = client->loop;
    fetch_drop(client);
    link_leave(client);
    wheel_take(&client->due);
    cast_waits_free(client);
    loop->slots[client->slot].client = NULL;
    loop->free_slots[loop->free_count++] = client->slot;
    loop->client_count--;
    free(client->receive);
    free(client->control_text);
    report_free(client);
    free(client->token);
    free(client->local);
    free(client);
}

void client_close(struct client *client)
{
    link_leave(client);
    client->link = LINK_OFF;
    client_schedule(client);
}

void client_drop(struct client *client)
{
    if (client->wsi == NULL) {
        return;
    }
    /* A reset, with what was not sent yet thrown away: as a failing network would. */
    static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    int fd = lws_get_socket_fd(client->wsi);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    shutdown(fd, SHUT_RDWR);
}

enum client_state client_state(const struct client *client)
{
    return client->link == LINK_READY ? CLIENT_READY
           : client->link == LINK_OFF ? CLIENT_REFUSED
                                      : CLIENT_CONNECTING;
}

enum status client_control(struct client *client, const struct control *control, uint64_t *id)
{
    if (client->link != LINK_READY || client->control_id != 0) {
        return STATUS_BUSY;
    }
    if (client->control_text == NULL) {
        client->control_text = malloc(CONTROL_SIZE_MAX);
        if (client->control_text == NULL) {
            return STATUS_NOMEM;
        }
    }
    struct message *message = &client->loop->spoken;
    message->kind = MESSAGE_CONTROL;
    message->control = *control;
    message->control.id = client->next_id + 1;
    size_t size = message_encode(message, client->control_text, CONTROL_SIZE_MAX);
    if (size == 0) {
        return STATUS_INVALID;
    }
    client->next_id++;
    client->control_id = client->next_id;
    client->control_size = (uint32_t)size;
    *id = client->control_id;
    link_flush(client);
    return STATUS_OK;
}
