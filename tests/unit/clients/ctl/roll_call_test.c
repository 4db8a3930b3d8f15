#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/ctl/roll_call.h"
#include "tests/unit/core/election_fixture.h"
#include "server/model/rules.h"

/* A vote of a seat, as a named round's slot has it. */
static void vote(struct sitting *sitting, uint8_t seat, uint16_t item, uint16_t choice)
{
    struct mark mark = { .round = 1, .item = item, .version = 1, .choice = choice };
    struct record record = { .batch = 2, .mark = &mark };
    struct applied applied;
    mark.slot[SLOT_SIZE - 1] = seat;
    assert_int_equal(sitting_apply(sitting, &record, &applied, NULL), STATUS_OK);
    assert_int_equal(applied.verdict, VERDICT_NEW);
}

static char *roll_call_of(enum secrecy secrecy, uint32_t *named_count)
{
    struct event *event = election_event(4, 2, 1);
    event->contests[0].rules->secrecy = secrecy;
    struct sitting *sitting = sitting_create(event);
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    election_present(sitting, "1-4");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_name(sitting, "=另选人一号");
    vote(sitting, 3, 0, CHOICE_FOR);
    vote(sitting, 1, 0, CHOICE_AGAINST);
    vote(sitting, 1, 1, CHOICE_ABSTAIN);
    vote(sitting, 1, 2, 1);
    vote(sitting, 3, 2, 0);
    election_close(sitting);
    *named_count = roll_call_print(sitting, file);
    fclose(file);
    sitting_destroy(sitting);
    event_destroy(event);
    return text;
}

static void a_named_round_is_told_by_seat(void **state)
{
    uint32_t named_count;
    char *text = roll_call_of(SECRECY_NAMED, &named_count);
    assert_int_equal(named_count, 1);
    assert_string_equal(text, "\xef\xbb\xbfround,contest,subject,seat,group,item,choice,name\r\n"
                              "1,secretary,,1,members,c1,against,\r\n"
                              "1,secretary,,1,members,c2,abstain,\r\n"
                              "1,secretary,,1,members,other-1,,'=另选人一号\r\n"
                              "1,secretary,,3,members,c1,for,\r\n");
    free(text);
}

static void a_secret_round_is_not_told(void **state)
{
    uint32_t named_count;
    char *text = roll_call_of(SECRECY_SECRET, &named_count);
    assert_int_equal(named_count, 0);
    assert_string_equal(text, "\xef\xbb\xbfround,contest,subject,seat,group,item,choice,name\r\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_named_round_is_told_by_seat),
        cmocka_unit_test(a_secret_round_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
