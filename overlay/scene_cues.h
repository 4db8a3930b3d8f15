#pragma once

#include "overlay/cue.h"
#include "overlay/scene.h"
#include "overlay/scene_stage.h"

/*
 * What a built scene shows, layer by layer, for the as-run log: of each layer the scene that is on
 * (one that leaves is over), and its texts as they stand in `scene`. cues->log stays as it is.
 * Pure.
 */
void scene_cues(const struct scene *scene, const struct stage *stage, int64_t now_ns,
                struct cues *cues);
