#pragma once

#include <stdio.h>

#include "server/protocol/message.h"

/*
 * What minping(1) prints of the server's state and of the cards that wait for a ruling.
 */
void report_print_status(const struct status_report *status, enum language language, FILE *file);
void report_print_status_json(const struct status_report *status, FILE *file);
void report_print_cases(const struct cases_report *cases, enum language language, FILE *file);
void report_print_cases_json(const struct cases_report *cases, FILE *file);
