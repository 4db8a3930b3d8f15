#include "overlay/scene_cues.h"

#include <stdio.h>
#include <string.h>

#define FNV_BASIS 14695981039346656037u
#define FNV_PRIME 1099511628211u
#define LAYER_OF(key) ((key) >> 29) /* scene_add() puts them there */
#define SLOT_OF(key) ((key) >> 28 & 1u)

/* A line of the cue's text, as much of it as has room. */
static void line_add(struct cue *cue, const char *text, size_t size)
{
    size_t used = strlen(cue->text);
    if (used + size + 1 >= sizeof(cue->text) || cue->is_cut != 0) {
        cue->is_cut = 1;
        return;
    }
    memcpy(cue->text + used, text, size);
    cue->text[used + size] = '\n';
}

static void texts_add(const struct scene *scene, enum layer layer, uint32_t slot, struct cue *cue)
{
    uint64_t hash = FNV_BASIS;
    bool has_any = false;
    for (uint32_t i = 0; i < scene->node_count; i++) {
        const struct node *node = &scene->nodes[i];
        if (node->kind != NODE_TEXT || LAYER_OF(node->key) != layer || SLOT_OF(node->key) != slot) {
            continue;
        }
        const char *text = scene->texts + node->text;
        for (size_t k = 0; k <= node->text_size; k++) { /* the NUL too: it parts the texts */
            hash = (hash ^ (unsigned char)text[k]) * FNV_PRIME;
        }
        has_any = true;
        line_add(cue, text, node->text_size);
    }
    cue->words = has_any ? hash : 0;
}

void scene_cues(const struct scene *scene, const struct stage *stage, int64_t now_ns,
                struct cues *cues)
{
    memset(cues->layers, 0, sizeof(cues->layers));
    for (uint32_t i = LAYER_FULLSCREEN; i < LAYER_COUNT; i++) {
        const struct stage_layer *layer = &stage->layers[i];
        bool is_on = layer->on.is_on && layer->on.entered_ns <= now_ns;
        const struct layer_state *state = is_on ? &layer->on.state : &layer->wanted;
        struct cue *cue = &cues->layers[i];
        cue->take = state->take;
        cue->cause = state->cause;
        snprintf(cue->post, sizeof(cue->post), "%s", state->post);
        if (is_on) {
            cue->scene = state->scene;
            snprintf(cue->params, sizeof(cue->params), "%s", state->params);
            texts_add(scene, (enum layer)i, layer->on.slot, cue);
        }
    }
}
