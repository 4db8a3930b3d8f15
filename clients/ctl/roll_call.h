#pragma once

#include <stdint.h>
#include <stdio.h>

#include "server/core/sitting.h"

/*
 * The roll call: who chose what, of the rounds whose rules say that votes are named. Of every other
 * round it tells nothing, and could not: their slots are keyed hashes.
 */

/*
 * CSV: UTF-8 with a byte order mark, CRLF; header
 * round,contest,subject,seat,group,item,choice,name; a line a mark that counts, by round and seat.
 * `choice` of a line for another name is empty and `name` says it. Returns how many rounds were
 * named.
 */
uint32_t roll_call_print(const struct sitting *sitting, FILE *file);
