#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/overlay/scene_cases.h"

/*
 * Every scene in every state as text, against what is kept in tests/golden/dumps: as it stands, and
 * of its entrance, its second page, its exit, English and each other state of its round the lines
 * that are not among those. What a change of the code moves is to be read there, node by node.
 *
 * `unit_overlay_scene_dump --renew` writes new ones: read the difference before it goes in.
 */
#define DUMP_SIZE 524288
#define STANDS_MS 2000

static bool is_renewing;

struct dump {
    char text[DUMP_SIZE];
    size_t size;
    char standing[DUMP_SIZE];
    size_t standing_size;
};

static void put(struct dump *dump, const char *text)
{
    size_t size = strlen(text);
    assert_true(dump->size + size < DUMP_SIZE);
    memcpy(dump->text + dump->size, text, size + 1);
    dump->size += size;
}

/* The size of the line that begins at `text`, with its newline, of `left` bytes. */
static size_t line_size(const char *text, size_t left)
{
    const char *end = memchr(text, '\n', left);
    assert_non_null(end);
    return (size_t)(end - text) + 1;
}

/* Whether a line of `size` bytes stands in the standing scene. */
static bool is_standing(const struct dump *dump, const char *line, size_t size)
{
    for (size_t at = 0, one = 0; at < dump->standing_size; at += one) {
        one = line_size(dump->standing + at, dump->standing_size - at);
        if (one == size && memcmp(dump->standing + at, line, size) == 0) {
            return true;
        }
    }
    return false;
}

/* The lines of the scene that do not stand in the standing one. */
static void state_put(struct dump *dump, struct hall *hall, const struct scene_case *one,
                      const char *state, const struct scene_cue *cue)
{
    static char text[DUMP_SIZE];
    char head[96];
    scene_clear(hall->scene);
    scene_add(hall->scene, &hall->data, cue);
    assert_false(hall->scene->is_full);
    size_t left = scene_dump(hall->scene, text, sizeof(text));
    snprintf(head, sizeof(head), "%s, %s: %u nodes\n", one->name, state, hall->scene->node_count);
    put(dump, head);
    for (const char *line = text; left > 0;) {
        size_t size = line_size(line, left);
        if (!is_standing(dump, line, size)) {
            char copy[4096];
            assert_true(size < sizeof(copy));
            snprintf(copy, sizeof(copy), "%.*s", (int)size, line);
            put(dump, copy);
        }
        line += size;
        left -= size;
    }
}

static struct scene_cue cue_of(const struct hall *hall, const struct scene_case *one,
                               int64_t age_ms, int64_t left_ms)
{
    return (struct scene_cue){ .kind = one->kind,
                               .layer = LAYER_FULLSCREEN,
                               .params = one->params,
                               .entered_ns = hall->data.now_ns - age_ms * MS,
                               .left_ns = left_ms > 0 ? hall->data.now_ns - left_ms * MS : 0 };
}

static void case_dump(struct dump *dump, struct hall *hall, const struct scene_case *one)
{
    int32_t page_ms = one->kind == SCENE_STRIP ? hall->theme.turn_ms : hall->theme.page_ms;
    dump->size = 0;
    dump->standing_size = 0;
    hall_load(hall, one->document);
    struct scene_cue cue = cue_of(hall, one, STANDS_MS, 0);
    state_put(dump, hall, one, "standing", &cue);
    size_t head = line_size(dump->text, dump->size);
    dump->standing_size = dump->size - head;
    memcpy(dump->standing, dump->text + head, dump->standing_size);
    cue = cue_of(hall, one, 200, 0);
    state_put(dump, hall, one, "entering", &cue);
    cue = cue_of(hall, one, STANDS_MS, 150);
    state_put(dump, hall, one, "leaving", &cue);
    cue = cue_of(hall, one, STANDS_MS + page_ms, 0);
    state_put(dump, hall, one, "second page", &cue);
    cue = cue_of(hall, one, STANDS_MS, 0);
    hall->data.language = LANGUAGE_EN;
    state_put(dump, hall, one, "English", &cue);
    hall->data.language = LANGUAGE_ZH_CN;
    for (enum mood mood = MOOD_AS_SAVED + 1; mood < MOOD_COUNT; mood++) {
        hall_load(hall, one->document);
        mood_set(hall, mood);
        cue = cue_of(hall, one, STANDS_MS, 0);
        state_put(dump, hall, one, mood_name(mood), &cue);
    }
}

/* Whether the kept text is this one; the first line that differs is told. */
static bool is_as_kept(const struct dump *dump, const char *path)
{
    static char kept[DUMP_SIZE];
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(kept, 1, sizeof(kept) - 1, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    kept[size] = '\0';
    if (size == dump->size && memcmp(kept, dump->text, size) == 0) {
        return true;
    }
    size_t at = 0;
    uint32_t line = 1;
    while (at < size && kept[at] == dump->text[at]) {
        line += kept[at++] == '\n';
    }
    while (at > 0 && dump->text[at - 1] != '\n') {
        at--;
    }
    print_error("%s:%u: now '%.*s'\n", path, line, (int)strcspn(dump->text + at, "\n"),
                dump->text + at);
    return false;
}

static void every_scene_is_as_kept(void **state)
{
    static struct dump dump;
    struct hall hall;
    bool is_good = true;
    (void)state;
    hall_init(&hall);
    hall.data.server_ms = SCENE_CASE_SERVER_MS;
    for (size_t i = 0; i < scene_case_count; i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/dumps/%s.txt", GOLDEN_DIR, scene_cases[i].name);
        case_dump(&dump, &hall, &scene_cases[i]);
        if (is_renewing) {
            FILE *file = fopen(path, "wb");
            assert_non_null(file);
            assert_int_equal(dump.size, fwrite(dump.text, 1, dump.size, file));
            assert_int_equal(0, fclose(file));
        }
        is_good = is_as_kept(&dump, path) && is_good;
    }
    hall_finish(&hall);
    assert_true(is_good);
}

/* The control: a kept text with one digit changed is another. */
static void one_changed_digit_is_found(void **state)
{
    static struct dump dump;
    struct hall hall;
    char path[512];
    (void)state;
    hall_init(&hall);
    hall.data.server_ms = SCENE_CASE_SERVER_MS;
    case_dump(&dump, &hall, &scene_cases[0]);
    snprintf(path, sizeof(path), "%s/dumps/%s.txt", GOLDEN_DIR, scene_cases[0].name);
    char *digit = strpbrk(strchr(dump.text, '\n'), "0123456789");
    *digit = *digit == '9' ? '0' : '9';
    assert_false(is_as_kept(&dump, path));
    hall_finish(&hall);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene_is_as_kept),
        cmocka_unit_test(one_changed_digit_is_found),
    };
    is_renewing = argc == 2 && strcmp(argv[1], "--renew") == 0;
    return cmocka_run_group_tests_name("scene_dump", tests, NULL, NULL);
}
