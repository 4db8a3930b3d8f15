#pragma once

/*
 * The maxima of the product, each with its reason. What happens at one stands where it is checked.
 */
#define ID_SIZE 33                   /* [a-z0-9][a-z0-9-]{0,31} and its NUL */
#define LABEL_CODEPOINT_MAX 64       /* TRUST.md: names and labels; longer cannot stay legible */
#define LABEL_SIZE (64 * 4 + 1)      /* UTF-8 bytes of that many code points, and NUL */
#define EVENT_SIZE_MAX (4u << 20)    /* bytes of an event file; 299 elections fit in 1 MiB */
#define CONTEST_MAX 512              /* 299 + 13 elections of a series, and room */
#define SUBJECT_MAX 200              /* subjects or candidates of one contest; 121 is the largest */
#define CRITERION_MAX 40             /* items of one card */
#define GRADE_MAX 8                  /* choices on one item */
#define GROUP_MAX 16                 /* kinds of delegates */
#define POST_MAX 64                  /* posts of one event */
#define SEAT_MAX 100000              /* lines of a roll */
#define ROUND_MAX 4096               /* rounds of one log: 312 contests, each repeated, and room */
#define MESSAGE_SIZE_MAX 16384       /* bytes of one message from a client, fragments joined */
#define CARD_PER_MESSAGE_MAX 256     /* pads of one base station (one byte numbers them) */
#define MARK_PER_MESSAGE_MAX 1024    /* marks of one message; 256 pads answer 4 items each */
#define VERSION_MAX 0x7fffffffu      /* versions count changes of mind: never reached by a person */
#define PARAMS_SIZE 512              /* parameters of one take, "key=value\n" lines, and NUL */
#define PARAM_COUNT_MAX 8            /* parameters of one take */
#define LIVE_VIEW_SIZE_MAX 4096      /* DESIGN §3: bytes of one live view */
#define DOCUMENT_SIZE_MAX (4u << 20) /* bytes of GET /api/v1/view: 200 subjects × 40 items */
