#include "clients/lib/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes `address` in as the next candidate. */
static void address_append(struct endpoint *endpoint, const struct sockaddr *address, size_t size)
{
    if (endpoint->address_count == ENDPOINT_ADDRESS_MAX || size > sizeof(struct sockaddr_storage)) {
        return;
    }
    struct sockaddr_storage *place = &endpoint->addresses[endpoint->address_count++];
    memset(place, 0, sizeof(*place));
    memcpy(place, address, size);
    if (place->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)place)->sin6_port = htons(endpoint->url.port);
    } else {
        ((struct sockaddr_in *)place)->sin_port = htons(endpoint->url.port);
    }
}

/* A host that is a number needs no look-up. */
static void address_from_number(struct endpoint *endpoint)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, endpoint->url.host, &v4.sin_addr) == 1) {
        address_append(endpoint, (const struct sockaddr *)&v4, sizeof(v4));
    } else if (inet_pton(AF_INET6, endpoint->url.host, &v6.sin6_addr) == 1) {
        address_append(endpoint, (const struct sockaddr *)&v6, sizeof(v6));
    }
}

struct endpoint *endpoint_create(uv_loop_t *uv, const struct url *url)
{
    struct endpoint *endpoint = calloc(1, sizeof(*endpoint));
    if (endpoint == NULL) {
        return NULL;
    }
    endpoint->uv = uv;
    endpoint->url = *url;
    endpoint->state = ENDPOINT_SHUT;
    snprintf(endpoint->error, sizeof(endpoint->error), "not tried yet");
    address_from_number(endpoint);
    return endpoint;
}

/* Shut, with the reason; the next probe tries the next address, the last one looks up anew. */
static void endpoint_fail(struct endpoint *endpoint, int uv_error)
{
    endpoint->state = ENDPOINT_SHUT;
    snprintf(endpoint->error, sizeof(endpoint->error), "%s", uv_strerror(uv_error));
    if (endpoint->address_count > 0) {
        endpoint->address_index++;
        if (endpoint->address_index >= endpoint->address_count) {
            endpoint->address_index = 0;
            endpoint->address_count = 0;
            address_from_number(endpoint);
        }
    }
}

static void probe_closed(uv_handle_t *handle)
{
    struct endpoint *endpoint = handle->data;
    endpoint->is_probe_alive = false;
}

static void probe_connected(uv_connect_t *request, int status)
{
    struct endpoint *endpoint = request->data;
    if (endpoint->state == ENDPOINT_PROBING) {
        if (status == 0) {
            (void)uv_ip_name((const struct sockaddr *)&endpoint->addresses[endpoint->address_index],
                             endpoint->address, sizeof(endpoint->address));
            endpoint->state = ENDPOINT_OPEN;
        } else {
            endpoint_fail(endpoint, status);
        }
    }
    if (!uv_is_closing((uv_handle_t *)&endpoint->probe)) {
        uv_close((uv_handle_t *)&endpoint->probe, probe_closed);
    }
}

static void probe_start(struct endpoint *endpoint)
{
    int error = uv_tcp_init(endpoint->uv, &endpoint->probe);
    if (error != 0) {
        endpoint_fail(endpoint, error);
        return;
    }
    endpoint->is_probe_alive = true;
    endpoint->probe.data = endpoint;
    endpoint->probe_request.data = endpoint;
    endpoint->state = ENDPOINT_PROBING;
    error = uv_tcp_connect(&endpoint->probe_request, &endpoint->probe,
                           (const struct sockaddr *)&endpoint->addresses[endpoint->address_index],
                           probe_connected);
    if (error != 0) {
        endpoint_fail(endpoint, error);
        uv_close((uv_handle_t *)&endpoint->probe, probe_closed);
    }
}

static void lookup_done(uv_getaddrinfo_t *request, int status, struct addrinfo *result)
{
    struct endpoint *endpoint = request->data;
    if (endpoint->state == ENDPOINT_RESOLVING) {
        endpoint->state = ENDPOINT_SHUT;
        for (struct addrinfo *entry = result; status == 0 && entry != NULL;
             entry = entry->ai_next) {
            if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6) {
                address_append(endpoint, entry->ai_addr, entry->ai_addrlen);
            }
        }
        if (endpoint->address_count == 0) {
            endpoint_fail(endpoint, status != 0 ? status : UV_EAI_NONAME);
        } else {
            probe_start(endpoint);
        }
    }
    uv_freeaddrinfo(result);
}

static void lookup_start(struct endpoint *endpoint)
{
    static const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    endpoint->lookup.data = endpoint;
    endpoint->address_index = 0;
    endpoint->state = ENDPOINT_RESOLVING;
    int error = uv_getaddrinfo(endpoint->uv, &endpoint->lookup, lookup_done, endpoint->url.host,
                               NULL, &hints);
    if (error != 0) {
        endpoint_fail(endpoint, error);
    }
}

void endpoint_stop(struct endpoint *endpoint)
{
    if (endpoint->state == ENDPOINT_RESOLVING) {
        uv_cancel((uv_req_t *)&endpoint->lookup);
    }
    if (endpoint->is_probe_alive && !uv_is_closing((uv_handle_t *)&endpoint->probe)) {
        uv_close((uv_handle_t *)&endpoint->probe, probe_closed);
    }
    endpoint->state = ENDPOINT_INVALID;
}

bool endpoint_ask(struct endpoint *endpoint, uint64_t now_ms)
{
    if (endpoint->state == ENDPOINT_PROBING &&
        now_ms >= endpoint->probed_ms + ENDPOINT_PROBE_TIMEOUT_MS) {
        endpoint_fail(endpoint, UV_ETIMEDOUT);
        uv_close((uv_handle_t *)&endpoint->probe, probe_closed);
    }
    if (endpoint->state == ENDPOINT_SHUT && !endpoint->is_probe_alive &&
        (endpoint->probed_ms == 0 || now_ms >= endpoint->probed_ms + ENDPOINT_PROBE_GAP_MS)) {
        endpoint->probed_ms = now_ms;
        if (endpoint->address_count > 0) {
            probe_start(endpoint);
        } else {
            lookup_start(endpoint);
        }
    }
    return endpoint->state == ENDPOINT_OPEN;
}

void endpoint_shut(struct endpoint *endpoint)
{
    if (endpoint->state == ENDPOINT_OPEN) {
        endpoint->state = ENDPOINT_SHUT;
        snprintf(endpoint->error, sizeof(endpoint->error), "connection failed");
    }
}
