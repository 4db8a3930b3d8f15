#include "server/base/config.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] =
    "usage: minpingd --event FILE --data DIR [options]\n"
    "       minpingd --check --event FILE\n"
    "\n"
    "  --event FILE          the event, minping-event(5)\n"
    "  --data DIR            log, keys, roll.csv, tokens/POST.token; made when missing\n"
    "  --listen HOST:PORT    voters and viewers (127.0.0.1:0; port 0 takes a free one)\n"
    "  --desk HOST:PORT      operators, officers, overlay, metrics (127.0.0.1:0)\n"
    "  --tls-cert FILE       certificate chain in PEM, for both; with --tls-key\n"
    "  --tls-key FILE        its private key\n"
    "  --allow-unsafe-disk   start on a network, overlay or memory file system all the same\n"
    "  --check               validate the event, list every fault with its JSON path\n"
    "  --help, --version\n";

int config_read(int argc, char **argv, struct config *config)
{
    static const struct option longs[] = {
        { "event", required_argument, NULL, 'e' },
        { "data", required_argument, NULL, 'd' },
        { "listen", required_argument, NULL, 'l' },
        { "desk", required_argument, NULL, 'k' },
        { "tls-cert", required_argument, NULL, 'c' },
        { "tls-key", required_argument, NULL, 'y' },
        { "allow-unsafe-disk", no_argument, NULL, 'u' },
        { "check", no_argument, NULL, 'x' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
    };
    *config = (struct config){ .listen = "127.0.0.1:0", .desk = "127.0.0.1:0" };
    int option;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (option) {
        case 'e':
            config->event = optarg;
            break;
        case 'd':
            config->data = optarg;
            break;
        case 'l':
            config->listen = optarg;
            break;
        case 'k':
            config->desk = optarg;
            break;
        case 'c':
            config->tls_cert = optarg;
            break;
        case 'y':
            config->tls_key = optarg;
            break;
        case 'u':
            config->allow_unsafe_disk = true;
            break;
        case 'x':
            config->check = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return 0;
        case 'v':
            puts("minpingd " MINPING_VERSION);
            return 0;
        default:
            fputs(usage, stderr);
            return 2;
        }
    }
    bool is_complete = config->event != NULL && (config->check || config->data != NULL) &&
                       (config->tls_cert == NULL) == (config->tls_key == NULL);
    if (optind != argc || !is_complete) {
        fputs(usage, stderr);
        return 2;
    }
    return -1;
}
