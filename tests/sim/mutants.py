"""The planted bugs of TRUST.md (P14), and the sources with all of them in.

usage: mutants.py --list             the product's files that are touched, one a line
       mutants.py --out DIR ROOT     writes a copy of each into DIR
       mutants.py --names            numbers and names

In a copy each place that a bug touches has both texts, and sim_mutant, set by --mutant, chooses at
run time. A place is named by the product's own text, which must stand there exactly once: when the
product changes there, the build stops and says which bug has to be planted anew.
"""

import os
import sys

EXPRESSION = "(sim_mutant == {number} ? ({bug}) : ({text}))"
STATEMENT = "if (sim_mutant == {number}) {{ {bug} }} else {{ {text} }}"
ARGUMENT = "{bug}"  # the bug's text makes the choice itself

BUGS = [
    (1, "ack before sync", [
        ("server/votelog/writer.c", EXPRESSION, "batch_write(log, &batch, act, &fault)",
         "writer_lock(log), batch_publish(log, &batch, 0), writer_unlock(log), "
         "log->wake(log->ctx), batch_write(log, &batch, act, &fault)"),
        ("server/votelog/writer.c", STATEMENT, "batch_publish(log, &batch, took_ns);",
         "(void)took_ns;"),
    ]),
    (2, "dedupe dropped", [
        ("server/core/ballot.c", EXPRESSION,
         "memcmp(held->nonce, nonce, NONCE_SIZE) == 0 ? VERDICT_RECORDED : VERDICT_CONFLICT",
         "memcmp(held->nonce, nonce, NONCE_SIZE) == 0 ? VERDICT_NEW : VERDICT_CONFLICT"),
    ]),
    (3, "<= for < on version", [
        ("server/core/ballot.c", EXPRESSION, "version < held->version",
         "version <= held->version"),
    ]),
    (4, "ack of a retry without a commit", [
        ("server/service/room_cast.c", STATEMENT, "*is_waiting = !is_settled;",
         "*is_waiting = false;"),
    ]),
    (5, "close not logged", [
        ("server/votelog/writer.c", ARGUMENT, "marks, batch->mark_count, act,",
         "marks, batch->mark_count, "
         "sim_mutant == 5 && act != NULL && act->kind == ACT_CLOSE ? NULL : act,"),
    ]),
    (6, "off-by-one batch", [
        ("server/votelog/votelog.c", STATEMENT, "log->settled = batch->ticket;",
         "log->settled = batch->ticket + 1;"),
    ]),
    (7, "flush after close", [
        ("server/service/room_cast.c", EXPRESSION, "room->transition == TRANSITION_CLOSE",
         "false"),
    ]),
    (8, "an I/O error ignored", [
        ("server/votelog/writer.c", ARGUMENT, "return status;\n    }\n    writer_lock(log);",
         "return sim_mutant == 8 ? STATUS_OK : status;\n    }\n    writer_lock(log);"),
    ]),
    (9, "an epoch reused after a restart", [
        ("server/service/publisher.c", STATEMENT,
         "publisher->channels[audience].epoch = publisher->reserved;",
         "publisher->channels[audience].epoch = 0;"),
    ]),
    (10, "a revoked pad still accepted", [
        ("server/service/room_cast.c", EXPRESSION,
         "!attendance_is_enabled(sitting_attendance(room->sitting), seat)", "false"),
    ]),
    (11, "a nonce used twice", [
        ("server/service/room_cast.c", EXPRESSION, "recorded_count > 0 && first_new < 0",
         "recorded_count > 0"),
    ]),
    (12, "counter wrap", [
        ("server/core/ballot.c", EXPRESSION, "version > held->version",
         "(uint16_t)version > (uint16_t)held->version"),
    ]),
    (13, "a queue where latest wins", [
        ("server/service/session.c", STATEMENT,
         "session->has_view_waiting = true;\n"
         "            sessions->options.wire.view_ready(sessions->options.wire.ctx, conn);",
         "struct blob *blob = publisher_view(sessions->options.publisher, session->audience);\n"
         "session->view_epoch = publisher_epoch(sessions->options.publisher, session->audience);\n"
         "sessions->options.wire.send(sessions->options.wire.ctx, conn, blob->data, blob->size);"),
    ]),
    (14, "a round's frozen electorate changed by check-in", [
        ("server/service/room_cast.c", EXPRESSION, "!round_has_elector(round, seat)",
         "!attendance_is_elector(sitting_attendance(room->sitting), seat)"),
    ]),
    (15, "replay that differs from live", [
        ("server/votelog/queue.c", STATEMENT,
         "ring_write(queue, batch->mark_place, queue->sorted, count);", ";"),
    ]),
]


def files():
    return sorted({edit[0] for _, _, edits in BUGS for edit in edits})


def planted(root, path):
    """The file's text with every bug of it in; exits when a place is not found exactly once."""
    with open(os.path.join(root, path), encoding="utf-8") as file:
        original = file.read()
    text = original
    for number, name, edits in BUGS:
        for where, form, place, bug in edits:
            if where != path:
                continue
            if original.count(place) != 1 or text.count(place) != 1:
                sys.exit(f"{path}: bug {number} ({name}) stands at a text that is there "
                         f"{original.count(place)} times, not once:\n{place}")
            text = text.replace(place, form.format(number=number, text=place, bug=bug))
    return f"#include <stdint.h>\n\nextern uint32_t sim_mutant;\n\n{text}"


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(files()))
    elif sys.argv[1:] == ["--names"]:
        print("\n".join(f"{number} {name}" for number, name, _ in BUGS))
    elif len(sys.argv) == 4 and sys.argv[1] == "--out":
        os.makedirs(sys.argv[2], exist_ok=True)
        for path in files():
            with open(os.path.join(sys.argv[2], os.path.basename(path)), "w",
                      encoding="utf-8") as file:
                file.write(planted(sys.argv[3], path))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
