#pragma once

#include "overlay/outputter.h"

/*
 * The outputter with --input: inserter and keeper; signals; the figures at the end. As
 * outputter_run(), on the main thread to the end; returns the exit status.
 */
int insertion_run(const struct outputter_options *options);
