#pragma once

/*
 * The floors: servers that do the least a server could do with the same messages. Each listens on a
 * free port of 127.0.0.1, prints "listening on http://127.0.0.1:PORT", and runs until it is killed.
 * They return an exit status only when they cannot start.
 *
 * floor_send_run   a bare epoll server: the real upgrade handshake, then one send for each message,
 *                  as long as an acknowledgement; it stores and reads nothing. A message that is a
 *                  view is sent on to every other connection: a loop over the same bytes
 * floor_echo_run   a bare libwebsockets server on its libuv loop, with the buffers of minpingd,
 *                  that sends each message back
 */
int floor_send_run(void);
int floor_echo_run(void);
