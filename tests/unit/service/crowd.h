#pragma once

#include "fixture.h"
#include "server/service/custody.h"
#include "server/service/room.h"
#include "server/votelog/votelog.h"

/*
 * A crowd: officers, voters and base stations of room_random_test.c, from a seed, over a log that
 * keeps its records in memory and lets the test say how far it is written. What the crowd was
 * acknowledged it keeps by itself, apart from the room.
 */
#define CROWD_SEAT_MAX 16
#define CROWD_ROUND_MAX 128
#define CROWD_CAST_MAX 2048
#define CROWD_RECORD_MAX 65536

/* The marks and acts that were written, in their order. */
struct kept_record {
    uint64_t batch;
    bool is_act;
    struct mark mark;
    struct act *act; /* owned */
};

/* What one seat knows to be recorded of one item. */
struct known_mark {
    uint32_t version; /* 0: nothing */
    uint16_t choice;
    char name[WRITTEN_NAME_SIZE];
};

/* A message that was sent; without an answer it is sent again. */
struct sent_cast {
    struct cast *cast; /* owned; its id is its place + 1 */
    uint32_t seat;     /* 0: a base station's */
    bool is_answered;
};

struct crowd {
    uint64_t random;
    bool is_split; /* the hall has no favourites */
    struct event *event;
    struct custody *custody;
    struct votelog *log;
    struct votelog_identity identity;
    struct room *room;
    char dir[64];
    int64_t now_ms;
    uint64_t epoch; /* the last one asked for: a mark in the order of the log */
    uint64_t epoch_drained;
    uint32_t versions[CROWD_ROUND_MAX][CROWD_SEAT_MAX]; /* the last one a seat used */
    struct sent_cast sent[CROWD_CAST_MAX];
    uint32_t sent_count;
    uint32_t acked_count;
    struct known_mark known[CROWD_ROUND_MAX][CROWD_SEAT_MAX][ITEM_MAX];
    uint32_t record_count;
    struct kept_record *records; /* [CROWD_RECORD_MAX] */
};

void crowd_open(struct crowd *crowd, uint64_t seed);
void crowd_close(struct crowd *crowd);

/* 0 .. below - 1 */
uint32_t crowd_draw(struct crowd *crowd, uint32_t below);

/* Sends a cast that stands in `sent`, for the first time or again. */
void crowd_send(struct crowd *crowd, uint32_t index);

/* Appends what the log hands back when everything before it was handed back. */
void crowd_mark_place(struct crowd *crowd);

/* Drains up to the place marked last, in pieces. */
bool crowd_drain(struct crowd *crowd, char why[512]);

/* The server ends with whatever is on its way, and another one starts from the log. */
bool crowd_restart(struct crowd *crowd, char why[512]);

/* So many random steps. False: why[512] says what is wrong. */
bool crowd_run(struct crowd *crowd, uint32_t step_count, char why[512]);

/* Everything is drained, and what has no answer sent again until it has one. */
bool crowd_settle(struct crowd *crowd, char why[512]);

/* A fresh fold against the live one, and the ballots against what was acknowledged. */
bool crowd_check(struct crowd *crowd, char why[512]);

enum crowd_mistake {
    MISTAKE_MARK_LOST,
    MISTAKE_MARK_CHANGED,
    MISTAKE_MARK_LATE,
    MISTAKE_NAME_CHANGED,
    MISTAKE_ACT_LOST,
    MISTAKE_ACK_INVENTED,
};

/* Plants it in what was kept. False: there is no place for it. */
bool crowd_spoil(struct crowd *crowd, enum crowd_mistake mistake);
