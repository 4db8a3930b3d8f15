#include "overlay/vigil.h"

#include "overlay/note.h"

#define SECOND_NS INT64_C(1000000000)

static void source_watch(struct vigil *vigil, int64_t now_ns)
{
    struct keeper_figures keeper;
    struct painter_figures painter;
    keeper_figures_get(vigil->keeper, &keeper);
    graphic_figures_get(vigil->exchange, &painter);
    if (keeper.is_up && (painter.connected != 0 || vigil->is_alone))
        vigil->live_ns = now_ns;
    bool is_stale = vigil->hold_s > 0 && now_ns - vigil->live_ns > vigil->hold_s * SECOND_NS;
    atomic_store(&vigil->shutter->is_stale, is_stale);
    if (is_stale && !vigil->was_stale)
        note_event(NOTE_WARNING, "painter or server is gone for %u s: graphics are hidden",
                   vigil->hold_s);
    if (!is_stale && vigil->was_stale)
        note_event(NOTE_INFO, "painter and server are back: graphics are shown");
    vigil->was_stale = is_stale;
}

bool vigil_poll(struct vigil *vigil, int64_t now_ns)
{
    if (!keeper_poll(vigil->keeper, now_ns)) {
        note_event(NOTE_ERROR, "the painter cannot start: there would be no graphics");
        return false;
    }
    source_watch(vigil, now_ns);
    bool is_cleared = atomic_load(&vigil->shutter->is_cleared);
    if (!is_cleared && vigil->was_cleared)
        note_event(NOTE_INFO, "the programme has changed: graphics are shown after the panic");
    vigil->was_cleared = is_cleared;
    return true;
}
