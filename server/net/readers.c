#include "server/net/readers.h"

#include "server/net/server_impl.h"

void readers_leave(struct readers *readers, struct guest *guest)
{
    if (guest->held == NULL) {
        return;
    }
    *(guest->reader_before != NULL ? &guest->reader_before->reader_after : &readers->first) =
        guest->reader_after;
    if (guest->reader_after != NULL) {
        guest->reader_after->reader_before = guest->reader_before;
    }
    guest->held->reader_count--;
    guest->held = NULL;
}

/* Those who still read it are the slowest of all. */
static void held_clear(struct readers *readers, struct held *held)
{
    for (struct guest *guest = readers->first; guest != NULL && held->reader_count > 0;) {
        struct guest *after = guest->reader_after;
        if (guest->held == held) {
            readers_leave(readers, guest);
            readers->cut_total++;
            wsi_cut(guest->wsi);
        }
        guest = after;
    }
}

/* The version's place; of a new one a free place, else the oldest one's. */
static struct held *held_find(struct readers *readers, const struct blob *blob)
{
    struct held *best = &readers->held[0];
    for (struct held *held = best; held < readers->held + READERS_HELD_MAX; held++) {
        if (held->reader_count > 0 && held->blob == blob) {
            return held;
        }
        if (best->reader_count > 0 && (held->reader_count == 0 || held->number < best->number)) {
            best = held;
        }
    }
    held_clear(readers, best);
    *best = (struct held){ .blob = blob, .number = ++readers->number };
    return best;
}

void readers_enter(struct readers *readers, struct guest *guest, const struct blob *blob)
{
    readers_leave(readers, guest);
    guest->held = held_find(readers, blob);
    guest->held->reader_count++;
    guest->reader_before = NULL;
    guest->reader_after = readers->first;
    if (readers->first != NULL) {
        readers->first->reader_before = guest;
    }
    readers->first = guest;
}
