#include "server/service/custody.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/base/disk.h"

#define KEY_SIZE crypto_generichash_KEYBYTES
#define CREDENTIAL_DRAWN 12 /* characters of 32: 60 bits, over TRUST's 50 */
#define DIGEST_SIZE 16
#define LINE_SIZE 1024

/* Crockford's base 32: no I, L, O, U; what is typed is read tolerantly. */
static const char alphabet[33] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct seat_entry {
    uint8_t digest[DIGEST_SIZE]; /* keyed hash of the credential: what is searched */
    uint32_t seat;
};

struct custody {
    const struct event *event;
    char dir[448];
    uint8_t slot_key[KEY_SIZE];
    uint8_t receipt_key[KEY_SIZE];
    char (*credentials)[CREDENTIAL_SIZE]; /* [seat - 1], without '-': the first of the seat */
    struct seat_entry *seats;             /* sorted by digest: those that are taken now */
    char (*tokens)[TOKEN_SIZE];           /* [post] */
};

static void hex_draw(char text[TOKEN_SIZE])
{
    uint8_t bytes[32];
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2hex(text, TOKEN_SIZE, bytes, sizeof(bytes));
    sodium_memzero(bytes, sizeof(bytes));
}

static bool hex_read(const char *text, uint8_t key[KEY_SIZE])
{
    size_t size;
    return sodium_hex2bin(key, KEY_SIZE, text, strlen(text), NULL, &size, NULL) == 0 &&
           size == KEY_SIZE;
}

static enum status keys_make(const char *dir, const struct event *event, const struct roll *roll,
                             struct fault *fault)
{
    (void)event;
    (void)roll;
    char slot[TOKEN_SIZE];
    char receipt[TOKEN_SIZE];
    char text[160];
    hex_draw(slot);
    hex_draw(receipt);
    int size = snprintf(text, sizeof(text), "slot %s\nreceipt %s\n", slot, receipt);
    enum status status = disk_write_file(dir, "keys", text, (size_t)size, fault);
    sodium_memzero(slot, sizeof(slot));
    sodium_memzero(receipt, sizeof(receipt));
    sodium_memzero(text, sizeof(text));
    return status;
}

static enum status keys_read(struct custody *custody, FILE *file, const char *path,
                             struct fault *fault)
{
    char slot[TOKEN_SIZE];
    char receipt[TOKEN_SIZE];
    if (fscanf(file, "slot %64[0-9a-f]\nreceipt %64[0-9a-f]\n", slot, receipt) != 2 ||
        !hex_read(slot, custody->slot_key) || !hex_read(receipt, custody->receipt_key)) {
        return fault_set(fault, STATUS_INVALID, path, "'%s' is not a key file of ours", path);
    }
    sodium_memzero(slot, sizeof(slot));
    sodium_memzero(receipt, sizeof(receipt));
    return STATUS_OK;
}

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
        c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
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
        text[used++] = alphabet[bytes[i] & 31];
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

static enum status roll_make(const char *dir, const struct event *event, const struct roll *roll,
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

/* Receipt and digest share a key; the label in front keeps them apart. */
static void keyed_hash(const uint8_t key[KEY_SIZE], const char *label, const void *data,
                       size_t size, uint8_t *out, size_t out_size)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, KEY_SIZE, out_size);
    crypto_generichash_update(&state, (const uint8_t *)label, strlen(label) + 1);
    crypto_generichash_update(&state, data, size);
    crypto_generichash_final(&state, out, out_size);
}

static void credential_digest(const struct custody *custody, const char *normal,
                              uint8_t digest[DIGEST_SIZE])
{
    keyed_hash(custody->receipt_key, "credential", normal, strlen(normal), digest, DIGEST_SIZE);
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

static enum status roll_read(struct custody *custody, FILE *file, const char *path,
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
        if (sscanf(line, "%" SCNu32 ",%65[^,],", &number, credential) != 2 || number != seat ||
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
static enum status replaced_read(struct custody *custody, struct fault *fault)
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
        if (sscanf(line, "%" SCNu32 ",%65[^,\n]", &seat, credential) != 2 || seat < 1 ||
            seat > custody->event->seat_count || !credential_normalize(credential, normal)) {
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

static enum status tokens_open(struct custody *custody, const char *dir, struct fault *fault)
{
    char tokens[448];
    snprintf(tokens, sizeof(tokens), "%s/tokens", dir);
    if (mkdir(tokens, 0700) != 0 && errno != EEXIST) {
        return disk_fault(fault, "create", tokens);
    }
    for (uint32_t i = 0; i < custody->event->post_count; i++) {
        char name[64];
        char path[520];
        snprintf(name, sizeof(name), "%s.token", custody->event->posts[i].id);
        snprintf(path, sizeof(path), "%s/%s", tokens, name);
        if (access(path, F_OK) != 0) {
            char text[TOKEN_SIZE + 1];
            hex_draw(text);
            text[TOKEN_SIZE - 1] = '\n';
            enum status status = disk_write_file(tokens, name, text, TOKEN_SIZE, fault);
            sodium_memzero(text, sizeof(text));
            if (status != STATUS_OK) {
                return status;
            }
        }
        FILE *file = fopen(path, "re");
        if (file == NULL) {
            return disk_fault(fault, "open", path);
        }
        uint8_t key[KEY_SIZE];
        bool is_token = fscanf(file, "%64[0-9a-f]", custody->tokens[i]) == 1 &&
                        hex_read(custody->tokens[i], key);
        fclose(file);
        if (!is_token) {
            return fault_set(fault, STATUS_INVALID, path, "'%s' is not a token of ours", path);
        }
    }
    return STATUS_OK;
}

typedef enum status (*custody_make_fn)(const char *dir, const struct event *event,
                                       const struct roll *roll, struct fault *fault);
typedef enum status (*custody_read_fn)(struct custody *custody, FILE *file, const char *path,
                                       struct fault *fault);

/* Opens dir/name, made first where it is missing. */
static enum status custody_load(struct custody *custody, const char *name, const struct roll *roll,
                                bool may_make, custody_make_fn make, custody_read_fn read,
                                struct fault *fault)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", custody->dir, name);
    if (access(path, F_OK) != 0) {
        if (!may_make) {
            return fault_set(fault, STATUS_INVALID, path,
                             "'%s' is missing, but the log holds records made with it: put it back",
                             path);
        }
        enum status status = make(custody->dir, custody->event, roll, fault);
        if (status != STATUS_OK) {
            return status;
        }
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return disk_fault(fault, "open", path);
    }
    enum status status = read(custody, file, path, fault);
    fclose(file);
    return status;
}

enum status custody_open(const char *dir, const struct event *event, const struct roll *roll,
                         bool may_make, struct custody **out, struct fault *fault)
{
    *out = NULL;
    if (sodium_init() < 0) {
        return fault_set(fault, STATUS_IO, "", "no source of random numbers");
    }
    struct custody *custody = calloc(1, sizeof(*custody));
    if (custody == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the roll");
    }
    custody->event = event;
    snprintf(custody->dir, sizeof(custody->dir), "%s", dir);
    custody->credentials = calloc(event->seat_count, sizeof(*custody->credentials));
    custody->seats = calloc(event->seat_count, sizeof(*custody->seats));
    custody->tokens = calloc(event->post_count + 1, sizeof(*custody->tokens));
    enum status status = STATUS_NOMEM;
    if (custody->credentials == NULL || custody->seats == NULL || custody->tokens == NULL) {
        fault_set(fault, status, "", "no memory for the roll");
    } else {
        status = custody_load(custody, "keys", roll, may_make, keys_make, keys_read, fault);
    }
    if (status == STATUS_OK) {
        status = custody_load(custody, "roll.csv", roll, may_make, roll_make, roll_read, fault);
    }
    if (status == STATUS_OK) {
        status = replaced_read(custody, fault);
    }
    if (status == STATUS_OK) {
        status = tokens_open(custody, dir, fault);
    }
    if (status != STATUS_OK) {
        custody_close(custody);
        return status;
    }
    *out = custody;
    return STATUS_OK;
}

void custody_close(struct custody *custody)
{
    if (custody == NULL) {
        return;
    }
    if (custody->credentials != NULL) {
        sodium_memzero(custody->credentials,
                       custody->event->seat_count * sizeof(*custody->credentials));
    }
    if (custody->tokens != NULL) {
        sodium_memzero(custody->tokens, custody->event->post_count * sizeof(*custody->tokens));
    }
    free(custody->credentials);
    free(custody->seats);
    free(custody->tokens);
    sodium_memzero(custody, sizeof(*custody));
    free(custody);
}

void custody_slot(const struct custody *custody, uint32_t round, uint32_t seat, bool is_named,
                  uint8_t slot[SLOT_SIZE])
{
    uint8_t data[4 + CREDENTIAL_SIZE];
    size_t size = strlen(custody->credentials[seat - 1]);
    if (is_named) {
        memset(slot, 0, SLOT_SIZE);
        for (int i = 0; i < 4; i++) {
            slot[SLOT_SIZE - 1 - i] = (uint8_t)(seat >> (8 * i));
        }
        return;
    }
    for (int i = 0; i < 4; i++) {
        data[i] = (uint8_t)(round >> (8 * i));
    }
    memcpy(data + 4, custody->credentials[seat - 1], size);
    keyed_hash(custody->slot_key, "slot", data, 4 + size, slot, SLOT_SIZE);
}

void custody_receipt(const struct custody *custody, uint32_t round, const uint8_t slot[SLOT_SIZE],
                     char receipt[RECEIPT_SIZE])
{
    uint8_t data[4 + SLOT_SIZE];
    uint8_t hash[16];
    for (int i = 0; i < 4; i++) {
        data[i] = (uint8_t)(round >> (8 * i));
    }
    memcpy(data + 4, slot, SLOT_SIZE);
    keyed_hash(custody->receipt_key, "receipt", data, sizeof(data), hash, sizeof(hash));
    for (int i = 0; i < RECEIPT_SIZE - 1; i++) {
        receipt[i] = alphabet[hash[i] & 31];
    }
    receipt[RECEIPT_SIZE - 1] = '\0';
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

int32_t custody_find_any_post(const struct custody *custody, const char *token)
{
    int32_t found = -1;
    if (strnlen(token, TOKEN_SIZE) != TOKEN_SIZE - 1) {
        return -1;
    }
    for (uint32_t i = 0; i < custody->event->post_count; i++) {
        if (sodium_memcmp(custody->tokens[i], token, TOKEN_SIZE - 1) == 0) {
            found = (int32_t)i;
        }
    }
    return found;
}

int32_t custody_find_post(const struct custody *custody, enum role role, const char *token)
{
    int32_t post = custody_find_any_post(custody, token);
    return post >= 0 && custody->event->posts[post].role == role ? post : -1;
}
