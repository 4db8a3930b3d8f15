#pragma once

/*
 * The outcomes a function can report, and the mark that they must be looked at.
 */
#define MUST_CHECK __attribute__((warn_unused_result))

enum status {
    STATUS_OK = 0,
    STATUS_INVALID,   /* what was given is wrong; the fault says where */
    STATUS_LIMIT,     /* right in form, but over a documented maximum */
    STATUS_NOMEM,     /* the system gave no memory */
    STATUS_FULL,      /* a bounded queue or table has no place left; try again later */
    STATUS_IO,        /* a file, disk or socket failed */
    STATUS_BUSY,      /* held by somebody else: a lock, a port */
    STATUS_NOT_FOUND, /* no such thing */
    STATUS_DENIED,    /* not allowed to this role, or a credential that does not fit */
    STATUS_REFUSED,   /* a rule of the hall forbids it now; the fault names the rule */
    STATUS_NO_SPACE,  /* the disk is full: nothing of it was kept, and room may come back */
};

/* The status as a lower-case word, for example "not found". Static storage. */
const char *status_name(enum status status);
