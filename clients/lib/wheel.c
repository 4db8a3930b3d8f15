#include "clients/lib/wheel.h"

#include <stddef.h>

void wheel_init(struct wheel *wheel, uint64_t now_ms)
{
    for (int i = 0; i < WHEEL_BUCKET_COUNT; i++) {
        struct wheel_node *head = &wheel->buckets[i];
        head->next = head;
        head->previous = head;
        head->due_ms = 0;
    }
    wheel->step = now_ms / WHEEL_STEP_MS;
}

void wheel_take(struct wheel_node *node)
{
    if (node->next != NULL) {
        node->next->previous = node->previous;
        node->previous->next = node->next;
        node->next = NULL;
        node->previous = NULL;
    }
}

static void node_append(struct wheel_node *head, struct wheel_node *node)
{
    node->next = head;
    node->previous = head->previous;
    head->previous->next = node;
    head->previous = node;
}

void wheel_put(struct wheel *wheel, struct wheel_node *node, uint64_t due_ms)
{
    wheel_take(node);
    node->due_ms = due_ms;
    /* Rounded up to a step, so that a visit finds it due; never into a step already visited. */
    uint64_t step = (due_ms + WHEEL_STEP_MS - 1) / WHEEL_STEP_MS;
    if (step <= wheel->step) {
        step = wheel->step + 1;
    }
    node_append(&wheel->buckets[step % WHEEL_BUCKET_COUNT], node);
}

/* Visits one bucket. What is put meanwhile goes to another bucket or waits for the next visit. */
static void bucket_visit(struct wheel_node *head, uint64_t now_ms, wheel_due_fn due, void *ctx)
{
    if (head->next == head) {
        return;
    }
    struct wheel_node batch = { .next = head->next, .previous = head->previous };
    batch.next->previous = &batch;
    batch.previous->next = &batch;
    head->next = head;
    head->previous = head;
    while (batch.next != &batch) {
        struct wheel_node *node = batch.next;
        wheel_take(node);
        if (node->due_ms <= now_ms) {
            due(ctx, node);
        } else {
            node_append(head, node); /* of a later turn */
        }
    }
}

void wheel_advance(struct wheel *wheel, uint64_t now_ms, wheel_due_fn due, void *ctx)
{
    uint64_t last = now_ms / WHEEL_STEP_MS;
    if (last > wheel->step + WHEEL_BUCKET_COUNT) {
        wheel->step = last - WHEEL_BUCKET_COUNT; /* after a long stop one turn visits all */
    }
    while (wheel->step < last) {
        wheel->step++;
        bucket_visit(&wheel->buckets[wheel->step % WHEEL_BUCKET_COUNT], now_ms, due, ctx);
    }
}
