#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/service/pictures.h"

#define SIZE (PICTURE_PART_SIZE + 7)

static struct pictures pictures;
static struct picture_part part;

static void send(uint32_t conn, enum bus bus, uint64_t number, uint32_t place, int64_t steady_ms)
{
    part.bus = bus;
    part.number = number;
    part.size = SIZE;
    part.part = place;
    part.part_size = picture_part_size(SIZE, place);
    memset(part.bytes, (int)(number + place), part.part_size);
    pictures_put(&pictures, conn, &part, steady_ms);
}

static int start(void **state)
{
    memset(&pictures, 0, sizeof(pictures));
    return 0;
}

static int stop(void **state)
{
    pictures_finish(&pictures);
    return 0;
}

static void a_picture_is_there_when_its_last_part_is(void **state)
{
    send(0, BUS_PREVIEW, 1, 0, 1000);
    assert_null(pictures_at(&pictures, BUS_PREVIEW, 1000));
    send(0, BUS_PREVIEW, 1, 1, 1001);
    const struct bus_picture *picture = pictures_at(&pictures, BUS_PREVIEW, 1001);
    assert_non_null(picture);
    assert_int_equal(picture->blob->size, SIZE);
    assert_int_equal(picture->blob->data[PICTURE_PART_SIZE - 1], 1);
    assert_int_equal(picture->blob->data[PICTURE_PART_SIZE], 2);
    assert_null(pictures_at(&pictures, BUS_PROGRAMME, 1001));
}

static void the_latest_wins_and_has_a_version_of_its_own(void **state)
{
    send(0, BUS_PROGRAMME, 1, 0, 1);
    send(0, BUS_PROGRAMME, 1, 1, 1);
    uint64_t version = pictures_at(&pictures, BUS_PROGRAMME, 1)->version;
    send(3, BUS_PROGRAMME, 9, 0, 2);
    send(3, BUS_PROGRAMME, 9, 1, 2);
    const struct bus_picture *picture = pictures_at(&pictures, BUS_PROGRAMME, 2);
    assert_true(picture->version > version);
    assert_int_equal(picture->blob->data[0], 9);
}

static void parts_that_do_not_follow_each_other_make_no_picture(void **state)
{
    send(0, BUS_PROGRAMME, 1, 1, 1); /* no first */
    send(0, BUS_PROGRAMME, 2, 0, 1);
    send(0, BUS_PROGRAMME, 3, 1, 1); /* of another picture */
    send(1, BUS_PROGRAMME, 2, 1, 1); /* of another connection */
    send(0, BUS_PREVIEW, 2, 1, 1);   /* of another bus */
    assert_null(pictures_at(&pictures, BUS_PROGRAMME, 1));
    assert_null(pictures_at(&pictures, BUS_PREVIEW, 1));
    assert_int_equal(pictures.lost_total, 4);
    send(0, BUS_PROGRAMME, 2, 1, 1);
    assert_non_null(pictures_at(&pictures, BUS_PROGRAMME, 1));
    send(0, BUS_PROGRAMME, 2, 1, 1);
    assert_int_equal(pictures_at(&pictures, BUS_PROGRAMME, 1)->version, 1);
}

static void an_old_picture_and_one_of_a_lost_overlay_are_none(void **state)
{
    send(0, BUS_PROGRAMME, 1, 0, 0);
    send(0, BUS_PROGRAMME, 1, 1, 0);
    assert_non_null(pictures_at(&pictures, BUS_PROGRAMME, PICTURES_FRESH_MS));
    assert_null(pictures_at(&pictures, BUS_PROGRAMME, PICTURES_FRESH_MS + 1));
    pictures_leave(&pictures, 1);
    assert_non_null(pictures_at(&pictures, BUS_PROGRAMME, 0));
    pictures_leave(&pictures, 0);
    assert_null(pictures_at(&pictures, BUS_PROGRAMME, 0));
}

static void one_connection_too_many_sends_in_vain(void **state)
{
    for (uint32_t conn = 0; conn < PICTURES_JOINS; conn++) {
        send(conn, BUS_PROGRAMME, 1, 0, 0);
    }
    send(PICTURES_JOINS, BUS_PREVIEW, 1, 0, 0);
    send(PICTURES_JOINS, BUS_PREVIEW, 1, 1, 0);
    assert_int_equal(pictures.lost_total, 2);
    assert_null(pictures_at(&pictures, BUS_PREVIEW, 0));
    pictures_leave(&pictures, 2);
    send(PICTURES_JOINS, BUS_PREVIEW, 2, 0, 0);
    send(PICTURES_JOINS, BUS_PREVIEW, 2, 1, 0);
    assert_non_null(pictures_at(&pictures, BUS_PREVIEW, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_picture_is_there_when_its_last_part_is, start, stop),
        cmocka_unit_test_setup_teardown(the_latest_wins_and_has_a_version_of_its_own, start, stop),
        cmocka_unit_test_setup_teardown(parts_that_do_not_follow_each_other_make_no_picture, start,
                                        stop),
        cmocka_unit_test_setup_teardown(an_old_picture_and_one_of_a_lost_overlay_are_none, start,
                                        stop),
        cmocka_unit_test_setup_teardown(one_connection_too_many_sends_in_vain, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
