/*
 * How the writer groups: with a backend that stands still until it is told to go on, so that what
 * waits, and what goes into one batch, is known.
 */
#include "tests/contract/log_fixture.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* A write takes one permit and answers with one arrival; both are counting eventfds. */
struct gate {
    int permits;
    int arrivals;
    uint64_t fail_batch; /* that one fails; 0: none */
    bool rest_fails;
    uint32_t write_count;
    uint32_t rest_count;
    uint32_t fail_count;
    bool was_failed; /* what close was told */
    bool is_closed;
};

static struct gate gate; /* a backend's open takes no context of its own */

static void permit(uint64_t count)
{
    assert_int_equal(write(gate.permits, &count, sizeof(count)), sizeof(count));
}

static void take(int fd)
{
    struct pollfd event = { .fd = fd, .events = POLLIN };
    uint64_t one;
    if (poll(&event, 1, WAIT_MS) != 1 || read(fd, &one, sizeof(one)) != sizeof(one)) {
        abort(); /* on the writer's thread an assertion cannot end the test */
    }
}

static enum status gate_open(const struct votelog_options *options,
                             struct votelog_identity *identity, void **state,
                             struct votelog_extent *extent, struct fault *fault)
{
    *extent = (struct votelog_extent){ .batch_last = 41, .mark_total = 1000 };
    *state = &gate;
    return votelog_id_draw(identity->log_id, fault);
}

static enum status gate_replay(void *state, votelog_visit_fn visit, void *ctx, struct fault *fault)
{
    return STATUS_OK;
}

static enum status gate_write(void *state, uint64_t batch, const struct mark *marks, uint32_t count,
                              const struct act *act, struct fault *fault)
{
    uint64_t one = 1;
    gate.write_count++;
    if (write(gate.arrivals, &one, sizeof(one)) != sizeof(one)) {
        abort();
    }
    take(gate.permits);
    return batch == gate.fail_batch ? fault_set(fault, STATUS_IO, "the place", "the disk went away")
                                    : STATUS_OK;
}

static enum status gate_rest(void *state, struct fault *fault)
{
    gate.rest_count++;
    return gate.rest_fails ? fault_set(fault, STATUS_IO, "", "no rest") : STATUS_OK;
}

static void gate_fail(void *state, const struct fault *fault)
{
    gate.fail_count++;
}

static enum status gate_close(void *state, bool is_failed, struct fault *fault)
{
    gate.was_failed = is_failed;
    gate.is_closed = true;
    return STATUS_OK;
}

static enum status open_gate(const struct votelog_options *options,
                             struct votelog_identity *identity, struct votelog **log,
                             struct fault *fault)
{
    static const struct votelog_backend backend = { .open = gate_open,
                                                    .replay = gate_replay,
                                                    .write_batch = gate_write,
                                                    .rest = gate_rest,
                                                    .fail = gate_fail,
                                                    .close = gate_close };
    return votelog_open(&backend, options, identity, log, fault);
}

static int setup(void **state)
{
    gate = (struct gate){ .permits = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC),
                          .arrivals = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC) };
    return fixture_setup(state, open_gate);
}

static int teardown(void **state)
{
    permit(1u << 20);              /* whatever a failed test left waiting */
    (void)fixture_teardown(state); /* ends the writer, which waits at the gate */
    close(gate.permits);
    close(gate.arrivals);
    return 0;
}

/* Offers `count` marks whose nonces are `number` and whose slots fall as `number` rises. */
static uint64_t offer(struct log_fixture *fixture, uint32_t count, uint64_t number)
{
    static struct mark marks[MARK_PER_MESSAGE_MAX];
    uint64_t seed = number;
    for (uint32_t i = 0; i < count; i++) {
        marks[i] = mark_draw(&seed, number);
        marks[i].slot[0] = (uint8_t)(255 - number);
    }
    return append_marks(fixture->log, marks, count);
}

/* One mark, held in its commit by the gate, so that what is offered next waits together. */
static void offer_and_hold(struct log_fixture *fixture)
{
    (void)offer(fixture, 1, 0);
    take(gate.arrivals);
}

/* How many marks with `number` the batch holds; *act: its act's place, or -1. */
static uint32_t batch_count(const struct keeper *live, uint64_t batch, uint64_t number,
                            int32_t *act)
{
    uint32_t count = 0;
    *act = -1;
    for (uint32_t i = 0; i < live->record_count; i++) {
        const struct kept *kept = &live->records[i];
        if (kept->batch == batch && kept->act >= 0) {
            *act = kept->act;
        } else if (kept->batch == batch) {
            count += nonce_number(&kept->mark) == number;
        }
    }
    return count;
}

static void what_waits_goes_into_one_batch_and_an_act_ends_it(void **state)
{
    struct log_fixture *fixture = *state;
    struct act act = act_make(ACT_PAUSE, 3);
    int32_t found;
    fixture_open(fixture, NULL);
    offer_and_hold(fixture);
    (void)offer(fixture, 3, 1);
    (void)offer(fixture, 2, 2);
    (void)append_act(fixture->log, &act);
    uint64_t last = offer(fixture, 4, 3);
    permit(3);
    fixture_settle(fixture, last);
    assert_int_equal(gate.write_count, 3);
    assert_int_equal(batch_count(&fixture->live, 42, 0, &found), 1);
    assert_int_equal(batch_count(&fixture->live, 43, 1, &found), 3);
    assert_int_equal(batch_count(&fixture->live, 43, 2, &found), 2);
    assert_int_equal(found, 0);
    assert_int_equal(batch_count(&fixture->live, 44, 3, &found), 4);
    assert_int_equal(found, -1);
    /* The later offer has the lower slots. */
    assert_int_equal(nonce_number(&fixture->live.records[1].mark), 2);
}

static void a_batch_holds_its_maximum_and_no_append_is_split(void **state)
{
    struct log_fixture *fixture = *state;
    const uint32_t appends = VOTELOG_BATCH_MARK_MAX / 1000 + 1;
    uint64_t last = 0;
    int32_t act;
    fixture_open(fixture, NULL);
    offer_and_hold(fixture);
    for (uint32_t i = 1; i <= appends; i++) {
        last = offer(fixture, 1000, i);
    }
    permit(3);
    fixture_settle(fixture, last);
    assert_int_equal(gate.write_count, 3);
    for (uint32_t i = 1; i < appends; i++) {
        assert_int_equal(batch_count(&fixture->live, 43, i, &act), 1000);
    }
    assert_int_equal(batch_count(&fixture->live, 43, appends, &act), 0);
    assert_int_equal(batch_count(&fixture->live, 44, appends, &act), 1000);
}

static void marks_wrap_round_the_ring_and_stay_what_they_are(void **state)
{
    struct log_fixture *fixture = *state;
    const uint64_t appends = 3 * VOTELOG_MARK_WAIT_MAX / 1000; /* 1000 does not divide the ring */
    int32_t act;
    fixture_open(fixture, NULL);
    permit(appends);
    for (uint64_t i = 1; i <= appends; i++) {
        fixture_settle(fixture, offer(fixture, 1000, i % 200));
        assert_int_equal(batch_count(&fixture->live, 41 + i, i % 200, &act), 1000);
        keeper_forget(&fixture->live);
    }
}

static void marks_wait_for_the_gap_and_acts_do_not(void **state)
{
    struct log_fixture *fixture = *state;
    struct timespec begin;
    struct timespec end;
    struct act act = act_make(ACT_TAKE, 0);
    fixture->options.commit_gap_ms = 40;
    fixture_open(fixture, NULL);
    permit(100);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint64_t i = 1; i <= 6; i++) {
        fixture_settle(fixture, offer(fixture, 1, i));
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t took_ms = (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
    assert_true(took_ms >= 5 * 40);
    int64_t quickest_ms = WAIT_MS; /* of many: the machine may be slow once, not always */
    for (uint32_t i = 0; i < 20; i++) {
        clock_gettime(CLOCK_MONOTONIC, &begin);
        fixture_settle(fixture, append_act(fixture->log, &act));
        clock_gettime(CLOCK_MONOTONIC, &end);
        took_ms = (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
        quickest_ms = took_ms < quickest_ms ? took_ms : quickest_ms;
    }
    assert_true(quickest_ms < 20);
}

static void the_writer_waits_for_a_loop_that_does_not_drain_and_goes_on(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t last = 0;
    fixture->options.commit_gap_ms = 0;
    fixture_open(fixture, NULL);
    permit(1u << 20);
    for (uint32_t i = 0; i < 4096; i++) { /* a batch each */
        last = offer(fixture, 1, 1);
        take(gate.arrivals);
        struct votelog_figures figures;
        do {
            votelog_figures(fixture->log, &figures);
        } while (figures.mark_waiting > 0);
    }
    last = offer(fixture, 1, 2);
    last = offer(fixture, 1, 3);
    struct pollfd arrival = { .fd = gate.arrivals, .events = POLLIN };
    assert_int_equal(poll(&arrival, 1, 50), 0);
    fixture_settle(fixture, last);
    assert_int_equal(fixture->live.mark_count, 4098);
}

static void closing_writes_what_waits_even_when_nobody_drains(void **state)
{
    struct log_fixture *fixture = *state;
    fixture_open(fixture, NULL);
    offer_and_hold(fixture);
    for (uint32_t i = 0; i < 20; i++) {
        (void)offer(fixture, 1000, 1);
    }
    permit(10);
    fixture_close(fixture);
    assert_int_equal(gate.write_count, 3);
    assert_true(gate.is_closed);
    assert_false(gate.was_failed);
}

static void after_a_failed_write_nothing_is_taken_or_handed_back(void **state)
{
    struct log_fixture *fixture = *state;
    struct fault fault = { 0 };
    struct act act = act_make(ACT_CLOSE, 1);
    uint64_t ticket = 0;
    uint32_t visited = 7;
    uint64_t seed = 1;
    struct mark mark = mark_draw(&seed, 1);
    gate.fail_batch = 43;
    fixture_open(fixture, NULL);
    offer_and_hold(fixture);
    (void)offer(fixture, 3, 1);
    (void)append_act(fixture->log, &act);
    (void)offer(fixture, 3, 2);
    permit(2);
    while (votelog_health(fixture->log, NULL) == STATUS_OK) {
        fixture_wait(fixture);
    }
    /* Batch 42 is durable, and even that is not said any more. */
    assert_int_equal(votelog_drain(fixture->log, 10, keeper_visit, &fixture->live, &visited),
                     STATUS_IO);
    assert_int_equal(visited, 0);
    assert_int_equal(fixture->live.record_count, 0);
    assert_int_equal(votelog_append_marks(fixture->log, &mark, 1, &ticket), STATUS_IO);
    assert_int_equal(votelog_append_act(fixture->log, &act, &ticket), STATUS_IO);
    assert_int_equal(votelog_health(fixture->log, &fault), STATUS_IO);
    assert_string_equal(fault.text, "the disk went away");
    assert_string_equal(fault.where, "the place");
    fixture_close(fixture);
    assert_int_equal(gate.write_count, 2);
    assert_int_equal(gate.rest_count, 0);
    assert_int_equal(gate.fail_count, 1);
    assert_true(gate.was_failed);
}

static void without_the_failure_all_of_it_is_handed_back(void **state)
{
    struct log_fixture *fixture = *state;
    struct act act = act_make(ACT_CLOSE, 1);
    fixture_open(fixture, NULL);
    offer_and_hold(fixture);
    (void)offer(fixture, 3, 1);
    (void)append_act(fixture->log, &act);
    uint64_t last = offer(fixture, 3, 2);
    permit(3);
    fixture_settle(fixture, last);
    assert_int_equal(fixture->live.record_count, 8);
    fixture_close(fixture);
    assert_int_equal(gate.write_count, 3);
    assert_int_equal(gate.rest_count, 1);
    assert_int_equal(gate.fail_count, 0);
    assert_false(gate.was_failed);
}

static void a_rest_that_fails_fails_the_log(void **state)
{
    struct log_fixture *fixture = *state;
    struct act act = act_make(ACT_CLOSE, 1);
    struct fault fault = { 0 };
    gate.rest_fails = true;
    fixture_open(fixture, NULL);
    permit(1);
    (void)append_act(fixture->log, &act);
    while (votelog_health(fixture->log, &fault) == STATUS_OK) {
        fixture_wait(fixture);
    }
    assert_string_equal(fault.text, "no rest");
    fixture_close(fixture);
    assert_true(gate.was_failed);
}

int main(void)
{
#define GATED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        GATED(what_waits_goes_into_one_batch_and_an_act_ends_it),
        GATED(a_batch_holds_its_maximum_and_no_append_is_split),
        GATED(marks_wrap_round_the_ring_and_stay_what_they_are),
        GATED(marks_wait_for_the_gap_and_acts_do_not),
        GATED(the_writer_waits_for_a_loop_that_does_not_drain_and_goes_on),
        GATED(closing_writes_what_waits_even_when_nobody_drains),
        GATED(after_a_failed_write_nothing_is_taken_or_handed_back),
        GATED(without_the_failure_all_of_it_is_handed_back),
        GATED(a_rest_that_fails_fails_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
