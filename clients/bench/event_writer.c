#include "clients/bench/event_writer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SUBJECT_COUNT 40

/* FACTS: the eleven criteria in their order. */
static const struct {
    const char *id;
    const char *zh;
    const char *en;
} criteria[] = {
    { "ability", "工作能力", "Working ability" },
    { "policy", "政策水平", "Command of policy" },
    { "spirit", "精神状态", "Spirit and drive" },
    { "people", "群众观念", "Regard for the people" },
    { "fieldwork", "调查研究", "Investigation and research" },
    { "courage", "碰硬精神", "Willingness to tackle hard problems" },
    { "efficiency", "办事效率", "Efficiency" },
    { "democracy", "民主作风", "Democratic style" },
    { "example", "以身作则", "Leading by example" },
    { "integrity", "清正廉洁", "Integrity" },
    { "results", "工作成绩", "Results achieved" },
};
#define CRITERION_COUNT (sizeof(criteria) / sizeof(criteria[0]))

static void contest_write(FILE *file)
{
    fputs(
        " \"contests\":[{\"id\":\"appraisal\",\"kind\":\"appraisal\",\n"
        "  \"rules\":\"district-appraisal\",\n"
        "  \"title\":{\"zh-CN\":\"测试测评\",\"en\":\"Benchmark appraisal\"},\"live\":\"tally\",\n"
        "  \"grades\":[\"good\",\"fair\",\"poor\"],\n  \"criteria\":[",
        file);
    for (size_t i = 0; i < CRITERION_COUNT; i++) {
        fprintf(file, "%s\"%s\"", i > 0 ? "," : "", criteria[i].id);
    }
    fputs("],\n  \"subjects\":[", file);
    for (int i = 1; i <= SUBJECT_COUNT; i++) {
        fprintf(
            file,
            "%s\n   {\"id\":\"s%02d\",\"name\":{\"zh-CN\":\"测试对象%d号\",\"en\":\"Subject %d\"},"
            "\"office\":{\"zh-CN\":\"测试职务\",\"en\":\"Office\"}}",
            i > 1 ? "," : "", i, i, i);
    }
    fputs("]}],\n", file);
}

static void event_print(FILE *file, uint32_t seat_count, uint32_t base_count, uint32_t seats_each)
{
    fprintf(
        file,
        "{\"minping\":1,\"id\":\"bench\",\"title\":{\"zh-CN\":\"性能测试\",\"en\":\"Benchmark\"},\n"
        " \"groups\":[{\"id\":\"hall\",\"title\":{\"zh-CN\":\"全场\",\"en\":\"Hall\"},"
        "\"seats\":%u}],\n \"criteria\":[",
        seat_count);
    for (size_t i = 0; i < CRITERION_COUNT; i++) {
        fprintf(file, "%s\n  {\"id\":\"%s\",\"title\":{\"zh-CN\":\"%s\",\"en\":\"%s\"}}",
                i > 0 ? "," : "", criteria[i].id, criteria[i].zh, criteria[i].en);
    }
    fputs("],\n \"grades\":[{\"id\":\"good\",\"title\":{\"zh-CN\":\"好\",\"en\":\"Good\"}},\n"
          "  {\"id\":\"fair\",\"title\":{\"zh-CN\":\"中\",\"en\":\"Fair\"}},\n"
          "  {\"id\":\"poor\",\"title\":{\"zh-CN\":\"差\",\"en\":\"Poor\"}}],\n",
          file);
    contest_write(file);
    fputs(" \"posts\":[{\"id\":\"officer-1\",\"role\":\"officer\"},\n"
          "  {\"id\":\"operator-1\",\"role\":\"operator\"},\n"
          "  {\"id\":\"overlay-1\",\"role\":\"overlay\",\"audience\":\"public\"}",
          file);
    for (uint32_t i = 0; i < base_count; i++) {
        fprintf(file, ",\n  {\"id\":\"base-%u\",\"role\":\"base\",\"seats\":[%u,%u]}", i + 1,
                i * seats_each + 1, (i + 1) * seats_each);
    }
    fputs("]}\n", file);
}

enum status event_write(const char *path, uint32_t seat_count, uint32_t base_count,
                        uint32_t seats_each, struct fault *fault)
{
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot write '%s': %s", path, strerror(errno));
    }
    event_print(file, seat_count, base_count, seats_each);
    bool is_bad = ferror(file) != 0;
    if (fclose(file) != 0 || is_bad) {
        return fault_set(fault, STATUS_IO, "", "cannot write '%s': %s", path, strerror(errno));
    }
    return STATUS_OK;
}
