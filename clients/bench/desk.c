#include "clients/bench/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/bench/bench.h"
#include "clients/lib/client.h"

#define ANSWER_MAX_NS 10000000000

enum question {
    QUESTION_INVALID = 0,
    QUESTION_OPEN,
    QUESTION_TAKE,
    QUESTION_STATUS,
    QUESTION_METRIC,
};

/* A question on its way. is_answered: status and what belongs to it are set. */
struct asking {
    enum question question;
    struct client_loop *loop;
    struct client *client;
    struct control control;
    const char *metric;
    double value;
    uint32_t round;
    struct status_report report;
    bool is_answered;
    enum status status;
    struct fault *fault;
};

static void answer(struct asking *asking, enum status status)
{
    asking->is_answered = true;
    asking->status = status;
    client_loop_stop(asking->loop);
}

/* "name value\n" at the beginning of a line of body. */
static bool metric_find(const char *body, size_t size, const char *name, double *value)
{
    char line[256];
    size_t name_size = strlen(name);
    for (const char *at = body; at < body + size;) {
        const char *end = memchr(at, '\n', (size_t)(body + size - at));
        size_t length = end != NULL ? (size_t)(end - at) : (size_t)(body + size - at);
        if (length > name_size && length < sizeof(line) && memcmp(at, name, name_size) == 0 &&
            at[name_size] == ' ') {
            memcpy(line, at, length);
            line[length] = '\0';
            *value = strtod(line + name_size, NULL);
            return true;
        }
        at += length + 1;
    }
    return false;
}

static void fetched(void *ctx, int http_status, const char *body, size_t size)
{
    struct asking *asking = ctx;
    if (http_status != 200) {
        answer(asking,
               fault_set(asking->fault, STATUS_IO, "", "GET /metrics gave status %d", http_status));
    } else if (!metric_find(body, size, asking->metric, &asking->value)) {
        answer(asking, fault_set(asking->fault, STATUS_NOT_FOUND, "", "the server has no metric %s",
                                 asking->metric));
    } else {
        answer(asking, STATUS_OK);
    }
}

static void welcomed(void *ctx, const struct welcome *welcome)
{
    struct asking *asking = ctx;
    uint64_t id;
    enum status status = asking->question == QUESTION_METRIC
                             ? client_fetch(asking->client, "/metrics", fetched, asking)
                             : client_control(asking->client, &asking->control, &id);
    if (status != STATUS_OK) {
        answer(asking, fault_set(asking->fault, status, "", "cannot ask the desk: %s",
                                 status_name(status)));
    }
}

static void state_changed(void *ctx, enum client_state state, const struct fault *fault)
{
    struct asking *asking = ctx;
    if (state == CLIENT_REFUSED) {
        answer(asking,
               fault_set(asking->fault, STATUS_REFUSED, "", "the desk refused the token: %s",
                         fault != NULL ? fault->text : ""));
    }
}

static void refused(void *ctx, const struct refused *refused)
{
    struct asking *asking = ctx;
    answer(asking, fault_set(asking->fault, STATUS_REFUSED, "", "the desk refused: %s: %s",
                             refusal_name(refused->refusal), refused->text));
}

static void done(void *ctx, const struct done *done)
{
    struct asking *asking = ctx;
    asking->round = done->round;
    answer(asking, STATUS_OK);
}

static void reported(void *ctx, const struct status_report *report)
{
    struct asking *asking = ctx;
    asking->report = *report;
    answer(asking, STATUS_OK);
}

static enum status ask(struct asking *asking, const char *url, const char *token,
                       struct fault *fault)
{
    static const struct client_handlers handlers = { .state = state_changed,
                                                     .welcome = welcomed,
                                                     .refused = refused,
                                                     .done = done,
                                                     .status = reported };
    struct client_options options = { .url = url, .role = ROLE_OFFICER, .token = token };
    if (asking->question == QUESTION_TAKE) {
        options.role = ROLE_OPERATOR;
    }
    asking->fault = fault;
    enum status status = client_loop_create(NULL, 1, &asking->loop, fault);
    if (status != STATUS_OK) {
        return status;
    }
    status = client_create(asking->loop, &options, &handlers, asking, &asking->client, fault);
    if (status == STATUS_OK) {
        client_loop_run(asking->loop, bench_now_ns() + ANSWER_MAX_NS);
        status = asking->is_answered
                     ? asking->status
                     : fault_set(fault, STATUS_IO, "", "the desk at '%s' does not answer", url);
        client_destroy(asking->client);
    }
    client_loop_destroy(asking->loop);
    return status;
}

enum status desk_open_round(const char *url, const char *token, const char *subject,
                            uint32_t *round, struct fault *fault)
{
    struct asking asking = { .question = QUESTION_OPEN, .control = { .kind = CONTROL_OPEN } };
    snprintf(asking.control.contest, sizeof(asking.control.contest), "appraisal");
    snprintf(asking.control.subject, sizeof(asking.control.subject), "%s", subject);
    enum status status = ask(&asking, url, token, fault);
    *round = asking.round;
    return status;
}

enum status desk_take_strip(const char *url, const char *token, const char *subject,
                            struct fault *fault)
{
    struct asking asking = { .question = QUESTION_TAKE,
                             .control = { .kind = CONTROL_TAKE,
                                          .bus = BUS_PROGRAMME,
                                          .layer = LAYER_LOWER,
                                          .scene = SCENE_STRIP } };
    snprintf(asking.control.params, sizeof(asking.control.params),
             "contest=appraisal\nsubject=%s\ncriterion=ability\n", subject);
    return ask(&asking, url, token, fault);
}

enum status desk_status(const char *url, const char *token, struct status_report *report,
                        struct fault *fault)
{
    struct asking asking = { .question = QUESTION_STATUS, .control = { .kind = CONTROL_STATUS } };
    enum status status = ask(&asking, url, token, fault);
    *report = asking.report;
    return status;
}

enum status desk_metric(const char *url, const char *token, const char *name, double *value,
                        struct fault *fault)
{
    struct asking asking = { .question = QUESTION_METRIC, .metric = name };
    enum status status = ask(&asking, url, token, fault);
    *value = asking.value;
    return status;
}
