#pragma once

#include <jansson.h>

#include "server/protocol/message.h"
#include "server/protocol/reader.h"
#include "server/protocol/writer.h"

/*
 * The kinds of messages, each in its own file; message.c picks. For the files of server/protocol.
 * X_read: fills all of its struct, false after a fault. X_write: the writer says what did not fit.
 */
#define MESSAGE_ID_MAX READER_NUMBER_MAX
/* No count of a round is larger: every seat's card, and every batch of paper. */
#define FIGURE_MAX (SEAT_MAX * (1u + PAPER_MAX))

bool hello_read(struct reader *reader, const struct place *at, json_t *object, struct hello *hello);
void hello_write(struct writer *writer, const struct hello *hello);

bool cast_read(struct reader *reader, const struct place *at, json_t *object, struct cast *cast);
bool casts_read(struct reader *reader, const struct place *at, json_t *object, struct cast *cast);
void cast_write(struct writer *writer, const struct cast *cast, bool is_base);

bool ack_read(struct reader *reader, const struct place *at, json_t *object, struct ack *ack);
/* is_base: an outcome for each card; otherwise the one receipt. */
void ack_write(struct writer *writer, const struct ack *ack, bool is_base);
bool refused_read(struct reader *reader, const struct place *at, json_t *object,
                  struct refused *refused);
void refused_write(struct writer *writer, const struct refused *refused);

/* What the value of a parameter looks like; what it means is for who does the act. */
enum look {
    LOOK_INVALID = 0,
    LOOK_REASON, /* 1 .. LABEL_CODEPOINT_MAX characters, not all blank */
    LOOK_NUMBER, /* 1 .. 9 digits */
    LOOK_ID,
    LOOK_IDS,    /* ids with a comma between */
    LOOK_SEATS,  /* "1-12,15" */
    LOOK_RULING, /* count, drop, void */
    LOOK_STATE,  /* begun, ended */
    LOOK_NONE,   /* none */
};

/* NULL: `text` looks so; otherwise what it must be. */
const char *param_wrong(enum look look, const char *text);
/* {"key": "text", …} at the key "params" of `up`, into lines: of a take, and of other acts. */
bool params_read(struct reader *reader, const struct place *up, json_t *value,
                 char params[PARAMS_SIZE]);
bool detail_read(struct reader *reader, const struct place *up, json_t *value,
                 char detail[DETAIL_SIZE]);
/* And back. */
void params_write(struct writer *writer, const char *params);

bool control_read(struct reader *reader, const struct place *at, json_t *object,
                  struct control *control);
void control_write(struct writer *writer, const struct control *control);
bool report_message_read(struct reader *reader, const struct place *at, json_t *object,
                         struct air_report *report);
void report_message_write(struct writer *writer, const struct air_report *report);
/* The key "air" of a status, with a comma before it. */
bool overlays_read(struct reader *reader, const struct place *up, json_t *object,
                   struct status_report *status);
bool picture_read(struct reader *reader, const struct place *at, json_t *object,
                  struct picture_part *part);
void picture_write(struct writer *writer, const struct picture_part *part);
bool programme_read(struct reader *reader, const struct place *at, json_t *object,
                    struct programme *programme);
void programme_write(struct writer *writer, const struct programme *programme);

/* The versions of a welcome are on the heap: welcome_finish(), also after a fault. */
bool welcome_read(struct reader *reader, const struct place *at, json_t *object,
                  struct welcome *welcome);
void welcome_write(struct writer *writer, const struct welcome *welcome);
void welcome_finish(struct welcome *welcome);
bool round_read(struct reader *reader, const struct place *at, json_t *object,
                struct round_notice *round);
/* Its keys without the braces; what is zero of an election's is left out. */
void round_keys_write(struct writer *writer, const struct round_notice *round);
bool done_read(struct reader *reader, const struct place *at, json_t *object, struct done *done);
void done_write(struct writer *writer, const struct done *done);
bool status_read(struct reader *reader, const struct place *at, json_t *object,
                 struct status_report *status);
void status_write(struct writer *writer, const struct status_report *status);
bool cases_read(struct reader *reader, const struct place *at, json_t *object,
                struct cases_report *cases);
void cases_write(struct writer *writer, const struct cases_report *cases);
bool alert_read(struct reader *reader, const struct place *at, json_t *object, struct alert *alert);
void alert_write(struct writer *writer, const struct alert *alert);

/*
 * The order in which candidates are shown: places that are each named once, count_max at most.
 * count: how many there are.
 */
bool order_read(struct reader *reader, const struct place *at, const json_t *list,
                uint32_t count_max, uint8_t *order, uint32_t *count);
void order_write(struct writer *writer, const uint8_t *order, uint32_t count);

bool view_read(struct reader *reader, const struct place *at, json_t *object, struct view *view);
/* Its keys without the braces and without "t". */
void view_keys_write(struct writer *writer, const struct view *view);
bool figures_read(struct reader *reader, const struct place *at, json_t *object,
                  struct figures *figures);
void figures_write(struct writer *writer, const struct figures *figures);
/* Parts of figures of rounds that are over and shown as tally; `object` is that of the figures. */
bool appraisal_read(struct reader *reader, const struct place *at, json_t *object,
                    struct figures *figures);
void appraisal_write(struct writer *writer, const struct figures *figures);
bool election_read(struct reader *reader, const struct place *at, json_t *object,
                   struct figures *figures);
void election_write(struct writer *writer, const struct figures *figures);
