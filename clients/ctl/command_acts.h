#pragma once

#include <stdbool.h>

#include "server/protocol/message.h"

/*
 * The desk's acts as arguments of minping(1).
 */

/* Whether an act is called so; of two words ("paper confirm") by its first. */
bool act_is_known(const char *name);

/*
 * `name` and what follows it on the command line into `control`, checked as the server would check
 * it. False: what is wrong was printed to stderr.
 */
bool act_take(const char *name, int count, char **arguments, struct control *control);
