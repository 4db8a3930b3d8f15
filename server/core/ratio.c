#include "server/core/ratio.h"

#include <assert.h>

uint64_t ratio_round(const mpq_t value, uint32_t scale)
{
    assert(mpq_sgn(value) >= 0);
    mpz_t whole;
    mpz_t doubled;
    mpz_init(whole);
    mpz_init(doubled);
    /* floor(n · scale / d + 1/2) = floor((2 · n · scale + d) / 2 · d) */
    mpz_mul_ui(whole, mpq_numref(value), 2ul * scale);
    mpz_add(whole, whole, mpq_denref(value));
    mpz_mul_ui(doubled, mpq_denref(value), 2);
    mpz_fdiv_q(whole, whole, doubled);
    static_assert(sizeof(unsigned long) == sizeof(uint64_t), "mpz_get_ui gives 64 bits");
    assert(mpz_fits_ulong_p(whole));
    uint64_t rounded = mpz_get_ui(whole);
    mpz_clear(doubled);
    mpz_clear(whole);
    return rounded;
}
