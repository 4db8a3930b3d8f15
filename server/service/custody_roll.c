/*
 * The credentials of the seats: made or taken from the roll at the first start, replaced where a
 * pad was lost, found when one says hello.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/base/disk.h"
#include "server/service/custody_impl.h"

/* "ABCD-EFGH-JKMN" in any case, with or without '-', look-alikes as one; false: not one. */
static bool credential_normalize(const char *text, char out[CREDENTIAL_SIZE])
{
    size_t used = 0;
    for (; *text != '\0'; text++) {
        char c = *text;
        if (c == '-' || c == ' ') {
            continue;
        }
        if (c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        if (c == 'O') {
            c = '0';
        } else if (c == 'I' || c == 'L') {
            c = '1';
        }
        if (used == CREDENTIAL_SIZE - 1 || !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))) {
            return false;
        }
        out[used++] = c;
    }
    out[used] = '\0';
    return used >= CREDENTIAL_LEAST;
}

static void credential_draw(char text[CREDENTIAL_DRAWN + 3])
{
    uint8_t bytes[CREDENTIAL_DRAWN];
    size_t used = 0;
    randombytes_buf(bytes, sizeof(bytes));
    for (size_t i = 0; i < CREDENTIAL_DRAWN; i++) {
        if (i > 0 && i % 4 == 0) {
            text[used++] = '-';
        }
        text[used++] = CUSTODY_ALPHABET[bytes[i] & 31];
    }
    text[used] = '\0';
    sodium_memzero(bytes, sizeof(bytes));
}

/* A name as a CSV field: quoted, quotes doubled (RFC 4180). */
static size_t field_write(char *out, const char *text)
{
    size_t used = 0;
    if (strpbrk(text, ",\"\r\n") == NULL) {
        used = strlen(text);
        memcpy(out, text, used);
        return used;
    }
    out[used++] = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            out[used++] = '"';
        }
        out[used++] = *text;
    }
    out[used++] = '"';
    return used;
}

enum status custody_roll_make(const char *dir, const struct event *event, const struct roll *roll,
                              struct fault *fault)
{
    size_t capacity = 64 + (size_t)event->seat_count * (CREDENTIAL_SIZE + ID_SIZE + 32 +
                                                        (roll != NULL ? 2 * LABEL_SIZE : 0));
    char *text = malloc(capacity);
    if (text == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the roll");
    }
    size_t used = (size_t)snprintf(text, capacity, "seat,credential,group,votes,name\n");
    for (uint32_t seat = 1; seat <= event->seat_count; seat++) {
        char drawn[CREDENTIAL_DRAWN + 3];
        const struct member *member = roll != NULL ? &roll->members[seat - 1] : NULL;
        int32_t group = event_find_group(event, seat);
        bool has_own = member != NULL && member->credential[0] != '\0';
        bool has_vote =
            group >= 0 && seat - event->groups[group].first_seat < event->groups[group].vote_count;
        credential_draw(drawn);
        used +=
            (size_t)snprintf(text + used, capacity - used, "%" PRIu32 ",%s,%s,%s,", seat,
                             has_own ? member->credential : drawn,
                             group >= 0 ? event->groups[group].id : "", has_vote ? "yes" : "no");
        if (member != NULL) {
            used += field_write(text + used, member->name);
        }
        text[used++] = '\n';
    }
    enum status status = disk_write_file(dir, "roll.csv", text, used, fault);
    sodium_memzero(text, used);
    free(text);
    return status;
}

static int seat_entry_compare(const void *a, const void *b)
{
    return memcmp(((const struct seat_entry *)a)->digest, ((const struct seat_entry *)b)->digest,
                  DIGEST_SIZE);
}

static void credential_digest(const struct custody *custody, const char *normal,
                              uint8_t digest[DIGEST_SIZE])
{
    custody_hash(custody->receipt_key, "credential", normal, strlen(normal), digest, DIGEST_SIZE);
}

/* Sorts the seats; two of one credential are refused. */
static enum status seats_sort(struct custody *custody, const char *path, struct fault *fault)
{
    uint32_t seat_count = custody->event->seat_count;
    qsort(custody->seats, seat_count, sizeof(*custody->seats), seat_entry_compare);
    for (uint32_t i = 1; i < seat_count; i++) {
        if (seat_entry_compare(&custody->seats[i - 1], &custody->seats[i]) == 0) {
            return fault_set(fault, STATUS_INVALID, path,
                             "seats %" PRIu32 " and %" PRIu32 " have the same credential",
                             custody->seats[i - 1].seat, custody->seats[i].seat);
        }
    }
    return STATUS_OK;
}

/* Takes a line "SEAT,CREDENTIAL…" apart; what follows the credential is not looked at. */
static bool line_take(const char *line, uint32_t *seat, char credential[2 * CREDENTIAL_SIZE])
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(line, &end, 10);
    if (line[0] < '0' || line[0] > '9' || errno != 0 || number > UINT32_MAX || *end != ',') {
        return false;
    }
    size_t size = strcspn(end + 1, ",\n");
    if (size >= 2 * CREDENTIAL_SIZE) {
        return false;
    }
    memcpy(credential, end + 1, size);
    credential[size] = '\0';
    *seat = (uint32_t)number;
    return true;
}

enum status custody_roll_read(struct custody *custody, FILE *file, const char *path,
                              struct fault *fault)
{
    char line[LINE_SIZE];
    char where[64];
    if (fgets(line, sizeof(line), file) == NULL ||
        strncmp(line, "seat,credential,group", 21) != 0) {
        return fault_set(fault, STATUS_INVALID, "roll.csv:1",
                         "'%s' does not begin with seat,credential,group", path);
    }
    uint32_t seat_count = custody->event->seat_count;
    for (uint32_t seat = 1; seat <= seat_count; seat++) {
        snprintf(where, sizeof(where), "roll.csv:%" PRIu32, seat + 1);
        uint32_t number;
        char credential[2 * CREDENTIAL_SIZE];
        if (fgets(line, sizeof(line), file) == NULL) {
            return fault_set(fault, STATUS_INVALID, where,
                             "'%s' ends at seat %" PRIu32 ", the event has %" PRIu32, path,
                             seat - 1, seat_count);
        }
        if (!line_take(line, &number, credential) || number != seat ||
            !credential_normalize(credential, custody->credentials[seat - 1])) {
            return fault_set(fault, STATUS_INVALID, where,
                             "'%s' is not seat %" PRIu32 " with a credential", path, seat);
        }
        custody->seats[seat - 1].seat = seat;
        credential_digest(custody, custody->credentials[seat - 1], custody->seats[seat - 1].digest);
    }
    if (fgets(line, sizeof(line), file) != NULL) {
        return fault_set(fault, STATUS_INVALID, path,
                         "'%s' has more seats than the event, %" PRIu32, path, seat_count);
    }
    return seats_sort(custody, path, fault);
}

/* The entry of a seat takes another credential. */
static void seat_rename(struct custody *custody, uint32_t seat, const char *normal)
{
    for (uint32_t i = 0; i < custody->event->seat_count; i++) {
        if (custody->seats[i].seat == seat) {
            credential_digest(custody, normal, custody->seats[i].digest);
            return;
        }
    }
}

/* DIR/replaced.csv, if there is one: the last line of a seat holds. */
enum status custody_replaced_read(struct custody *custody, struct fault *fault)
{
    char path[512];
    char line[LINE_SIZE];
    uint32_t number = 1;
    snprintf(path, sizeof(path), "%s/replaced.csv", custody->dir);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return errno == ENOENT ? STATUS_OK : disk_fault(fault, "open", path);
    }
    enum status status = STATUS_OK;
    bool is_head = fgets(line, sizeof(line), file) != NULL;
    while (is_head && status == STATUS_OK && fgets(line, sizeof(line), file) != NULL) {
        uint32_t seat = 0;
        char credential[2 * CREDENTIAL_SIZE];
        char normal[CREDENTIAL_SIZE];
        number++;
        if (!line_take(line, &seat, credential) || seat < 1 || seat > custody->event->seat_count ||
            !credential_normalize(credential, normal)) {
            char where[64];
            snprintf(where, sizeof(where), "replaced.csv:%" PRIu32, number);
            status = fault_set(fault, STATUS_INVALID, where,
                               "'%s' is not a seat with a credential there", path);
        } else {
            seat_rename(custody, seat, normal);
        }
    }
    fclose(file);
    return status == STATUS_OK ? seats_sort(custody, path, fault) : status;
}

enum status custody_replace(struct custody *custody, uint32_t seat, struct fault *fault)
{
    char path[512];
    char drawn[CREDENTIAL_DRAWN + 3];
    char normal[CREDENTIAL_SIZE];
    snprintf(path, sizeof(path), "%s/replaced.csv", custody->dir);
    FILE *file = fopen(path, "ae");
    if (file == NULL) {
        return disk_fault(fault, "open", path);
    }
    credential_draw(drawn);
    bool is_new = ftell(file) == 0;
    bool is_good =
        fprintf(file, "%s%" PRIu32 ",%s\n", is_new ? "seat,credential\n" : "", seat, drawn) > 0 &&
        fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (fclose(file) != 0 || !is_good) {
        return disk_fault(fault, "write", path);
    }
    if (credential_normalize(drawn, normal)) {
        seat_rename(custody, seat, normal);
    }
    return seats_sort(custody, path, fault);
}

void custody_roll_hash(const struct custody *custody, char hash[65])
{
    crypto_generichash_state state;
    uint8_t digest[32];
    crypto_generichash_init(&state, NULL, 0, sizeof(digest));
    for (uint32_t seat = 1; seat <= custody->event->seat_count; seat++) {
        const char *credential = custody->credentials[seat - 1];
        int32_t group = event_find_group(custody->event, seat);
        const char *id = group >= 0 ? custody->event->groups[group].id : "";
        uint8_t has_vote = event_seat_votes(custody->event, seat);
        crypto_generichash_update(&state, (const uint8_t *)credential, strlen(credential) + 1);
        crypto_generichash_update(&state, (const uint8_t *)id, strlen(id) + 1);
        crypto_generichash_update(&state, &has_vote, 1);
    }
    crypto_generichash_final(&state, digest, sizeof(digest));
    sodium_bin2hex(hash, 65, digest, sizeof(digest));
}

uint32_t custody_find_seat(const struct custody *custody, const char *credential)
{
    char normal[CREDENTIAL_SIZE];
    struct seat_entry wanted;
    if (!credential_normalize(credential, normal)) {
        return 0;
    }
    credential_digest(custody, normal, wanted.digest);
    const struct seat_entry *entry = bsearch(&wanted, custody->seats, custody->event->seat_count,
                                             sizeof(*custody->seats), seat_entry_compare);
    return entry == NULL ? 0 : entry->seat;
}
