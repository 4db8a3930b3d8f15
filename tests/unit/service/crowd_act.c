/* What comes to the crowd's mind. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crowd.h"
#include "server/core/paper.h"

static const char *const names[] = {
    "另选人一号", "另选人二号", "另选人 一号", "候选人1", "候选人3",  "人选2号",
    "a=b",        "?",          "阿·一",       "阿•一",   "one more", "另选人三号",
};
#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

static bool chance(struct crowd *crowd, uint32_t percent)
{
    return crowd_draw(crowd, 100) < percent;
}

/* Officers. */

static void params_line(struct control *control, const char *key, const char *value)
{
    (void)detail_put(control->params, key, value);
}

static void seats_draw(struct crowd *crowd, struct control *control)
{
    char list[32];
    uint32_t first = 1 + crowd_draw(crowd, CROWD_SEAT_MAX);
    uint32_t last = chance(crowd, 60) ? CROWD_SEAT_MAX : first + crowd_draw(crowd, 6);
    snprintf(list, sizeof(list), "%u-%u", chance(crowd, 50) ? 1 : first, last);
    params_line(control, "seats", list);
}

static void contest_draw(struct crowd *crowd, struct control *control)
{
    const struct event *event = crowd->event;
    uint32_t contest = chance(crowd, 40) ? 1 : crowd_draw(crowd, event->contest_count);
    snprintf(control->contest, ID_SIZE, "%s", event->contests[contest].id);
    if (event->contests[contest].kind == CONTEST_APPRAISAL) {
        snprintf(control->subject, ID_SIZE, "s%u", 1 + crowd_draw(crowd, 3));
    }
}

static void open_draw(struct crowd *crowd, struct control *control)
{
    contest_draw(crowd, control);
    const struct round *latest = sitting_latest(room_sitting(crowd->room));
    if (latest != NULL && chance(crowd, 50)) { /* once more, or goes on */
        const struct contest *contest = &crowd->event->contests[latest->contest];
        snprintf(control->contest, ID_SIZE, "%s", contest->id);
        control->subject[0] = '\0';
        if (contest->kind == CONTEST_APPRAISAL) {
            snprintf(control->subject, ID_SIZE, "%s", contest->subjects[latest->subject].id);
        }
    }
    if (chance(crowd, 15)) {
        params_line(control, "candidates", chance(crowd, 50) ? "c1,c2,c3" : "c2,c4");
    }
    if (chance(crowd, 20)) {
        params_line(control, "seconds", "5");
    }
}

static void paper_draw(struct crowd *crowd, struct control *control)
{
    const struct round *round = sitting_latest(room_sitting(crowd->room));
    char text[64];
    uint32_t returned = crowd_draw(crowd, 4);
    params_line(control, "group", chance(crowd, 50) ? "leaders" : "staff");
    snprintf(text, sizeof(text), "%u", returned + crowd_draw(crowd, 2));
    params_line(control, "issued", text);
    snprintf(text, sizeof(text), "%u", returned);
    params_line(control, "returned", text);
    if (round == NULL) {
        return;
    }
    const struct contest *contest = &crowd->event->contests[round->contest];
    for (uint32_t item = 0; item < contest_item_count(contest); item++) {
        char buffer[ID_SIZE];
        if (!chance(crowd, 40)) {
            continue;
        }
        snprintf(text, sizeof(text), "%u,%u", crowd_draw(crowd, 2), crowd_draw(crowd, 2));
        params_line(control, contest_item_id(contest, item, buffer), text);
    }
    if (contest->write_in_count > 0 && chance(crowd, 40)) {
        snprintf(text, sizeof(text), "手写人%u号:1", crowd_draw(crowd, 4));
        params_line(control, "names", text);
    }
}

static void number_params(struct crowd *crowd, struct control *control, const char *key,
                          uint32_t below)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", crowd_draw(crowd, below));
    params_line(control, key, text);
}

/* Mostly the base that the last round had. */
static void decide_base(struct crowd *crowd, struct control *control)
{
    const struct round *latest = sitting_latest(room_sitting(crowd->room));
    char text[16];
    uint32_t base = latest == NULL || chance(crowd, 20) ? crowd_draw(crowd, 12)
                                                        : group_sum(latest->at_open.present);
    snprintf(text, sizeof(text), "%u", base);
    params_line(control, "base", text);
}

/* A layer that has something on it to continue, if there is one. */
static void taken_find(const struct crowd *crowd, struct control *control)
{
    const struct programme *programme = sitting_programme(room_sitting(crowd->room));
    for (int layer = LAYER_INVALID + 1; layer < LAYER_COUNT; layer++) {
        if (programme->layers[control->bus][layer].is_taken) {
            control->layer = (enum layer)layer;
        }
    }
}

static void air_draw(struct crowd *crowd, struct control *control)
{
    bool is_clear = control->kind == CONTROL_CLEAR;
    control->bus = chance(crowd, 50) ? BUS_PROGRAMME : BUS_PREVIEW;
    control->layer =
        (enum layer)(1 + crowd_draw(crowd, is_clear ? (uint32_t)LAYER_ALL : LAYER_COUNT - 1));
    control->scene = (enum scene_kind)(1 + crowd_draw(crowd, SCENE_COUNT - 1));
    if (control->kind == CONTROL_CONTINUE && chance(crowd, 80)) {
        taken_find(crowd, control);
    }
    if (control->kind == CONTROL_TAKE && control->scene >= SCENE_CRAWL && chance(crowd, 80)) {
        params_line(control, "text_zh", "请各位代表投票");
    }
    if (control->kind == CONTROL_TAKE && chance(crowd, 50)) {
        params_line(control, "contest", "secretary");
    }
}

static void control_fill(struct crowd *crowd, struct control *control)
{
    bool has_round = control->kind >= CONTROL_ASK && control->kind <= CONTROL_CERTIFY;
    if ((has_round || control->kind >= CONTROL_ADJUDICATE) && control->kind <= CONTROL_SIGN &&
        chance(crowd, 30)) {
        control->round = 1 + crowd_draw(crowd, 6);
    }
    switch (control->kind) {
    case CONTROL_OPEN:
        open_draw(crowd, control);
        break;
    case CONTROL_ASK:
        control->number = 1 + crowd_draw(crowd, 3);
        break;
    case CONTROL_CHECK_IN:
    case CONTROL_CHECK_OUT:
        seats_draw(crowd, control);
        break;
    case CONTROL_REVOKE:
    case CONTROL_REPLACE:
        control->number = 1 + crowd_draw(crowd, CROWD_SEAT_MAX);
        for (uint32_t seat = 1; seat <= CROWD_SEAT_MAX && control->kind == CONTROL_REPLACE;
             seat++) {
            const struct attendance *attendance = sitting_attendance(room_sitting(crowd->room));
            control->number = attendance_is_enabled(attendance, seat) ? control->number : seat;
        }
        params_line(control, "reason", "键盘=遗失");
        break;
    case CONTROL_ADJUDICATE:
        control->number = 1 + crowd_draw(crowd, 3);
        params_line(control, "ruling",
                    chance(crowd, 50)   ? "count"
                    : chance(crowd, 50) ? "drop"
                                        : "void");
        params_line(control, "reason", "依选举办法");
        break;
    case CONTROL_PAPER:
        paper_draw(crowd, control);
        break;
    case CONTROL_PAPER_REJECT:
        params_line(control, "reason", "录入有误");
        control->number = 1 + crowd_draw(crowd, 2);
        break;
    case CONTROL_PAPER_CONFIRM:
        control->number = 1 + crowd_draw(crowd, 2);
        break;
    case CONTROL_DECIDE:
        snprintf(control->contest, ID_SIZE, "secretary");
        number_params(crowd, control, "for", 12);
        decide_base(crowd, control);
        break;
    case CONTROL_WITHDRAW:
        snprintf(control->contest, ID_SIZE, "secretary");
        params_line(control, "candidate", chance(crowd, 50) ? "c3" : "c4");
        params_line(control, "reason", "本人要求");
        break;
    case CONTROL_LOT:
        snprintf(control->contest, ID_SIZE, "secretary");
        break;
    case CONTROL_STEP:
        params_line(control, "step", chance(crowd, 50) ? "notice" : "vote");
        params_line(control, "state", chance(crowd, 50) ? "begun" : "ended");
        break;
    case CONTROL_TAKE:
    case CONTROL_CONTINUE:
    case CONTROL_CLEAR:
        air_draw(crowd, control);
        break;
    default:
        params_line(control, "reason", "a reason");
        break;
    }
}

static void officer_acts(struct crowd *crowd, enum control_kind kind)
{
    struct control control = { .id = 1, .kind = kind };
    struct refused refused;
    struct sender sender = { 99, 1 };
    control_fill(crowd, &control);
    (void)room_control(crowd->room, sender, chance(crowd, 50) ? "officer-1" : "officer-2", &control,
                       crowd->now_ms, &refused);
}

/* Voters. */

static uint16_t line_choice(struct crowd *crowd, struct cast *cast, struct cast_card *card,
                            uint32_t percent)
{
    if (!chance(crowd, percent) || card->name_count == WRITE_IN_MAX ||
        cast->name_count == CAST_NAME_MAX) {
        return 0;
    }
    if (card->name_count == 0) {
        card->first_name = cast->name_count;
    }
    snprintf(cast->names[cast->name_count++], WRITTEN_NAME_SIZE, "%s",
             names[crowd_draw(crowd, NAME_COUNT)]);
    return (uint16_t)++card->name_count;
}

/* Two of the first three, so that they tie at times, or the first and one of the others. */
static uint16_t vote_draw(struct crowd *crowd, const struct contest *contest, uint32_t seat,
                          uint16_t item)
{
    if (contest->kind != CONTEST_ELECTION || chance(crowd, crowd->is_split ? 3 : 15)) {
        return (uint16_t)crowd_draw(crowd, contest_choice_count(contest));
    }
    bool is_for = crowd->is_split ? item < 3 && item != seat % 3
                                  : item == 0 || item == 1 + (seat + crowd->sent_count / 16) % 3;
    return is_for ? CHOICE_FOR : CHOICE_AGAINST;
}

static void card_draw(struct crowd *crowd, struct cast *cast, uint32_t seat)
{
    struct cast_card *card = &cast->cards[cast->card_count++];
    const struct round *round = sitting_round(room_sitting(crowd->room), cast->round);
    const struct contest *contest = &crowd->event->contests[round == NULL ? 0 : round->contest];
    uint32_t *version = &crowd->versions[cast->round % CROWD_ROUND_MAX][seat - 1];
    bool is_sloppy = chance(crowd, 8);
    uint32_t keep = contest->kind == CONTEST_ELECTION && !is_sloppy ? 100 : 70;
    *version += chance(crowd, 85);
    memset(card, 0, sizeof(*card));
    card->seat = seat;
    card->first_mark = cast->mark_count;
    for (uint32_t i = 0; i < NONCE_SIZE; i++) {
        card->nonce[i] = (uint8_t)crowd_draw(crowd, 256);
    }
    for (uint16_t item = 0; item < contest_item_count(contest); item++) {
        bool is_off = round != NULL && !sitting_round_has(room_sitting(crowd->room), round, item);
        if ((is_off && !is_sloppy) || !chance(crowd, keep)) {
            continue;
        }
        bool is_line =
            round != NULL && sitting_round_is_line(room_sitting(crowd->room), round, item);
        cast->marks[cast->mark_count++] = (struct cast_mark){
            .version = *version == 0 ? 1 : *version,
            .item = item,
            .choice = is_line
                          ? line_choice(crowd, cast, card, contest->kind == CONTEST_POLL ? 40 : 10)
                      : is_sloppy ? (uint16_t)crowd_draw(crowd, contest_choice_count(contest) + 1)
                                  : vote_draw(crowd, contest, seat, item),
        };
        card->mark_count++;
    }
    if (card->mark_count == 0) {
        cast->marks[cast->mark_count++] =
            (struct cast_mark){ .version = *version == 0 ? 1 : *version };
        card->mark_count = 1;
    }
    if (is_sloppy && chance(crowd, 40)) {
        (void)line_choice(crowd, cast, card, 100); /* a name that no line uses */
    }
}

static void voters_cast(struct crowd *crowd)
{
    const struct round *round = sitting_current(room_sitting(crowd->room));
    bool is_base = chance(crowd, 25);
    if (crowd->sent_count == CROWD_CAST_MAX) {
        return;
    }
    if (round == NULL || chance(crowd, 5)) {
        round = sitting_latest(room_sitting(crowd->room));
    }
    struct sent_cast *sent = &crowd->sent[crowd->sent_count++];
    sent->cast = calloc(1, sizeof(*sent->cast));
    sent->cast->id = crowd->sent_count;
    sent->cast->round =
        round == NULL || chance(crowd, 3) ? 1 + crowd_draw(crowd, 5) : round->number;
    sent->seat = is_base ? 0 : 1 + crowd_draw(crowd, CROWD_SEAT_MAX);
    uint32_t first = 1 + crowd_draw(crowd, CROWD_SEAT_MAX - 4);
    for (uint32_t i = 0; i < (is_base ? 1 + crowd_draw(crowd, 4) : 1u); i++) {
        card_draw(crowd, sent->cast, is_base ? first + i : sent->seat);
    }
    crowd_send(crowd, crowd->sent_count - 1);
}

/* The log takes `left` more acts and no more. */
static bool log_fill(struct crowd *crowd, uint32_t left, char why[512])
{
    if (!crowd_settle(crowd, why)) {
        return false;
    }
    for (uint32_t i = 0; i + left < VOTELOG_ACT_WAIT_MAX; i++) {
        crowd_mark_place(crowd);
    }
    return true;
}

static const enum control_kind favourites[] = {
    CONTROL_OPEN,       CONTROL_OPEN,          CONTROL_OPEN,          CONTROL_CLOSE,
    CONTROL_PAUSE,      CONTROL_CHECK_IN,      CONTROL_ASK,           CONTROL_ADJUDICATE,
    CONTROL_ADJUDICATE, CONTROL_PAPER,         CONTROL_PAPER_CONFIRM, CONTROL_DECIDE,
    CONTROL_REPLACE,    CONTROL_CHECK_IN_OPEN, CONTROL_CERTIFY,       CONTROL_PAPER_REJECT,
};

static bool crowd_step(struct crowd *crowd, char why[512])
{
    uint32_t what = crowd_draw(crowd, 1000);
    crowd->now_ms += crowd_draw(crowd, 150);
    if (what < 420) {
        voters_cast(crowd);
    } else if (what < 490 && crowd->sent_count > 0) {
        uint32_t index = crowd_draw(crowd, crowd->sent_count);
        crowd_send(crowd, chance(crowd, 70) ? crowd->sent_count - 1 : index);
    } else if (what < 670) {
        officer_acts(crowd,
                     favourites[crowd_draw(crowd, sizeof(favourites) / sizeof(*favourites))]);
    } else if (what < 720) {
        officer_acts(crowd, (enum control_kind)(CONTROL_OPEN + crowd_draw(crowd, CONTROL_CUT)));
    } else if (what < 770) {
        room_tick(crowd->room, (struct moment){ crowd->now_ms, crowd->now_ms });
    } else if (what < 800) {
        room_arrived(crowd->room, 1 + crowd_draw(crowd, CROWD_SEAT_MAX), crowd->now_ms);
    } else if (what < 840) {
        crowd_mark_place(crowd);
    } else if (what < 992) {
        crowd_mark_place(crowd);
        return crowd_drain(crowd, why);
    } else if (what < 998) {
        return crowd_restart(crowd, why);
    } else if (what < 999) {
        return log_fill(crowd, crowd_draw(crowd, 4), why);
    }
    return true;
}

bool crowd_run(struct crowd *crowd, uint32_t step_count, char why[512])
{
    struct control all = { .kind = CONTROL_CHECK_IN, .params = "seats=1-16\n" };
    struct refused refused;
    struct sender sender = { 99, 1 };
    if (!chance(crowd, 20)) {
        (void)room_control(crowd->room, sender, "officer-1", &all, crowd->now_ms, &refused);
    }
    crowd_mark_place(crowd);
    if (!crowd_drain(crowd, why)) {
        return false;
    }
    for (uint32_t step = 0; step < step_count; step++) {
        if (!crowd_step(crowd, why)) {
            size_t used = strlen(why);
            snprintf(why + used, 512 - used, " (step %u)", step);
            return false;
        }
    }
    return true;
}
