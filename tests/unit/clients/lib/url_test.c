#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/lib/url.h"

static void addresses_are_taken_apart(void **state)
{
    static const struct {
        const char *text;
        bool is_tls;
        bool is_ipv6;
        uint16_t port;
        const char *host;
        const char *authority;
    } cases[] = {
        { "ws://127.0.0.1:8080", false, false, 8080, "127.0.0.1", "127.0.0.1:8080" },
        { "http://hall.example/", false, false, 80, "hall.example", "hall.example:80" },
        { "wss://hall.example", true, false, 443, "hall.example", "hall.example:443" },
        { "https://h:65535/", true, false, 65535, "h", "h:65535" },
        { "ws://[::1]:1", false, true, 1, "::1", "[::1]:1" },
        { "ws://[fe80::1]", false, true, 80, "fe80::1", "[fe80::1]:80" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct url url;
        assert_int_equal(url_parse(cases[i].text, &url, NULL), STATUS_OK);
        assert_int_equal(url.is_tls, cases[i].is_tls);
        assert_int_equal(url.is_ipv6, cases[i].is_ipv6);
        assert_int_equal(url.port, cases[i].port);
        assert_string_equal(url.host, cases[i].host);
        assert_string_equal(url.authority, cases[i].authority);
    }
}

static void what_is_no_address_is_refused_with_its_text(void **state)
{
    static const char *const wrong[] = {
        "",
        "127.0.0.1:80",
        "ftp://h",
        "ws://",
        "ws://:80",
        "ws://h:0",
        "ws://h:65536",
        "ws://h:",
        "ws://h:8a",
        "ws://h/ws",
        "ws://h?x",
        "ws://h h",
        "ws://u@h",
        "ws://[::1",
        "ws://[x]:80",
        "ws://[::1]x",
        "wss://[::1]:80",
        "ws://h\r\nX: y:80",
        "ws://h:000080",
        "ws://h#f",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct url url;
        struct fault fault = { 0 };
        assert_int_equal(url_parse(wrong[i], &url, &fault), STATUS_INVALID);
        assert_int_equal(fault.status, STATUS_INVALID);
        assert_non_null(strstr(fault.text, wrong[i]));
    }
}

static void a_host_name_has_its_limit(void **state)
{
    char text[600] = "ws://";
    struct url url;
    (void)state;
    memset(text + 5, 'a', 253);
    assert_int_equal(url_parse(text, &url, NULL), STATUS_OK);
    text[5 + 253] = 'a';
    assert_int_equal(url_parse(text, &url, NULL), STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(what_is_no_address_is_refused_with_its_text),
        cmocka_unit_test(a_host_name_has_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
