#include "server/service/custody_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/base/disk.h"

void custody_hash(const uint8_t key[KEY_SIZE], const char *label, const void *data, size_t size,
                  uint8_t *out, size_t out_size)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, KEY_SIZE, out_size);
    crypto_generichash_update(&state, (const uint8_t *)label, strlen(label) + 1);
    crypto_generichash_update(&state, data, size);
    crypto_generichash_final(&state, out, out_size);
}

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
        status = custody_load(custody, "roll.csv", roll, may_make, custody_roll_make,
                              custody_roll_read, fault);
    }
    if (status == STATUS_OK) {
        status = custody_replaced_read(custody, fault);
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
    custody_hash(custody->slot_key, "slot", data, 4 + size, slot, SLOT_SIZE);
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
    custody_hash(custody->receipt_key, "receipt", data, sizeof(data), hash, sizeof(hash));
    for (int i = 0; i < RECEIPT_SIZE - 1; i++) {
        receipt[i] = CUSTODY_ALPHABET[hash[i] & 31];
    }
    receipt[RECEIPT_SIZE - 1] = '\0';
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
