#include "clients/lib/client_impl.h"

#include <stdlib.h>
#include <string.h>

/* The hello of `options` into buffer; its size, or 0 where a credential or token does not fit. */
static size_t hello_text(struct client_loop *loop, const struct client_options *options,
                         char buffer[HELLO_SIZE_MAX])
{
    struct message *message = &loop->spoken;
    message->kind = MESSAGE_HELLO;
    struct hello *hello = &message->hello;
    memset(hello, 0, sizeof(*hello));
    hello->protocol = PROTOCOL_VERSION;
    hello->role = options->role;
    bool is_voter = options->role == ROLE_VOTER;
    bool is_post = options->role > ROLE_VOTER;
    const char *credential = is_voter && options->credential != NULL ? options->credential : "";
    const char *token = is_post && options->token != NULL ? options->token : "";
    if (strlen(credential) >= sizeof(hello->credential) || strlen(token) >= sizeof(hello->token)) {
        return 0;
    }
    memcpy(hello->credential, credential, strlen(credential) + 1);
    memcpy(hello->token, token, strlen(token) + 1);
    return message_encode(message, buffer, HELLO_SIZE_MAX);
}

static char *copy_of(const char *text, bool *is_ok)
{
    if (text == NULL) {
        return NULL;
    }
    char *copy = strdup(text);
    *is_ok = *is_ok && copy != NULL;
    return copy;
}

enum status client_create(struct client_loop *loop, const struct client_options *options,
                          const struct client_handlers *handlers, void *ctx, struct client **client,
                          struct fault *fault)
{
    struct url url;
    struct endpoint *endpoint = NULL;
    char hello[HELLO_SIZE_MAX];
    *client = NULL;
    if (url_parse(options->url, &url, fault) != STATUS_OK) {
        return STATUS_INVALID;
    }
    if (loop->free_count == 0) {
        return fault_set(fault, STATUS_FULL, "", "more than %u connections on one loop",
                         loop->client_max);
    }
    size_t hello_size = hello_text(loop, options, hello);
    if (hello_size == 0) {
        return fault_set(fault, STATUS_INVALID, "", "no valid credential or token");
    }
    enum status status = loop_endpoint(loop, &url, &endpoint, fault);
    if (status != STATUS_OK) {
        return status;
    }
    bool is_ok = true;
    struct client *made = calloc(1, sizeof(*made) + hello_size);
    char *token = copy_of(options->token, &is_ok);
    char *local = copy_of(options->local, &is_ok);
    if (made == NULL || !is_ok) {
        free(made);
        free(token);
        free(local);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a connection");
    }
    made->loop = loop;
    made->endpoint = endpoint;
    made->handlers = handlers;
    made->ctx = ctx;
    made->link = LINK_NONE;
    made->is_base = options->role == ROLE_BASE;
    made->token = token;
    made->local = local;
    made->hello_size = (uint32_t)hello_size;
    memcpy(made->hello, hello, hello_size);
    made->slot = loop->free_slots[--loop->free_count];
    loop->slots[made->slot].client = made;
    loop->client_count++;
    client_schedule(made);
    *client = made;
    return STATUS_OK;
}
