#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/message_parts.h"

/* Hello and welcome. */

static bool credential_read(struct reader *reader, const struct place *at, json_t *object,
                            char credential[CREDENTIAL_SIZE])
{
    struct place place = { .up = at, .key = "credential" };
    const char *text = reader_get_text(reader, at, object, "credential");
    size_t size;

    if (!text) {
        return false;
    }
    size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
    if (size == 0 || size >= CREDENTIAL_SIZE || text[size] != '\0') {
        return reader_fault(reader, &place, STATUS_INVALID, "must be 1 to %d letters, digits and -",
                            CREDENTIAL_SIZE - 1);
    }
    memcpy(credential, text, size + 1);
    return true;
}

static bool token_read(struct reader *reader, const struct place *at, json_t *object,
                       char token[TOKEN_SIZE])
{
    struct place place = { .up = at, .key = "token" };
    json_t *value = json_object_get(object, "token");
    uint8_t bytes[(TOKEN_SIZE - 1) / 2];

    if (!reader_hex(reader, &place, value, bytes, sizeof(bytes))) {
        return false;
    }
    memcpy(token, json_string_value(value), TOKEN_SIZE);
    return true;
}

static bool role_read(struct reader *reader, const struct place *at, json_t *object,
                      enum role *role)
{
    struct place place = { .up = at, .key = "role" };
    const char *word = reader_get_text(reader, at, object, "role");

    if (!word) {
        return false;
    }
    *role = role_parse(word);
    return *role != ROLE_INVALID || reader_fault(reader, &place, STATUS_INVALID, "unknown role");
}

/*
 * Of another protocol version only the number is read, since the rest may look different; the
 * session answers "bad version".
 */
bool hello_read(struct reader *reader, const struct place *at, json_t *object, struct hello *hello)
{
    static const char *const viewer_keys[] = { "t", "protocol", "role" };
    static const char *const voter_keys[] = { "t", "protocol", "role", "credential" };
    static const char *const post_keys[] = { "t", "protocol", "role", "token" };

    memset(hello, 0, sizeof(*hello));
    if (!reader_get_uint32(reader, at, object, "protocol", 0, UINT32_MAX, &hello->protocol)) {
        return false;
    }
    if (hello->protocol != PROTOCOL_VERSION) {
        return true;
    }
    if (!role_read(reader, at, object, &hello->role)) {
        return false;
    }
    if (hello->role == ROLE_VIEWER) {
        return reader_keys(reader, at, object, viewer_keys, KEY_COUNT(viewer_keys));
    }
    if (hello->role == ROLE_VOTER) {
        return credential_read(reader, at, object, hello->credential) &&
               reader_keys(reader, at, object, voter_keys, KEY_COUNT(voter_keys));
    }
    return token_read(reader, at, object, hello->token) &&
           reader_keys(reader, at, object, post_keys, KEY_COUNT(post_keys));
}

void hello_write(struct writer *writer, const struct hello *hello)
{
    writer_literal(writer, "{\"t\":\"hello\",\"protocol\":");
    writer_uint(writer, hello->protocol);
    writer_literal(writer, ",\"role\":");
    writer_string(writer, role_name(hello->role));
    if (hello->credential[0] != '\0') {
        writer_literal(writer, ",\"credential\":");
        writer_string(writer, hello->credential);
    }
    if (hello->token[0] != '\0') {
        writer_literal(writer, ",\"token\":");
        writer_string(writer, hello->token);
    }
    writer_literal(writer, "}");
}

/* [seat, version of item 0, …] */
static bool seat_read(struct reader *reader, const struct place *at, const json_t *list,
                      uint32_t item_count, struct seat_versions *seat)
{
    if (!reader_is_list(reader, at, list, 1 + item_count, 1 + item_count) ||
        !reader_at_uint32(reader, at, list, 0, 0, SEAT_MAX, &seat->seat)) {
        return false;
    }
    for (uint32_t i = 0; i < item_count; i++) {
        if (!reader_at_uint32(reader, at, list, 1 + i, 0, VERSION_MAX, &seat->versions[i])) {
            return false;
        }
    }
    return true;
}

static bool versions_read(struct reader *reader, const struct place *up, const json_t *list,
                          struct welcome *welcome)
{
    struct place at = { .up = up, .key = "versions" };
    size_t count = json_array_size(list);

    if (!reader_is_list(reader, &at, list, 0, SEAT_MAX)) {
        return false;
    }
    if (count == 0) {
        return true;
    }
    welcome->versions = calloc(count, sizeof(*welcome->versions));
    if (!welcome->versions) {
        return reader_fault(reader, &at, STATUS_NOMEM, "no memory for %zu seats", count);
    }
    welcome->seat_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (!seat_read(reader, &entry, json_array_get(list, i), welcome->round.item_count,
                       &welcome->versions[i])) {
            return false;
        }
    }
    return true;
}

bool welcome_read(struct reader *reader, const struct place *at, json_t *object,
                  struct welcome *welcome)
{
    struct place audience = { .up = at, .key = "audience" };
    struct place round = { .up = at, .key = "round" };
    const char *word;

    memset(welcome, 0, sizeof(*welcome));
    if (!reader_get_uint32(reader, at, object, "protocol", 0, UINT32_MAX, &welcome->protocol) ||
        !reader_get_log_id(reader, at, object, "log", welcome->log_id) ||
        !role_read(reader, at, object, &welcome->role)) {
        return false;
    }
    if (json_object_get(object, "now_ms") &&
        !reader_get_time(reader, at, object, "now_ms", &welcome->now_ms)) {
        return false;
    }
    word = reader_get_text(reader, at, object, "audience");
    if (!word) {
        return false;
    }
    welcome->audience = audience_parse(word);
    if (welcome->audience == AUDIENCE_INVALID) {
        return reader_fault(reader, &audience, STATUS_INVALID, "unknown audience");
    }
    return reader_get_id(reader, at, object, "post", true, welcome->post) &&
           reader_get_uint32(reader, at, object, "seat", 0, SEAT_MAX, &welcome->seat) &&
           round_read(reader, &round, json_object_get(object, "round"), &welcome->round) &&
           versions_read(reader, at, json_object_get(object, "versions"), welcome);
}

void welcome_finish(struct welcome *welcome)
{
    free(welcome->versions);
    welcome->versions = NULL;
    welcome->seat_count = 0;
}

void welcome_write(struct writer *writer, const struct welcome *welcome)
{
    assert(welcome->round.item_count <= ITEM_MAX);
    writer_literal(writer, "{\"t\":\"welcome\",\"protocol\":");
    writer_uint(writer, welcome->protocol);
    writer_literal(writer, ",\"log\":");
    writer_string(writer, welcome->log_id);
    writer_literal(writer, ",\"role\":");
    writer_string(writer, role_name(welcome->role));
    writer_literal(writer, ",\"audience\":");
    writer_string(writer, audience_name(welcome->audience));
    writer_literal(writer, ",\"post\":");
    writer_string(writer, welcome->post);
    writer_literal(writer, ",\"seat\":");
    writer_uint(writer, welcome->seat);
    if (welcome->now_ms != 0) {
        writer_literal(writer, ",\"now_ms\":");
        writer_int(writer, welcome->now_ms);
    }
    writer_literal(writer, ",\"round\":{");
    round_keys_write(writer, &welcome->round);
    writer_literal(writer, "},\"versions\":[");
    for (uint32_t s = 0; s < welcome->seat_count; s++) {
        if (s > 0) {
            writer_literal(writer, ",");
        }
        writer_literal(writer, "[");
        writer_uint(writer, welcome->versions[s].seat);
        for (uint32_t i = 0; i < welcome->round.item_count; i++) {
            writer_literal(writer, ",");
            writer_uint(writer, welcome->versions[s].versions[i]);
        }
        writer_literal(writer, "]");
    }
    writer_literal(writer, "]}");
}
