#include "clients/ctl/json.h"

#include <inttypes.h>

#include "server/protocol/writer.h"

void json_text(FILE *file, const char *text)
{
    char escaped[ACT_REASON_SIZE * 6 + 3]; /* \u001f is the longest escape */
    struct writer writer;
    writer_init(&writer, escaped, sizeof(escaped));
    writer_string(&writer, text);
    if (writer_end(&writer) > 0) {
        fputs(escaped, file);
    }
}

void json_names(FILE *file, const struct election_figures *election)
{
    fputs("\"writeins\":[", file);
    for (uint32_t i = 0; i < election->name_count; i++) {
        fprintf(file, "%s{\"text\":", i > 0 ? "," : "");
        json_text(file, election->names[i].name);
        fprintf(file, ",\"for\":%" PRIu32 "}", election->names[i].votes);
    }
    fprintf(file, "],\"writeins_rest\":%" PRIu32, election->name_rest);
}
