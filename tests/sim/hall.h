#pragma once

#include "clients/lib/prng.h"
#include "server/model/event.h"

/*
 * The simulated hall: twelve seats (four leaders, four of the staff, two guests without a vote, two
 * pads for trying out), an appraisal, an election, a motion and a recommendation, and the posts.
 */
#define HALL_SEAT_COUNT 12
#define HALL_BASE_FIRST 5 /* the base station's pads: from here to the last seat */

enum { HALL_APPRAISAL = 0, HALL_ELECTION, HALL_MOTION, HALL_RECOMMENDATION, HALL_CONTEST_COUNT };

/* Given: event_destroy(). */
struct event *hall_event(void);

/* The rules as this seed has them; everything that is changed is set each time. */
void hall_vary(struct event *event, struct prng *prng);
