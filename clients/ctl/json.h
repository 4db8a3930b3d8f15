#pragma once

#include <stdio.h>

#include "server/model/view.h"

/*
 * Pieces of JSON that results and counts have in common.
 */

/* A string of at most ACT_REASON_SIZE bytes, escaped and in quotes. */
void json_text(FILE *file, const char *text);

/* "writeins":[{"text","for"}…],"writeins_rest":N: the names written in, most votes first. */
void json_names(FILE *file, const struct election_figures *election);
