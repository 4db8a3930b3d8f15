#pragma once

#include <stdbool.h>

/*
 * The command line of minpingd(1). Texts point into argv; what is not given is NULL, but for the
 * two addresses.
 */
struct config {
    const char *event;
    const char *data;
    const char *listen;
    const char *desk;
    const char *tls_cert;
    const char *tls_key;
    bool allow_unsafe_disk;
    bool check;
};

/*
 * -1: go on. Otherwise the exit status: 0, help or version was printed; 2, wrong usage, and the
 * usage was printed to stderr.
 */
int config_read(int argc, char **argv, struct config *config);
