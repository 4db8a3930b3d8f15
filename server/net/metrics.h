#pragma once

/*
 * The answer to GET /metrics: Prometheus, text format 0.0.4. Loop thread only.
 */
struct server;

/* Given (free()), NUL-ended; NULL: no memory. */
char *metrics_text(const struct server *server);
