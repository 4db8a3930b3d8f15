#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/fault.h"

/*
 * The address of a server as people write it: scheme://host[:port][/]. Pure.
 */
#define URL_HOST_SIZE 254 /* a host name's 253 characters and NUL (RFC 1035, 2.3.4) */

/*
 * host       name, IPv4 address, or IPv6 address without brackets
 * authority  host:port as a Host header has it, brackets and all
 */
struct url {
    bool is_tls;
    bool is_ipv6;
    uint16_t port;
    char host[URL_HOST_SIZE];
    char authority[URL_HOST_SIZE + 8];
};

/*
 * Schemes ws, http (port 80 unless named), wss, https (443). A path other than "/" is refused, and
 * so is an IPv6 address with TLS: libwebsockets 4.1 cannot verify a certificate for one.
 * Errors: STATUS_INVALID.
 */
MUST_CHECK enum status url_parse(const char *text, struct url *url, struct fault *fault);
