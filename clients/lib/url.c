#include "clients/lib/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text after the scheme, or NULL for a scheme that is none of ours. */
static const char *scheme_skip(const char *text, bool *is_tls)
{
    static const struct {
        const char *prefix;
        bool is_tls;
    } schemes[] = {
        { "ws://", false }, { "http://", false }, { "wss://", true }, { "https://", true }
    };
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t size = strlen(schemes[i].prefix);
        if (strncmp(text, schemes[i].prefix, size) == 0) {
            *is_tls = schemes[i].is_tls;
            return text + size;
        }
    }
    return NULL;
}

static bool port_parse(const char *text, size_t size, uint16_t *port)
{
    if (size < 1 || size > 5) {
        return false;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = value * 10 + (uint32_t)(text[i] - '0');
    }
    if (value < 1 || value > 65535) {
        return false;
    }
    *port = (uint16_t)value;
    return true;
}

static bool host_is_valid(const char *host)
{
    for (const char *c = host; *c != '\0'; c++) {
        bool is_word = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                       (*c >= '0' && *c <= '9') || *c == '-' || *c == '.' || *c == '_';
        if (!is_word) {
            return false;
        }
    }
    return host[0] != '\0';
}

/* Splits "[::1]:80" or "host:80" of `size` bytes; what follows the host is empty or ":port". */
static bool authority_split(const char *text, size_t size, struct url *url, const char **after)
{
    const char *end = text + size;
    const char *host = text;
    const char *host_end;
    url->is_ipv6 = size > 0 && text[0] == '[';
    if (url->is_ipv6) {
        host = text + 1;
        host_end = memchr(text, ']', size);
        if (host_end == NULL) {
            return false;
        }
        *after = host_end + 1;
    } else {
        host_end = memchr(text, ':', size);
        if (host_end == NULL) {
            host_end = end;
        }
        *after = host_end;
    }
    if ((size_t)(host_end - host) >= sizeof(url->host)) {
        return false;
    }
    memcpy(url->host, host, (size_t)(host_end - host));
    url->host[host_end - host] = '\0';
    if (url->is_ipv6) {
        struct in6_addr address;
        return inet_pton(AF_INET6, url->host, &address) == 1;
    }
    return host_is_valid(url->host);
}

enum status url_parse(const char *text, struct url *url, struct fault *fault)
{
    memset(url, 0, sizeof(*url));
    const char *rest = scheme_skip(text, &url->is_tls);
    if (rest == NULL) {
        return fault_set(fault, STATUS_INVALID, "",
                         "not the address of a server: '%s': it must begin with ws:// or wss://",
                         text);
    }
    size_t size = strcspn(rest, "/");
    if (rest[size] == '/' && rest[size + 1] != '\0') {
        return fault_set(fault, STATUS_INVALID, "",
                         "not the address of a server: '%s': nothing may follow the port", text);
    }
    const char *after = NULL;
    if (!authority_split(rest, size, url, &after)) {
        return fault_set(fault, STATUS_INVALID, "", "no valid host in '%s'", text);
    }
    url->port = url->is_tls ? 443 : 80;
    if (after != rest + size &&
        (*after != ':' || !port_parse(after + 1, (size_t)(rest + size - after - 1), &url->port))) {
        return fault_set(fault, STATUS_INVALID, "", "no valid port in '%s': 1 to 65535", text);
    }
    if (url->is_tls && url->is_ipv6) {
        return fault_set(fault, STATUS_INVALID, "",
                         "no certificate can be checked for an IPv6 address: '%s': name the host",
                         text);
    }
    snprintf(url->authority, sizeof(url->authority), url->is_ipv6 ? "[%s]:%u" : "%s:%u", url->host,
             (unsigned)url->port);
    return STATUS_OK;
}
