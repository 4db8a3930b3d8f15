#include "overlay/output_retry.h"

int64_t retry_fail(struct retry *retry, int64_t now_ns)
{
    bool was_well = !retry->is_down && now_ns - retry->begun_ns >= RETRY_WELL_NS;
    if (retry->wait_ns == 0 || was_well)
        retry->wait_ns = RETRY_FIRST_NS;
    else
        retry->wait_ns = retry->wait_ns < RETRY_MAX_NS / 2 ? retry->wait_ns * 2 : RETRY_MAX_NS;
    retry->is_down = true;
    retry->at_ns = now_ns + retry->wait_ns;
    return retry->wait_ns;
}

bool retry_is_due(const struct retry *retry, int64_t now_ns)
{
    return retry->is_down && now_ns >= retry->at_ns;
}

void retry_begin(struct retry *retry, int64_t now_ns)
{
    retry->is_down = false;
    retry->begun_ns = now_ns;
}
