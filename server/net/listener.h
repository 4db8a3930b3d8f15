#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

#include "server/model/fault.h"

/*
 * A listening socket on the loop: bound with clear errors, sockets handed on as they are accepted.
 * Loop thread only.
 */
struct listener;

/*
 * Takes the accepted, non-blocking socket (close-on-exec, no delay), which the callee owns; `peer`,
 * where it comes from, is borrowed.
 */
typedef void (*listener_accept_fn)(void *ctx, int fd, const struct sockaddr_storage *peer);

/*
 * at        "HOST:PORT"; `option` ("--listen") names it in the fault
 * is_crowd  its sockets are many: what the kernel holds for each is bounded (listener.c)
 * *listener is given.
 */
MUST_CHECK enum status listener_open(uv_loop_t *loop, const char *at, const char *option,
                                     bool is_crowd, listener_accept_fn accepted, void *ctx,
                                     struct listener **listener, struct fault *fault);
void listener_start(struct listener *listener);

/* "127.0.0.1:8080" as bound, or "[::1]:8080". Borrowed. */
const char *listener_address(const struct listener *listener);

/* Stops accepting and frees itself when the loop has let go of it. NULL is accepted. */
void listener_close(struct listener *listener);
