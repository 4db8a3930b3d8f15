#include "tests/unit/clients/lib/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t stage_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void on_state(void *ctx, enum client_state state, const struct fault *fault)
{
    struct stage *stage = ctx;
    stage->state = state;
    stage->state_count++;
    if (fault != NULL) {
        snprintf(stage->why, sizeof(stage->why), "%s", fault->text);
    }
}

static void on_welcome(void *ctx, const struct welcome *welcome)
{
    struct stage *stage = ctx;
    stage->welcome_count++;
    stage->last_version = welcome->seat_count > 0 ? welcome->versions[0].versions[10] : 0;
}

static void on_acked(void *ctx, const struct ack *ack)
{
    struct stage *stage = ctx;
    stage->acked_ids[stage->acked_count++ % 64] = ack->id;
    memcpy(stage->receipt, ack->outcomes[0].receipt, RECEIPT_SIZE);
}

static void on_refused(void *ctx, const struct refused *refused)
{
    struct stage *stage = ctx;
    stage->refused_count++;
    stage->refusal = refused->refusal;
}

static void on_done(void *ctx, const struct done *done)
{
    struct stage *stage = ctx;
    stage->done_count++;
    stage->done_id = done->id;
}

static void on_round(void *ctx, const struct round_notice *round)
{
    struct stage *stage = ctx;
    if (round->state == ROUND_CLOSED) {
        client_close(stage->client);
        stage->is_closed_in_handler = true;
    }
}

const struct client_handlers stage_handlers = {
    .state = on_state,
    .welcome = on_welcome,
    .round = on_round,
    .acked = on_acked,
    .refused = on_refused,
    .done = on_done,
};

void stage_connect(struct stage *stage, uint16_t port)
{
    char url[64];
    snprintf(url, sizeof(url), "ws://127.0.0.1:%u", port);
    struct client_options options = { .url = url,
                                      .role = ROLE_VOTER,
                                      .credential = "ABCD-EFGH-JKMN",
                                      .token = "00ff",
                                      .local = "127.0.0.3" };
    struct fault fault = { 0 };
    assert_int_equal(
        client_create(stage->loop, &options, &stage_handlers, stage, &stage->client, &fault),
        STATUS_OK);
}

int stage_make(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    stage->server = fake_server_create(0);
    assert_non_null(stage->server);
    assert_int_equal(client_loop_create(NULL, 4, &stage->loop, NULL), STATUS_OK);
    stage_connect(stage, fake_server_port(stage->server));
    *state = stage;
    return 0;
}

int stage_free(void **state)
{
    struct stage *stage = *state;
    client_destroy(stage->client);
    client_loop_destroy(stage->loop);
    if (stage->server != NULL) {
        fake_server_destroy(stage->server);
    }
    free(stage);
    return 0;
}

void stage_turn(struct stage *stage)
{
    if (stage->server != NULL) {
        fake_server_turn(stage->server);
    }
    client_loop_run(stage->loop, stage_clock_ns() + 1000000);
}

void stage_idle(struct stage *stage, int64_t ms)
{
    int64_t until_ns = stage_clock_ns() + ms * 1000000;
    while (stage_clock_ns() < until_ns) {
        stage_turn(stage);
    }
}

void stage_ready(struct stage *stage)
{
    uint32_t before = stage->welcome_count;
    UNTIL(stage, fake_server_heard_count(stage->server) > 0);
    fake_server_forget(stage->server);
    fake_server_send(stage->server, WELCOME_OPEN, 0);
    UNTIL(stage, stage->welcome_count > before);
}

uint64_t stage_cast(struct stage *stage, uint32_t version)
{
    static struct cast cast;
    uint64_t id = 0;
    cast.round = 3;
    cast.card_count = 1;
    cast.mark_count = 1;
    cast.cards[0] = (struct cast_card){ .nonce = { 1, 2, 3, 4, 5, 6, 7, 8 }, .mark_count = 1 };
    cast.marks[0] = (struct cast_mark){ .version = version, .item = 4, .choice = 2 };
    assert_int_equal(client_cast(stage->client, &cast, &id), STATUS_OK);
    return id;
}

void stage_answer(struct stage *stage, const char *format, uint64_t id)
{
    char text[256];
    const char *at = strstr(format, "ID");
    snprintf(text, sizeof(text), "%.*s%llu%s", (int)(at - format), format, (unsigned long long)id,
             at + 2);
    fake_server_send(stage->server, text, 0);
}

void stage_refuse(struct stage *stage, const char *reason, uint64_t id)
{
    char text[256];
    snprintf(text, sizeof(text),
             "{\"t\":\"refused\",\"id\":%llu,\"reason\":\"%s\",\"text\":\"because\"}",
             (unsigned long long)id, reason);
    fake_server_send(stage->server, text, 0);
}

bool stage_heard(struct stage *stage, uint32_t index, const char *part)
{
    return strstr(fake_server_heard(stage->server, index), part) != NULL;
}

void stage_on_fetched(void *ctx, int http_status, const char *body, size_t size)
{
    struct stage *stage = ctx;
    stage->is_fetched = true;
    stage->http_status = http_status;
    snprintf(stage->body, sizeof(stage->body), "%.*s", (int)size, body != NULL ? body : "");
}
