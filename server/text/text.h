#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/event.h"

/*
 * The catalogue of everything people read: server/text/zh-CN.json and en.json, compiled in as
 * constants. Every text is UTF-8 and stands in both languages; `{name}` marks the place of a value.
 * Names of persons, criteria and grades come from the event, not from here.
 *
 * Pure; any thread. The id TEXT_AS_OF is the key "as_of"; a key without its id, or an id without
 * its key, does not compile.
 */
enum text_id {
    TEXT_INVALID = 0,
    TEXT_STATE_PLANNED,
    TEXT_STATE_OPEN,
    TEXT_STATE_VOTING, /* what is no appraisal */
    TEXT_STATE_PAUSED,
    TEXT_STATE_CLOSED,
    TEXT_STATE_CERTIFIED,
    TEXT_STATE_VOID,
    TEXT_TURNOUT,       /* {cast} {registered} */
    TEXT_TURNOUT_HELD,  /* {registered} */
    TEXT_TURNOUT_RANGE, /* {low} {high} {registered} */
    TEXT_VOTED,
    TEXT_VOTED_BALLOT,
    TEXT_REGISTERED,   /* {registered} */
    TEXT_PRESENT,      /* {present} */
    TEXT_PRESENT_HELD, /* {registered} {present} */
    TEXT_AS_OF,        /* {time} */
    TEXT_EPOCH,        /* {epoch} */
    TEXT_BASE_ITEMS,
    TEXT_BASE_TOTAL,
    TEXT_ROUNDING,
    TEXT_HELD_OPEN, /* figures held back by the rules of the contest */
    TEXT_HELD_PAUSED,
    TEXT_HELD_CLOSED,
    TEXT_HELD_NOTE,
    TEXT_HELD_VOID,
    TEXT_HELD_VOID_NOTE,
    TEXT_VOID_MARK,
    TEXT_PAPER, /* {count}: counted by hand */
    TEXT_PAPER_SIGN,
    TEXT_PAPER_LEGEND,
    TEXT_NOT_OPENED,
    TEXT_ITEM_OF, /* {item} {items} */
    TEXT_PAGE_OF, /* {page} {pages} */
    TEXT_UNIT,
    TEXT_CRITERIA,
    TEXT_MATRIX_TITLE, /* {grade} */
    TEXT_TOTAL,
    TEXT_NO_FIGURE,
    TEXT_PREVIEW,
    TEXT_CLOCK_COUNTDOWN,
    TEXT_CLOCK_SPEECH,
    TEXT_CLOCK_OVER,
    TEXT_CLOCK_OVERTIME,
    TEXT_CLOCK_WAITING,
    TEXT_OPINION,
    TEXT_CORRECTION,
    TEXT_NOTICE_NEXT,
    TEXT_NOTICE_IN,
    TEXT_NOTICE_DUE,
    /* race and result */
    TEXT_BALLOT_NONE,
    TEXT_BALLOT_STAGE_FIRST,
    TEXT_BALLOT_STAGE_RUN_OFF,
    TEXT_BALLOT_STAGE_ANOTHER,
    TEXT_BALLOT_SEATS,      /* {count} */
    TEXT_BALLOT_FACTS,      /* {registered} {present} {issued} {returned} {valid} {void} */
    TEXT_BALLOT_FACTS_ROLL, /* {registered} {issued} {returned} {valid} {void} */
    TEXT_BALLOT_ELECTED,
    TEXT_BALLOT_TIED,
    TEXT_BALLOT_SHORTLISTED,
    TEXT_BALLOT_MAJORITY, /* {needed} {base} {count} */
    TEXT_BALLOT_NEEDED,   /* {needed} {base} {count} */
    TEXT_BALLOT_MOST_VOTES,
    TEXT_BALLOT_OTHER_SAME,    /* {base} {count} {needed} */
    TEXT_BALLOT_OTHER_DIFFERS, /* {base} {count} {needed} */
    TEXT_BALLOT_VOTES,         /* {votes} */
    TEXT_RESULT_ELECTED,       /* {seats} */
    TEXT_RESULT_RUN_OFF,       /* {seats} */
    TEXT_RESULT_ANOTHER,       /* {seats} */
    TEXT_RESULT_STOPPED,       /* {seats} */
    TEXT_RESULT_PASSED,
    TEXT_RESULT_NOT_PASSED,
    TEXT_RESULT_COUNTED,
    TEXT_RESULT_RANK,        /* {rank} */
    TEXT_RESULT_RANK_TIED,   /* {rank} */
    TEXT_RESULT_FLOOR,       /* {floor} */
    TEXT_RESULT_REMARK,      /* {remark} */
    TEXT_RESULT_FINGERPRINT, /* {fingerprint} */
    /* sheets: what minping results prints; the letters and numbers are those of the rules */
    TEXT_SHEET_RECORD,
    TEXT_SHEET_IDS, /* {event} {log} */
    TEXT_SHEET_NONE,
    TEXT_SHEET_ROUND, /* {round} */
    TEXT_SHEET_TIMES, /* {opened} {closed} */
    TEXT_SHEET_STATE_CLOSED,
    TEXT_SHEET_STATE_CERTIFIED,
    TEXT_SHEET_STATE_VOID,
    TEXT_SHEET_RULES,      /* {title} {id} {version} {hash} */
    TEXT_SHEET_RULES_BARE, /* {id} {hash} */
    TEXT_SHEET_RULES_NONE,
    TEXT_SHEET_TURNOUT, /* turnout, {rules} */
    TEXT_SHEET_NOT_CHECKED_IN,
    TEXT_SHEET_REGISTERED,
    TEXT_SHEET_PRESENT,
    TEXT_SHEET_ISSUED,
    TEXT_SHEET_RETURNED,
    TEXT_SHEET_VALID,
    TEXT_SHEET_VOID,
    TEXT_SHEET_CHECK,
    TEXT_SHEET_VOID_REASON,
    TEXT_SHEET_SIGNED,
    TEXT_SHEET_PENDING,
    TEXT_SHEET_QUORUM, /* {over} {base} {count} {num} {den} {needed} {present} {verdict} */
    TEXT_SHEET_OVER,
    TEXT_SHEET_NOT_UNDER,
    TEXT_SHEET_VOIDED,
    TEXT_SHEET_SUPERSEDED,
    TEXT_SHEET_BASE_UNKNOWN,
    TEXT_SHEET_BASE_REGISTERED,
    TEXT_SHEET_BASE_PRESENT,
    TEXT_SHEET_BASE_ISSUED,
    TEXT_SHEET_BASE_RETURNED,
    TEXT_SHEET_BASE_VALID,
    TEXT_SHEET_BASE, /* {base} {count} */
    TEXT_SHEET_BASE_NOT_RECORDED,
    TEXT_SHEET_COL_CRITERION,
    TEXT_SHEET_COL_SCORE,
    TEXT_SHEET_COL_SUBJECT,
    TEXT_SHEET_COL_VALID_CARDS,
    TEXT_SHEET_COL_RANK,
    TEXT_SHEET_COL_BAND,
    TEXT_SHEET_COL_CANDIDATE,
    TEXT_SHEET_COL_FOR,
    TEXT_SHEET_COL_AGAINST,
    TEXT_SHEET_COL_ABSTAIN,
    TEXT_SHEET_COL_RESULT,
    TEXT_SHEET_COL_CHOICE,
    TEXT_SHEET_COL_OPTION,
    TEXT_SHEET_COL_VOTES,
    TEXT_SHEET_COL_SHARE_OF, /* {base} */
    TEXT_SHEET_SATISFIED,    /* {share} {grades} {count} {base} */
    TEXT_SHEET_SCORE,        /* {score} */
    TEXT_SHEET_RANK,         /* {rank} */
    TEXT_SHEET_RANK_TIED,    /* {rank} {count} */
    TEXT_SHEET_TIED_MARK,
    TEXT_SHEET_BAND,   /* {band} */
    TEXT_SHEET_VALUES, /* {values} {source} {unscored} {blank} */
    TEXT_SHEET_UNSCORED,
    TEXT_SHEET_IN_BASE,
    TEXT_SHEET_NOT_IN_BASE,
    TEXT_SHEET_WEIGHTS_CRITERIA, /* {weights} */
    TEXT_SHEET_WEIGHTS_GROUPS,   /* {weights} */
    TEXT_SHEET_REMARK,           /* {label} {id} */
    TEXT_SHEET_FLOOR,            /* {floor} */
    TEXT_SHEET_RANKING,
    TEXT_SHEET_STAGE, /* {stage} {seats} {candidates} */
    TEXT_SHEET_STAGE_FIRST,
    TEXT_SHEET_STAGE_RUN_OFF,
    TEXT_SHEET_STAGE_ANOTHER,
    TEXT_SHEET_MAJORITY,      /* {over} {base} {count} {num} {den} {needed} */
    TEXT_SHEET_MAJORITY_BARE, /* {base} {count} {needed} */
    TEXT_SHEET_MOST_VOTES,
    TEXT_SHEET_WRITTEN_IN,
    TEXT_SHEET_NAMES_REST, /* {count} */
    TEXT_SHEET_ELECTED,
    TEXT_SHEET_NOT_ELECTED,
    TEXT_SHEET_TIED,
    TEXT_SHEET_SHORTLISTED,
    TEXT_SHEET_SHORTLIST, /* {count} */
    TEXT_SHEET_OUTCOME,   /* {base} {count} {needed} */
    TEXT_SHEET_OUTCOME_ELECTED,
    TEXT_SHEET_NOBODY,
    TEXT_SHEET_COMMA,
    TEXT_SHEET_SEMICOLON,
    TEXT_SHEET_OUTCOME_RUN_OFF, /* {seats} */
    TEXT_SHEET_OUTCOME_MISSING, /* {seats} */
    TEXT_SHEET_DISPUTED,        /* {base} */
    TEXT_SHEET_DECISION,
    TEXT_SHEET_DECISION_ELECTED,         /* {seats} {rules} */
    TEXT_SHEET_DECISION_ELECTED_RUN_OFF, /* {seats} {rules} */
    TEXT_SHEET_DECISION_RUN_OFF,         /* {seats} */
    TEXT_SHEET_DECISION_ANOTHER,         /* {seats} */
    TEXT_SHEET_DECISION_STOPPED,         /* {seats} */
    TEXT_SHEET_DECISION_OVER_RETURN,     /* {returned} {base} {count} */
    TEXT_SHEET_DECISION_VOID,
    TEXT_SHEET_DECISION_PENDING,
    TEXT_SHEET_DECISION_PASSED,     /* {votes} {needed} {base} {count} */
    TEXT_SHEET_DECISION_NOT_PASSED, /* {votes} {needed} {base} {count} */
    TEXT_SHEET_ITEM_BASE,
    TEXT_SHEET_PRECISION,
    TEXT_SHEET_REMAINDER,
    TEXT_SHEET_SIGNATURES,
    TEXT_SHEET_CSV_ITEMS, /* then the grades */
    TEXT_SHEET_CSV_PERSONS,
    TEXT_SHEET_CSV_ELECTIONS,
    TEXT_SHEET_CSV_MOTIONS,
    TEXT_SHEET_CSV_POLLS,
    /* series: what minping series prints */
    TEXT_SERIES_IDS,     /* {series} */
    TEXT_SERIES_IN_USE,  /* {title} {sitting} {why} */
    TEXT_SERIES_DAMAGED, /* {title} {sitting} {why} */
    TEXT_SERIES_RULES,   /* {title} {hash} */
    TEXT_SERIES_APPRAISALS,
    TEXT_SERIES_ELECTIONS,
    TEXT_SERIES_MOTIONS,
    TEXT_SERIES_POLLS,
    TEXT_SERIES_UNKNOWN,
    TEXT_SERIES_COL_SITTING,
    TEXT_SERIES_COL_CONTEST,
    TEXT_SERIES_COL_ROUNDS,
    TEXT_SERIES_COL_TOP,
    TEXT_SERIES_COL_SATISFIED,
    TEXT_SERIES_ELECTED, /* {elected} {seats} */
    TEXT_SERIES_PASSED,
    TEXT_SERIES_NOT_PASSED,
    TEXT_SERIES_STOPPED,
    TEXT_SERIES_DECIDED,
    TEXT_SERIES_GAP_NOT_HELD,
    TEXT_SERIES_GAP_UNREADABLE,
    TEXT_SERIES_GAP_NOT_OPENED,
    TEXT_SERIES_GAP_NO_QUORUM,
    TEXT_SERIES_GAP_OPEN,
    TEXT_SERIES_GAP_PENDING,
    TEXT_SERIES_GAP_RUN_OFF,
    TEXT_SERIES_GAP_ANOTHER,
    TEXT_SERIES_GAP_VOID,
    TEXT_SERIES_VOIDED,         /* {count} */
    TEXT_SERIES_RUN_OFFS,       /* {count} */
    TEXT_SERIES_ANOTHER,        /* {count} */
    TEXT_SERIES_TOTAL_SITTINGS, /* {count} {held} {not_held} {in_use} {damaged} */
    TEXT_SERIES_TOTAL_DECIDED,  /* {count} {decided} */
    TEXT_SERIES_TOTAL_RERUNS,   /* {void} {run_offs} {another} */
    TEXT_SERIES_TOTAL_SEATS,    /* {seats} {elected} */
    TEXT_SERIES_NOT_COMPARABLE,
    TEXT_SERIES_TOP_NOTE,
    TEXT_SERIES_PLACE_NOTE,
    TEXT_SERIES_CSV,
    TEXT_SERIES_CSV_APPRAISALS,
    TEXT_SERIES_CSV_ELECTIONS,
    TEXT_COUNT,
};

/* The text in `language` (LANGUAGE_ZH_CN, LANGUAGE_EN). Static, never NULL, never empty. */
const char *text_get(enum language language, enum text_id id);

/* The key of the catalogue files, "as_of". Static. */
const char *text_id_name(enum text_id id);

/* A value for the place `{name}`. Borrowed. */
struct text_value {
    const char *name;
    const char *value;
};

/*
 * A stretch of a pattern: literal text, or the name inside a pair of braces. Borrowed from the
 * pattern, not NUL-ended; size in bytes, at least 1.
 */
struct text_piece {
    const char *start;
    size_t size;
    bool is_place;
};

/* Takes the next piece of the pattern at *cursor and moves it on. False: the pattern is done. */
bool text_next(const char **cursor, struct text_piece *piece);

/* The value for a piece that is a place, or NULL where `values` has none of its name. */
const char *text_value_find(const struct text_piece *piece, const struct text_value *values,
                            uint32_t value_count);

/*
 * Writes `pattern` with its places filled into buffer, NUL-ended. A place without a value stays as
 * it is. Errors: STATUS_LIMIT (it does not fit; buffer then holds what fitted, whole pieces only).
 */
MUST_CHECK enum status text_fill(char *buffer, size_t buffer_size, const char *pattern,
                                 const struct text_value *values, uint32_t value_count);
