#pragma once

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Exact fractions: GMP's rationals with what counting asks of them. A weighted score over forty
 * criteria of a hundred thousand voters has a denominator of hundreds of digits; it is never
 * rounded but once, when it is printed. Pure; GMP ends the process where memory runs out.
 */

/* value · scale, rounded half up to a whole number. value >= 0; the result fits 64 bits. */
uint64_t ratio_round(const mpq_t value, uint32_t scale);
