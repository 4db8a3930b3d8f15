#pragma once

#include "clients/lib/prng.h"
#include "overlay/curtain.h"
#include "overlay/latest.h"
#include "server/service/custody.h"
#include "server/service/publisher.h"
#include "server/service/room.h"
#include "server/service/session.h"
#include "tests/sim/book.h"
#include "tests/sim/disk_log.h"
#include "tests/sim/hall.h"

/*
 * A simulated hall: the real core, room, sessions, publisher and log over a simulated disk; pads,
 * base stations, the desk, viewers and overlays over simulated connections. One thread, virtual
 * time, everything drawn from one seed: each step from a generator of its own, so that a step can
 * be left out and the others draw what they drew.
 */
#define HALL_LINK_MAX 64
#define HALL_PEER_MAX 32
#define SENT_CARD_MAX 4
#define ITEM_MAX_HERE BOOK_ITEM_MAX

/* What can be left out of a run. */
enum step_class {
    CLASS_SERVER = 0, /* never left out: the wires, the log, the loop */
    CLASS_VOTES,
    CLASS_ACTS,
    CLASS_VIEWS,
    CLASS_NETWORK,
    CLASS_CLOCK,
    CLASS_DISK,
    CLASS_POWER,
    CLASS_COUNT,
};

/* skipped: [step] or NULL. classes: bit of a class: it takes part. */
struct plan {
    uint64_t seed;
    uint32_t step_count;
    uint32_t classes;
    const bool *skipped;
    bool has_history;
};

/* Messages under way. */
struct letters {
    char **texts;
    uint32_t *sizes;
    uint32_t first;
    uint32_t count;
    uint32_t capacity;
};

/*
 * A connection. Down, `flight` is on the wire and in the kernel's buffers, `queue` is the server's
 * memory, as in server/net/connection.c: answers in order, then the newest view.
 */
struct link {
    bool is_here;    /* the client's end is open */
    bool is_there;   /* the server's end is open */
    bool is_stalled; /* the client does not read */
    bool is_ending;  /* the server hangs up after what is queued */
    bool is_killed;  /* the server cuts it off at its next turn */
    bool view_waits;
    uint32_t conn;
    uint32_t peer;
    struct letters up;
    struct letters flight;
    struct letters queue;
    uint32_t queued_size;
    uint32_t queued_views;
};

enum fetch { FETCH_NONE = 0, FETCH_ASKED, FETCH_ANSWERED };

/*
 * A program of somebody's: a pad or page, a base station, the desk, a screen, an overlay. What
 * `known` holds is lost when it starts anew.
 */
struct peer {
    enum role role;
    enum audience audience;
    uint32_t seat;           /* pads */
    char secret[TOKEN_SIZE]; /* credential or token */
    int32_t link;            /* -1: none */
    bool is_ready;           /* welcome was heard */
    bool is_refused;         /* for good: a person has to start it anew */
    struct round_notice notice;
    uint32_t known_round;
    uint32_t known[BOOK_SEAT_MAX][ITEM_MAX_HERE];
    uint64_t control;      /* the one under way, or 0 */
    uint64_t epoch;        /* of the newest view heard over this link; 0: none */
    uint64_t epoch_before; /* … over the links before */
    struct latest *latest; /* overlays */
    enum fetch fetch;
    char *document;
    uint32_t document_size;
    uint64_t shown;     /* epoch of the picture, checked */
    uint64_t shown_max; /* of every picture of this overlay so far */
    struct curtain curtain;
    bool wants_panic;
    bool has_panicked;
    uint64_t takes;       /* of the programme that its painter heard last */
    uint64_t panic_takes; /* what was on air at the last panic */
    uint64_t programme;   /* the highest sequence heard */
};

struct sent_mark {
    uint16_t item;
    uint16_t choice;
    uint32_t version;
    const char *name; /* of a line; "" for nobody; NULL: no line */
};

struct sent_card {
    uint32_t seat;
    uint8_t nonce[NONCE_SIZE];
    uint32_t mark_count;
    struct sent_mark marks[ITEM_MAX_HERE];
    bool
        has_used_nonce; /* its nonce is that of an earlier cast: what is overtaken may be missing */
    bool is_acked;
    char receipt[RECEIPT_SIZE];
};

/* A cast: one intent for each card, sent as often as it takes. Its id is its place + 1. */
struct sent {
    uint32_t peer;
    bool is_base;
    uint32_t round;
    uint32_t card_count;
    struct sent_card cards[SENT_CARD_MAX];
    bool is_answered;
    char *text;
    uint32_t size;
};

/* What the desk asked for, by id. */
#define ASKED_FIRST UINT64_C(1000000)
struct asked {
    enum act_kind kind;
    bool is_of_flood; /* one of very many: left out of the history */
};

struct published {
    uint64_t epoch;
    uint64_t hash;
};

/* What was sent to an audience, by rising epoch. */
struct publications {
    struct published *items;
    uint32_t count;
    uint32_t capacity;
};

enum ending { ENDING_NONE = 0, ENDING_KILL, ENDING_POWER };

struct server {
    bool is_up;
    enum ending ending; /* drawn while the log writes: it ends when the write returns */
    bool is_writing;
    bool is_level; /* everything that is durable was drained */
    bool is_full;  /* the log's disk, as the desk heard of it last */
    struct custody *custody;
    struct votelog *log;
    struct votelog_identity identity;
    struct room *room;
    struct publisher *publisher;
    struct sessions *sessions;
    int32_t conn_links[HALL_LINK_MAX]; /* -1: free */
};

struct world {
    const struct plan *plan;
    const char *dir; /* of the custody */
    struct event *event;
    struct prng random; /* of the step under way */
    uint32_t step;
    int64_t steady_ms;
    int64_t unix_ms;
    struct disk disk;
    struct disk_log disk_log;
    struct server server;
    struct book book;
    struct link links[HALL_LINK_MAX];
    struct peer peers[HALL_PEER_MAX];
    uint32_t peer_count;
    struct sent *sent;
    uint32_t sent_count;
    uint32_t sent_capacity;
    struct asked *asked;
    uint32_t asked_count;
    uint32_t asked_capacity;
    uint32_t done_counts[ACT_COUNT];
    struct publications publications[AUDIENCE_COUNT];
    bool is_hushed;   /* nothing goes into the history */
    bool is_settling; /* no more faults: everything comes to its end */
    bool is_violated;
    const char *invariant;
    char why[BOOK_WHY_SIZE];
    char *history;
    size_t history_size;
    size_t history_capacity;
    struct message heard;  /* what a peer reads */
    struct message looked; /* what leaves the server */
    struct view view;
    char text[65536];
};

/* dir: of the custody, made by world_custody_make(); event: borrowed. */
struct world *world_create(const struct plan *plan, const char *dir, struct event *event);
void world_destroy(struct world *world);

/* The directory of keys, roll and tokens that all worlds of a process share. dir: [64]. */
void world_custody_make(char dir[64], const struct event *event);
void world_custody_remove(const char *dir);

uint32_t world_draw(struct world *world, uint32_t below);
bool world_chance(struct world *world, uint32_t percent);

/* A line of the history. */
void world_say(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An invariant does not hold; the first one stays. Returns false. */
bool world_violate(struct world *world, const char *invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* server.c */
bool server_start(struct world *world);
void server_end(struct world *world, enum ending ending);
/* A batch of the log, with whatever happens meanwhile. */
void server_log_step(struct world *world);
void server_drain(struct world *world, uint32_t visit_max);
void server_tick(struct world *world);
void server_sweep(struct world *world);
/* What the loop does while the log writes, and what may end the process there. False: it ended. */
bool server_moment(struct world *world);
/* A fresh fold of the log is the live state, and both are what the book says. */
bool server_compare(struct world *world);

/* wire.c */
int32_t wire_connect(struct world *world, uint32_t peer);
void wire_say(struct world *world, uint32_t peer, const char *text, size_t size);
/* The client's end is gone; the server notices later. */
void wire_drop(struct world *world, int32_t link);
/* The server notices that its peer is gone, or cuts off whom it has given up. */
void wire_reap(struct world *world);
void wire_server_gone(struct world *world);
/* One letter arrives, up or down. False: none could. */
bool wire_deliver(struct world *world, int32_t link, bool is_up);
bool wire_deliver_any(struct world *world);
/* Nothing is under way. */
bool wire_is_quiet(const struct world *world);
void wire_release(struct world *world);
const struct wire *wire_of_server(struct world *world);

/* peer.c */
void peers_init(struct world *world);
void peers_finish(struct world *world);
void peer_connect(struct world *world, uint32_t peer);
void peer_restart(struct world *world, uint32_t peer);
void peer_hear(struct world *world, uint32_t peer, const char *text, size_t size);
void peer_lost(struct world *world, uint32_t peer);
const char *peer_name(const struct world *world, uint32_t peer, char name[48]);

/* voter.c */
void voter_act(struct world *world, uint32_t peer);
void voter_resend(struct world *world, uint32_t sent);
void voter_heard_ack(struct world *world, uint32_t peer, const struct ack *ack);
/* False: it was no cast. */
bool voter_heard_refused(struct world *world, uint32_t peer, const struct refused *refused);
/* The credential of a seat, as the roll and the replaced pads have it. */
void voter_credential(const struct world *world, uint32_t seat, bool is_newest,
                      char credential[CREDENTIAL_SIZE]);

/* desk.c */
void desk_act(struct world *world, uint32_t peer);
void desk_ask(struct world *world, uint32_t peer, struct control *control, bool is_of_flood);
void desk_open(struct world *world, uint32_t peer);
void desk_flood(struct world *world);

/* promise.c: what leaves the server is held against the book. */
void promise_look(struct world *world, uint32_t peer, const char *text, size_t size);
bool promise_check_all(struct world *world);

/* screen.c: views and pictures. */
void screen_published(struct world *world, uint32_t audiences);
void screen_heard(struct world *world, uint32_t peer, const struct view *view, const char *text,
                  size_t size);
void screen_fetch(struct world *world, uint32_t peer);
void screen_programme(struct world *world, uint32_t peer, const struct programme *programme);
void screen_panic(struct world *world, uint32_t peer);
void screen_look(struct world *world);
/* No overlay waits for a document. */
bool screen_is_quiet(const struct world *world);
bool screen_check_newest(struct world *world);
uint64_t screen_hash(const char *text, size_t size);

/* step.c */
/* A whole run. False: an invariant does not hold. */
bool world_run(struct world *world);
