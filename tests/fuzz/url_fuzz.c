#include <assert.h>
#include <string.h>

#include "clients/lib/url.h"

/*
 * url_parse(): no text harms it, and what it accepts names a host and a port, and holds nothing
 * that would break out of the header line it is written into.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[4096];
    struct url url;
    struct fault fault = { .status = STATUS_OK };
    size = size < sizeof(text) ? size : sizeof(text) - 1;
    memcpy(text, data, size);
    text[size] = '\0';
    if (url_parse(text, &url, &fault) != STATUS_OK) {
        assert(fault.status == STATUS_INVALID && fault.text[0] != '\0');
        return 0;
    }
    assert(url.port != 0 && url.host[0] != '\0');
    assert(memchr(url.host, '\0', sizeof(url.host)) != NULL);
    assert(memchr(url.authority, '\0', sizeof(url.authority)) != NULL);
    assert(!(url.is_ipv6 && url.is_tls));
    for (const char *c = url.authority; *c != '\0'; c++) {
        assert((unsigned char)*c > 0x20 && *c != 0x7f && *c != '/' && *c != '@');
    }
    return 0;
}
