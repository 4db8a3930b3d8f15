#pragma once

/*
 * The maxima of the product, each with its reason. What happens at one stands where it is checked.
 */
#define ID_SIZE 33                /* [a-z0-9][a-z0-9-]{0,31} and its NUL */
#define LABEL_CODEPOINT_MAX 64    /* TRUST.md: names and labels; longer cannot stay legible */
#define LABEL_SIZE (64 * 4 + 1)   /* UTF-8 bytes of that many code points, and NUL */
#define EVENT_SIZE_MAX (4u << 20) /* bytes of an event file; 299 elections fit in 1 MiB */
#define CONTEST_MAX 512           /* 299 + 13 elections of a series, and room */
#define SUBJECT_MAX 200           /* subjects or candidates of one contest; 121 is the largest */
#define CRITERION_MAX 40          /* items of one card */
#define GRADE_MAX 8               /* choices on one item */
#define CANDIDATE_MAX 48          /* candidates of an election, options of a poll */
#define WRITE_IN_MAX 16           /* lines for other names on one ballot: one a seat */
#define ITEM_MAX 64               /* items of one card: criteria, or candidates and lines */
#define WRITTEN_NAME_MAX 4096     /* names written in during one round */
#define WRITTEN_CODEPOINT_MAX 30  /* TRUST.md allows 64; a name on an identity card has 30 */
#define WRITTEN_NAME_SIZE (30 * 4 + 1) /* UTF-8 bytes of a written-in name, and NUL */
#define NAME_SHOWN_MAX 32              /* written-in names in a view, most votes first */
#define ACT_REASON_SIZE 257            /* 64 code points: why an officer did it */
#define DETAIL_SIZE 4096               /* an act's "key=value\n" lines: a hand count of 64 items */
#define CASE_MAX 100000                /* cards of one round that wait for a ruling: every one */
#define PAPER_MAX 64                   /* batches of hand counts of one round */
#define GROUP_MAX 16                   /* kinds of delegates */
#define POST_MAX 64                    /* posts of one event */
#define SEAT_MAX 100000                /* lines of a roll */
#define STEP_MAX 2048  /* steps of a rundown: 312 elections, each a notice, speeches and a vote */
#define ROUND_MAX 4096 /* rounds of one log: 312 contests, each repeated, and room */
#define MESSAGE_SIZE_MAX 16384       /* bytes of one message from a client, fragments joined */
#define CARD_PER_MESSAGE_MAX 256     /* pads of one base station (one byte numbers them) */
#define MARK_PER_MESSAGE_MAX 1024    /* marks of one message; 256 pads answer 4 items each */
#define VERSION_MAX 0x7fffffffu      /* versions count changes of mind: never reached by a person */
#define PARAMS_SIZE 512              /* parameters of one take, "key=value\n" lines, and NUL */
#define PARAM_COUNT_MAX 8            /* parameters of one take */
#define LIVE_VIEW_SIZE_MAX 4096      /* DESIGN §3: bytes of one live view */
#define DOCUMENT_SIZE_MAX (4u << 20) /* bytes of GET /api/v1/view: 200 subjects × 40 items */
