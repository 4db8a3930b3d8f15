#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/fault.h"

static void first_fault_wins(void **state)
{
    struct fault fault = { .status = STATUS_OK };

    assert_int_equal(fault_set(&fault, STATUS_IO, "roll.csv:12", "cannot open '%s'", "roll.csv"),
                     STATUS_IO);
    assert_int_equal(fault_set(&fault, STATUS_NOMEM, "$", "later"), STATUS_NOMEM);
    assert_int_equal(fault.status, STATUS_IO);
    assert_string_equal(fault.where, "roll.csv:12");
    assert_string_equal(fault.text, "cannot open 'roll.csv'");
}

static void fault_may_be_null(void **state)
{
    assert_int_equal(fault_set(NULL, STATUS_BUSY, NULL, "held"), STATUS_BUSY);
}

static void where_may_be_null(void **state)
{
    struct fault fault = { .status = STATUS_OK };

    fault_set(&fault, STATUS_BUSY, NULL, "held");
    assert_string_equal(fault.where, "");
}

/* Text of `ascii` letters and then three-byte characters: cut only between characters. */
static void text_is_cut_between_characters(void **state)
{
    for (size_t ascii = 0; ascii < 8; ascii++) {
        struct fault fault = { .status = STATUS_OK };
        char text[700];
        size_t size;

        memset(text, 'a', ascii);
        for (size_t i = 0; i < 200; i++) {
            memcpy(text + ascii + 3 * i, "\xe6\xb0\x91", 3);
        }
        text[ascii + 600] = '\0';
        fault_set(&fault, STATUS_INVALID, text, "%s", text);
        size = strlen(fault.text);
        assert_true(size < sizeof(fault.text) && size >= sizeof(fault.text) - 3);
        assert_int_equal((size - ascii) % 3, 0);
        assert_memory_equal(fault.text, text, size);
        size = strlen(fault.where);
        assert_true(size < sizeof(fault.where) && size >= sizeof(fault.where) - 3);
        assert_int_equal((size - ascii) % 3, 0);
    }
}

static void list_counts_what_it_omits(void **state)
{
    struct fault_list *list = calloc(1, sizeof(*list));

    for (uint32_t i = 0; i < FAULT_LIST_MAX + 3; i++) {
        fault_list_add(list, STATUS_INVALID, "$.id", "fault %u", i);
    }
    assert_int_equal(list->count, FAULT_LIST_MAX);
    assert_int_equal(list->omitted, 3);
    assert_string_equal(list->faults[0].text, "fault 0");
    assert_string_equal(list->faults[FAULT_LIST_MAX - 1].text, "fault 63");
    free(list);
}

static void every_status_has_its_own_name(void **state)
{
    for (int a = STATUS_OK; a <= STATUS_NO_SPACE; a++) {
        assert_string_not_equal(status_name((enum status)a), "unknown");
        for (int b = STATUS_OK; b < a; b++) {
            assert_string_not_equal(status_name((enum status)a), status_name((enum status)b));
        }
    }
    assert_string_equal(status_name((enum status)(STATUS_NO_SPACE + 1)), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_fault_wins),
        cmocka_unit_test(fault_may_be_null),
        cmocka_unit_test(where_may_be_null),
        cmocka_unit_test(text_is_cut_between_characters),
        cmocka_unit_test(list_counts_what_it_omits),
        cmocka_unit_test(every_status_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
