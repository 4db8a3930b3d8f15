#pragma once

/*
 * What the overlay tells people: one line an event on stderr, "2026-11-24T02:03:52Z info text".
 *
 * Never holds a choice or a credential. Any thread; a line is written whole, in one write(). Text
 * over 1,000 bytes is cut; control characters come out as '?'.
 */
enum note_level { NOTE_INVALID = 0, NOTE_INFO, NOTE_WARNING, NOTE_ERROR };

void note_event(enum note_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
