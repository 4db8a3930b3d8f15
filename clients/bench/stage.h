#pragma once

#include <stdint.h>

#include "clients/bench/child.h"

/*
 * What a benchmark happens on: a scratch directory on the disk that is measured, with an event, a
 * data directory and a minpingd on the server's core; or a floor in the server's place. The scratch
 * directory is removed at the end. One thread.
 */
#define STAGE_BASE_MAX 8     /* base stations of an event made here */
#define STAGE_BASE_SEATS 256 /* pads of each: one byte numbers them */
#define STAGE_CREDENTIAL_SIZE 33
#define STAGE_TOKEN_SIZE 65

/*
 * server       minpingd, after stage_open_server()
 * floor        after stage_open_floor()
 * port, floor_port  on 127.0.0.1
 * round        the open round of subject s01
 * credentials  [seat - 1]
 */
struct stage {
    char dir[BENCH_PATH_SIZE];
    char log_path[BENCH_PATH_SIZE + 32];
    char desk_url[64];
    struct child server;
    struct child floor;
    uint16_t port;
    uint16_t floor_port;
    uint32_t round;
    uint32_t seat_count;
    uint32_t base_count;
    char officer_token[STAGE_TOKEN_SIZE];
    char operator_token[STAGE_TOKEN_SIZE];
    char base_tokens[STAGE_BASE_MAX][STAGE_TOKEN_SIZE];
    char (*credentials)[STAGE_CREDENTIAL_SIZE];
};

/* Makes the scratch directory. Then, or after any error, stage_close(). */
MUST_CHECK enum status stage_open(const struct bench *bench, struct stage *stage,
                                  struct fault *fault);
void stage_close(struct stage *stage);

/*
 * Writes an event of seat_count seats and base_count base stations (the first of seats 1 … 256, the
 * next of 257 …), starts minpingd on it, reads the credentials and opens a round.
 */
MUST_CHECK enum status stage_open_server(const struct bench *bench, struct stage *stage,
                                         uint32_t seat_count, uint32_t base_count,
                                         struct fault *fault);

/* Kills minpingd as a power cut would, and starts it again on its ports and its data. */
MUST_CHECK enum status stage_restart_server(const struct bench *bench, struct stage *stage,
                                            struct fault *fault);

/* Starts this program as a floor, `name` "floor-send" or "floor-echo". */
MUST_CHECK enum status stage_open_floor(const struct bench *bench, struct stage *stage,
                                        const char *name, struct fault *fault);

/* Durable marks in the server's log, as it reports them. */
MUST_CHECK enum status stage_recorded(const struct stage *stage, uint64_t *recorded,
                                      struct fault *fault);

/* A metric of the server. */
MUST_CHECK enum status stage_metric(const struct stage *stage, const char *name, double *value,
                                    struct fault *fault);
