#pragma once

/*
 * The log for people: one line an event on stderr, "2026-11-24T02:03:52Z info text".
 *
 * Never holds a choice, nor a credential. Any thread; a line is written whole. Text over 1,000
 * bytes is cut; control characters come out as '?'.
 */
enum log_level { LOG_LEVEL_INVALID = 0, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

void log_event(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
