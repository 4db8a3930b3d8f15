#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/air_report.h"
#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/programme.h"
#include "server/model/record.h"
#include "server/model/view.h"

/*
 * The messages of minping-protocol(7) as C values, and JSON in and out. Both sides use this file.
 * Pure; any thread. Nothing here knows who may send what: service/session does.
 */
#define PROTOCOL_VERSION 1
#define PROTOCOL_SUBPROTOCOL "minping.v1"
#define CREDENTIAL_SIZE 33 /* up to 32 characters and NUL */
#define TOKEN_SIZE 65      /* 64 hexadecimal digits (256 bits) and NUL */
#define RECEIPT_SIZE 9     /* 8 characters and NUL */
#define REFUSAL_TEXT_SIZE 160

enum message_kind {
    MESSAGE_INVALID = 0,
    /* to the server */
    MESSAGE_HELLO,
    MESSAGE_CAST,  /* one voter's card */
    MESSAGE_CASTS, /* cards of many pads of one base station */
    MESSAGE_CONTROL,
    MESSAGE_AIR,     /* what an overlay says of itself */
    MESSAGE_PICTURE, /* a part of the small picture of a bus */
    /* from the server */
    MESSAGE_WELCOME,
    MESSAGE_ACK,
    MESSAGE_REFUSED,
    MESSAGE_ROUND,
    MESSAGE_VIEW,
    MESSAGE_PROGRAMME,
    MESSAGE_DONE,   /* a control act is in the log */
    MESSAGE_STATUS, /* the answer to control status */
    MESSAGE_CASES,  /* the answer to control cases */
    MESSAGE_ALERT,  /* to the desk: what it must know at once */
};

/* Why something was refused; minping-protocol(7) lists the words and what to do. */
enum refusal {
    REFUSAL_NONE = 0,
    REFUSAL_BAD_MESSAGE,    /* "bad message": not JSON, unknown type, missing or doubled key … */
    REFUSAL_BAD_VERSION,    /* "bad version": hello with another protocol version */
    REFUSAL_BAD_CREDENTIAL, /* "bad credential": unknown credential or token */
    REFUSAL_WRONG_ROLE,     /* "wrong role": this role may not send this */
    REFUSAL_BAD_VALUE,      /* "bad value": item, choice, seat, subject … outside the event */
    REFUSAL_NOT_OPEN,       /* "not open": the round was never opened, or is another one */
    REFUSAL_PAUSED,         /* "paused": keep the cast, send it again after the round resumes */
    REFUSAL_CLOSED,         /* "closed": final */
    REFUSAL_CONFLICT,       /* "conflict": same version, other nonce is recorded */
    REFUSAL_SUPERSEDED,     /* "superseded": a higher version is recorded */
    REFUSAL_BUSY,           /* "busy": a queue is full, send again after a moment */
    REFUSAL_REPLACED,       /* "replaced": a newer connection holds this credential */
    REFUSAL_FORBIDDEN_NOW,  /* "forbidden now": open twice, close what is not open … */
    REFUSAL_STORAGE,        /* "storage": the log failed; nothing is recorded any more */
    REFUSAL_NOT_ELIGIBLE,   /* "not eligible": not in the electorate frozen when the round opened */
    REFUSAL_TEST,           /* "test": a test pad was heard; nothing of it is ever counted */
    REFUSAL_FINAL,          /* "final": by these rules the first answer stands */
    REFUSAL_STORAGE_FULL,   /* "storage full": no room on the disk; send it again in a moment */
    REFUSAL_COUNT,
};

const char *refusal_name(enum refusal refusal);
enum refusal refusal_parse(const char *name);

/*
 * One mark of a cast as it travels. On a write-in line `choice` is the place of a name in the
 * card's names, from 1; 0: nothing is written there. 0 .. CAST_CHOICE_MAX: whether the item takes
 * such a choice, and whether the name is there, is for who knows the contest.
 */
struct cast_mark {
    uint32_t version;
    uint16_t item;
    uint16_t choice;
};

/* The highest choice that travels: of a grade, or a name's place on a write-in line. */
#define CAST_CHOICE_MAX (WRITE_IN_MAX > GRADE_MAX - 1 ? WRITE_IN_MAX : GRADE_MAX - 1)
#define CAST_NAME_MAX 64 /* names written in in one message: four cards with every line full */

/*
 * One card: marks[first_mark .. first_mark + mark_count) of the message, mark_count >= 1; no item
 * twice; names[first_name .. first_name + name_count), name_count <= WRITE_IN_MAX. seat is 0 in
 * MESSAGE_CAST.
 */
struct cast_card {
    uint32_t seat;
    uint8_t nonce[NONCE_SIZE];
    uint32_t first_mark;
    uint32_t mark_count;
    uint32_t first_name;
    uint32_t name_count;
};

/* MESSAGE_CAST (card_count 1) and MESSAGE_CASTS. */
struct cast {
    uint64_t id; /* 0 .. 2^53 - 1, the sender's; comes back in the answer */
    uint32_t round;
    uint32_t card_count;
    uint32_t mark_count;
    uint32_t name_count;
    struct cast_card cards[CARD_PER_MESSAGE_MAX];
    struct cast_mark marks[MARK_PER_MESSAGE_MAX];
    char names[CAST_NAME_MAX]
              [WRITTEN_NAME_SIZE]; /* UTF-8, no control, no bidi control, not blank */
};

/* Of another protocol than PROTOCOL_VERSION nothing but its number is read; the rest is zero. */
struct hello {
    uint32_t protocol;
    enum role role;
    char credential[CREDENTIAL_SIZE]; /* voters; otherwise "" */
    char token[TOKEN_SIZE];           /* posts; otherwise "" */
};

/*
 * What a post may ask for. Beside the id: round (0: the current or latest one), number, contest,
 * subject, bus, layer, scene, and lines of `params` (keys in brackets). Lists of seats are
 * "1-12,15"; a reason is 1 .. 64 characters.
 */
enum control_kind {
    CONTROL_INVALID = 0,
    CONTROL_OPEN,    /* contest, subject; [candidates] of another election, [seconds], [pads=none]
                      */
    CONTROL_ASK,     /* round; number = the item asked from now on, from 1 */
    CONTROL_PAUSE,   /* round */
    CONTROL_CLOSE,   /* round */
    CONTROL_VOID,    /* round; [reason] */
    CONTROL_CERTIFY, /* round */
    CONTROL_CHECK_IN_OPEN,  /* check-in begins */
    CONTROL_CHECK_IN_CLOSE, /* and ends */
    CONTROL_CHECK_IN,       /* [seats] */
    CONTROL_CHECK_OUT,      /* [seats] */
    CONTROL_REVOKE,         /* number = seat; [reason] */
    CONTROL_REPLACE,        /* number = seat; [reason] */
    CONTROL_ADJUDICATE,     /* round, number = case; [ruling] [reason] */
    CONTROL_PAPER,          /* round; the lines of core/paper.h */
    CONTROL_PAPER_CONFIRM,  /* round, number = batch */
    CONTROL_PAPER_REJECT,   /* round, number = batch; [reason] */
    CONTROL_SIGN,           /* round; [reason] */
    CONTROL_DECIDE,         /* contest; [for] [base] */
    CONTROL_WITHDRAW,       /* contest; [candidate] [reason] */
    CONTROL_LOT,            /* contest */
    CONTROL_STEP,           /* [step] [state] */
    CONTROL_TAKE,           /* bus, layer, scene, params */
    CONTROL_CONTINUE,       /* bus, layer */
    CONTROL_CLEAR,          /* bus, layer or LAYER_ALL */
    CONTROL_CUT,            /* the preview's layers go to the programme */
    CONTROL_STATUS,
    CONTROL_CASES,  /* round: the cards that wait for a ruling */
    CONTROL_BACKUP, /* a copy of the data directory, while voting goes on */
    CONTROL_COUNT,
};

const char *control_kind_name(enum control_kind kind);
enum control_kind control_kind_parse(const char *name);

struct control {
    uint64_t id;
    enum control_kind kind;
    uint32_t round;
    uint64_t number;
    char contest[ID_SIZE];
    char subject[ID_SIZE];
    enum bus bus;
    enum layer layer;
    enum scene_kind scene;
    char params[DETAIL_SIZE]; /* of a take at most PARAMS_SIZE */
};

/* A round as voters hear of it. round 0: none was opened yet. */
struct round_notice {
    uint32_t round;
    enum round_state state;
    char contest[ID_SIZE];
    char subject[ID_SIZE];
    uint32_t item_count;
    uint32_t grade_count;
    enum contest_kind kind;
    enum round_stage stage;       /* elections; otherwise STAGE_INVALID */
    uint32_t seats;               /* elections: to be filled; polls: most options of a card */
    uint64_t slate;               /* elections and polls: bit c: candidate c stands */
    uint8_t order[CANDIDATE_MAX]; /* of them, as many as the contest has: shown at place p */
    uint32_t candidate_count;
    int64_t ends_ms;         /* server's Unix time when a timer closes it; 0: none */
    bool is_first_final;     /* the first answer stands */
    uint32_t asked;          /* the item asked now, from 1; 0: the whole card */
    bool asks_item;          /* one item at a time, for pads with few buttons */
    uint32_t write_in_count; /* lines for other names */
    uint32_t adopted_count;  /* run-off: of these lines, the first stand for a name … */
    char adopted[WRITE_IN_MAX][WRITTEN_NAME_SIZE]; /* … this one */
};

/* The highest recorded versions of one seat in the current round, by item; 0: nothing recorded. */
struct seat_versions {
    uint32_t seat;
    uint32_t versions[ITEM_MAX];
};

/*
 * The answer to hello. versions: seat_count entries, only seats with something recorded; one entry
 * (or none) for a voter. On decode the array is given: message_finish() frees it.
 */
struct welcome {
    uint32_t protocol;
    char log_id[17];
    enum role role;
    enum audience audience;
    char post[ID_SIZE]; /* "" for voters and viewers */
    uint32_t seat;      /* voters: their seat; otherwise 0 */
    int64_t now_ms;     /* server's Unix time; 0: an older server */
    struct round_notice round;
    uint32_t seat_count;
    struct seat_versions *versions;
};

/* One card's outcome in an ack. */
struct card_outcome {
    uint32_t seat;
    enum refusal refusal; /* REFUSAL_NONE: recorded, receipt holds; otherwise item and version do */
    char receipt[RECEIPT_SIZE];
    uint16_t item;
    uint32_t version;
};

/*
 * MESSAGE_ACK: everything recorded is on stable storage and will be counted exactly once.
 * For a voter one outcome, always recorded (else MESSAGE_REFUSED comes); for a base station one for
 * each card sent, recorded or refused.
 */
struct ack {
    uint64_t id;
    uint32_t round;
    uint32_t outcome_count;
    struct card_outcome outcomes[CARD_PER_MESSAGE_MAX];
};

/* has_id false: the answer to something without a readable id. */
struct refused {
    bool has_id;
    uint64_t id;
    enum refusal refusal;
    uint16_t item;    /* conflict, superseded, bad value of a cast: the first item concerned */
    uint32_t version; /* the recorded version of it */
    char text[REFUSAL_TEXT_SIZE]; /* for a person; never a choice or a credential */
};

struct done {
    uint64_t id;
    uint32_t round;       /* acts on rounds; otherwise 0 */
    char backup[ID_SIZE]; /* of a backup: the name of its directory in DIR/backups; otherwise "" */
};

/* How the log's disk is; FAILED is the last that is heard of a server. */
enum storage { STORAGE_INVALID = 0, STORAGE_GOOD, STORAGE_FULL, STORAGE_FAILED, STORAGE_COUNT };
const char *storage_name(enum storage storage); /* "good", "full", "failed" */
enum storage storage_parse(const char *name);

/* MESSAGE_ALERT, to officers, operators and scrutineers: what they must know at once. */
struct alert {
    enum storage storage;
    char text[REFUSAL_TEXT_SIZE]; /* why, for a person; "" when it is good again */
};

/*
 * One part of the small picture of a bus, a PNG of `size` bytes. Parts come in their order, from 0,
 * each of PICTURE_PART_SIZE bytes but the last. number: rises with each picture of a connection.
 */
#define PICTURE_SIZE_MAX 65536
#define PICTURE_PART_SIZE 11264 /* in base64 with what is around it less than MESSAGE_SIZE_MAX */
#define PICTURE_PART_MAX 6
struct picture_part {
    enum bus bus;
    uint64_t number;
    uint32_t size;
    uint32_t part;
    uint32_t part_size;
    uint8_t bytes[PICTURE_PART_SIZE];
};

/* Bytes in `part` of a picture of `size` bytes; 0: it has no such part. */
uint32_t picture_part_size(uint32_t size, uint32_t part);

/* What the server heard last of one overlay that is there. */
#define OVERLAY_MAX 16 /* programme and preview of eight pictures */
struct overlay_status {
    char post[ID_SIZE];
    struct air_report report;
};

struct status_report {
    uint64_t id;
    char event[ID_SIZE];
    char log_id[17];
    struct round_notice round;
    uint32_t registered;
    uint32_t connected_voters; /* pads and pages with a credential, base stations' pads not */
    uint32_t cast_count;
    uint64_t epoch;          /* public */
    uint64_t recorded_total; /* marks in the log */
    uint32_t overlays;
    bool unsafe_disk;
    enum storage storage;
    bool is_check_in_open;
    uint32_t present; /* 实到 now; registered where the event checks nobody in */
    uint32_t issued;  /* electorate of the current or latest round */
    uint32_t pending; /* cards that wait for a ruling */
    enum decision decision;
    char step[ID_SIZE];    /* of the rundown: the one begun last and not ended, or "" */
    int64_t step_begun_ms; /* server's Unix time */
    uint32_t air_count;
    struct overlay_status air[OVERLAY_MAX];
};

/* Cards that wait for a ruling, in the order of their numbers; more follow when these are ruled. */
#define CASE_SHOWN_MAX 32
#define CASE_TEXT_SIZE 512
struct case_report {
    uint32_t number;
    char rule[8];              /* "W7", "E8" … */
    char text[CASE_TEXT_SIZE]; /* what the card says, never whose: "for: c1 c2; other-1: …" */
};
struct cases_report {
    uint64_t id;
    uint32_t round;
    uint32_t total; /* that wait */
    uint32_t count; /* of them here */
    struct case_report cases[CASE_SHOWN_MAX];
};

struct message {
    enum message_kind kind;
    union {
        struct hello hello;
        struct cast cast;
        struct control control;
        struct air_report air;
        struct picture_part picture;
        struct welcome welcome;
        struct ack ack;
        struct refused refused;
        struct round_notice round;
        struct view view;
        struct programme programme;
        struct done done;
        struct status_report status;
        struct cases_report cases;
        struct alert alert;
    };
};

/*
 * Reads one message. size 1 .. MESSAGE_SIZE_MAX for the server's side (messages of clients);
 * message_decode() itself accepts what its caller passes. About 60 kB of `message` are written.
 *
 * Errors: STATUS_INVALID with a fault that names the key ("$.round"). `id` and `has_id` are set
 * whenever the text was JSON with a readable id, so that the refusal can name it. A fault never
 * repeats a value. An unknown type is a fault at "$.t", which a client passes over.
 * After success call message_finish() when done (it frees what a welcome holds).
 */
MUST_CHECK enum status message_decode(const char *text, size_t size, struct message *message,
                                      bool *has_id, uint64_t *id, struct fault *fault);
void message_finish(struct message *message);

/*
 * Writes `message` as JSON into buffer. Returns its length without NUL, or 0 when it does not fit
 * (buffer_size, with its NUL) or has no kind. Allocates nothing. Bytes of a text that are not UTF-8
 * become U+FFFD.
 * seat_count of a welcome may need about 40 + 12 × items bytes a seat.
 */
MUST_CHECK size_t message_encode(const struct message *message, char *buffer, size_t buffer_size);

struct writer;
/* The key "air" of a status and its list, with a comma before it. */
void status_air_write(struct writer *writer, const struct status_report *status);

/* The hot ones, without a 60 kB union in between. Same result as message_encode(). */
MUST_CHECK size_t cast_encode(const struct cast *cast, bool is_base, char *buffer, size_t size);
MUST_CHECK size_t ack_encode(const struct ack *ack, bool is_base, char *buffer, size_t size);
MUST_CHECK size_t refused_encode(const struct refused *refused, char *buffer, size_t size);
MUST_CHECK size_t view_encode(const struct view *view, char *buffer, size_t size);

/*
 * The document of GET /api/v1/view. encode: *text is given (free()), NUL-ended, *size its length.
 * decode: fills `document` (then document_finish()). Errors: STATUS_INVALID, STATUS_LIMIT,
 * STATUS_NOMEM.
 */
MUST_CHECK enum status document_encode(const struct document *document, char **text, size_t *size,
                                       struct fault *fault);
MUST_CHECK enum status document_decode(const char *text, size_t size, struct document *document,
                                       struct fault *fault);

/* The identity of the event's public texts: what `view.texts` holds. */
uint64_t texts_hash(const struct event *event);
