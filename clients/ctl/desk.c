#include "clients/ctl/desk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clients/lib/client.h"

#define FETCH_RETRY_NS 200000000

struct errand {
    struct client_loop *loop;
    struct client *client;
    const struct control *control; /* or NULL: fetch */
    struct desk_answer *answer;
    struct document *document;
    bool is_sent;
    bool is_over;
    bool is_denied;     /* this role is not the token's */
    enum status status; /* of what is over */
    struct fault fault; /* why it failed, or the last trouble on the way */
};

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void errand_end(struct errand *errand, enum status status)
{
    errand->is_over = true;
    errand->status = status;
    client_loop_stop(errand->loop);
}

static void on_state(void *ctx, enum client_state state, const struct fault *fault)
{
    struct errand *errand = ctx;
    if (fault != NULL) {
        errand->fault = *fault;
    }
    if (state == CLIENT_REFUSED) {
        errand->is_denied = true;
        errand_end(errand, STATUS_DENIED);
    } else if (state == CLIENT_CONNECTING && errand->is_sent) {
        errand->fault = (struct fault){ 0 };
        fault_set(&errand->fault, STATUS_IO, "",
                  "the connection was lost before the answer came: ask for the status");
        errand_end(errand, STATUS_IO);
    }
}

static void on_welcome(void *ctx, const struct welcome *welcome)
{
    struct errand *errand = ctx;
    uint64_t id;
    (void)welcome;
    if (errand->control == NULL || errand->is_sent) {
        return;
    }
    enum status status = client_control(errand->client, errand->control, &id);
    if (status != STATUS_OK) {
        fault_set(&errand->fault, status, "", "cannot send the command");
        errand_end(errand, status);
        return;
    }
    errand->is_sent = true;
}

static void on_done(void *ctx, const struct done *done)
{
    struct errand *errand = ctx;
    errand->answer->kind = MESSAGE_DONE;
    errand->answer->done = *done;
    errand_end(errand, STATUS_OK);
}

static void on_status(void *ctx, const struct status_report *status)
{
    struct errand *errand = ctx;
    errand->answer->kind = MESSAGE_STATUS;
    errand->answer->status = *status;
    errand_end(errand, STATUS_OK);
}

static void on_cases(void *ctx, const struct cases_report *cases)
{
    struct errand *errand = ctx;
    errand->answer->kind = MESSAGE_CASES;
    errand->answer->cases = *cases;
    errand_end(errand, STATUS_OK);
}

static void on_refused(void *ctx, const struct refused *refused)
{
    struct errand *errand = ctx;
    errand->answer->kind = MESSAGE_REFUSED;
    errand->answer->refused = *refused;
    errand_end(errand, STATUS_OK);
}

static void on_document(void *ctx, int http_status, const char *body, size_t size)
{
    struct errand *errand = ctx;
    errand->is_sent = false;
    if (http_status == 0 || http_status == 503) {
        return; /* no answer, or no view yet: asked again, until the time is up */
    }
    errand->fault = (struct fault){ 0 };
    if (http_status == 200) {
        errand_end(errand, document_decode(body, size, errand->document, &errand->fault));
        return;
    }
    fault_set(&errand->fault, STATUS_DENIED, "", "the server answers %d%s", http_status,
              http_status == 401 || http_status == 403 ? ": the token is not of a post of its event"
                                                       : "");
    errand_end(errand, STATUS_DENIED);
}

static const struct client_handlers handlers = {
    .state = on_state,
    .welcome = on_welcome,
    .done = on_done,
    .status = on_status,
    .cases = on_cases,
    .refused = on_refused,
};

/* One line of up to 64 hexadecimal digits. */
static enum status token_read(const char *path, char token[TOKEN_SIZE], struct fault *fault)
{
    char line[TOKEN_SIZE + 16];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return fault_set(fault, STATUS_INVALID, "", "cannot open '%s': %s", path, strerror(errno));
    }
    if (fgets(line, sizeof(line), file) == NULL) {
        line[0] = '\0';
    }
    fclose(file);
    size_t size = strcspn(line, " \t\r\n");
    if (size < 1 || size >= TOKEN_SIZE) {
        return fault_set(fault, STATUS_INVALID, "", "no token in '%s'", path);
    }
    memcpy(token, line, size);
    token[size] = '\0';
    return STATUS_OK;
}

/* Runs the loop until the errand is over or `until_ns`; asks for the document when there is none.
 */
static void errand_run(struct errand *errand, int64_t until_ns)
{
    while (!errand->is_over && clock_ns() < until_ns) {
        int64_t next_ns = until_ns;
        if (errand->control == NULL && !errand->is_sent) {
            errand->is_sent =
                client_fetch(errand->client, "/api/v1/view", on_document, errand) == STATUS_OK;
            next_ns = clock_ns() + FETCH_RETRY_NS;
        }
        client_loop_run(errand->loop, next_ns < until_ns ? next_ns : until_ns);
    }
    if (!errand->is_over) {
        fault_set(&errand->fault, STATUS_IO, "",
                  errand->control != NULL && errand->is_sent
                      ? "no answer in time: ask for the status"
                      : "no answer in time");
        errand->status = STATUS_IO;
    }
}

static enum status errand_try(struct errand *errand, const struct desk_options *options,
                              enum role role, const char *token, int64_t until_ns,
                              struct fault *fault)
{
    struct client_options client = { .url = options->url, .role = role, .token = token };
    enum status status = client_loop_create(options->ca, 1, &errand->loop, fault);
    if (status != STATUS_OK) {
        return status;
    }
    status = client_create(errand->loop, &client, &handlers, errand, &errand->client, fault);
    if (status == STATUS_OK) {
        errand_run(errand, until_ns);
        status = errand->status;
    }
    client_destroy(errand->client);
    client_loop_destroy(errand->loop);
    return status;
}

/* Hands out why an errand failed, where nothing else said so before. */
static enum status errand_fault(const struct errand *errand, enum status status,
                                struct fault *fault)
{
    if (fault != NULL && status != STATUS_OK && fault->status == STATUS_OK) {
        *fault = errand->fault;
    }
    return status;
}

/* The roles a control is for, the likeliest first: a token says nothing of its role. */
static const enum role *roles_for(enum control_kind kind)
{
    static const enum role rounds[] = { ROLE_OFFICER, ROLE_OPERATOR, ROLE_SCRUTINEER,
                                        ROLE_INVALID };
    static const enum role air[] = { ROLE_OPERATOR, ROLE_OFFICER, ROLE_SCRUTINEER, ROLE_INVALID };
    bool is_air = kind == CONTROL_TAKE || kind == CONTROL_CONTINUE || kind == CONTROL_CLEAR ||
                  kind == CONTROL_CUT;
    return is_air ? air : rounds;
}

enum status desk_control(const struct desk_options *options, const struct control *control,
                         struct desk_answer *answer, struct fault *fault)
{
    char token[TOKEN_SIZE];
    int64_t until_ns = clock_ns() + (int64_t)options->timeout_s * 1000000000;
    enum status status = token_read(options->token_file, token, fault);
    if (status != STATUS_OK) {
        return status;
    }
    for (const enum role *role = roles_for(control->kind); *role != ROLE_INVALID; role++) {
        struct errand errand = { .control = control, .answer = answer };
        memset(answer, 0, sizeof(*answer));
        status = errand_try(&errand, options, *role, token, until_ns, fault);
        if (!errand.is_denied || role[1] == ROLE_INVALID) {
            return errand_fault(&errand, status, fault);
        }
    }
    return status;
}

enum status desk_document(const struct desk_options *options, struct document *document,
                          struct fault *fault)
{
    char token[TOKEN_SIZE];
    int64_t until_ns = clock_ns() + (int64_t)options->timeout_s * 1000000000;
    enum status status = token_read(options->token_file, token, fault);
    if (status != STATUS_OK) {
        return status;
    }
    struct errand errand = { .document = document };
    status = errand_try(&errand, options, ROLE_VIEWER, token, until_ns, fault);
    return errand_fault(&errand, status, fault);
}
