#include "server/model/rules.h"

#include "server/model/name_table.h"
#include "server/model/view.h"

static const char *const base_names[BASE_COUNT] = {
    [BASE_INVALID] = "invalid", [BASE_REGISTERED] = "registered", [BASE_PRESENT] = "present",
    [BASE_ISSUED] = "issued",   [BASE_RETURNED] = "returned",     [BASE_VALID] = "valid",
};

static const char *const remedy_names[] = {
    [REMEDY_INVALID] = "invalid", [REMEDY_ADJUDICATE] = "adjudicate", [REMEDY_DROP] = "drop",
    [REMEDY_VOID] = "void",       [REMEDY_COUNT] = "count",
};

bool threshold_is_met(const struct threshold *threshold, uint64_t count, uint64_t base)
{
    uint64_t left = count * threshold->den;
    uint64_t right = base * threshold->num;
    return threshold->is_inclusive ? left >= right : left > right;
}

uint64_t threshold_least(const struct threshold *threshold, uint64_t base)
{
    uint64_t right = base * threshold->num;
    uint64_t least = right / threshold->den;
    if (threshold->is_inclusive) {
        return least + (right % threshold->den != 0);
    }
    return least + 1;
}

uint32_t figures_base_count(const struct figures *figures, enum base base)
{
    switch (base) {
    case BASE_REGISTERED:
        return figures->registered;
    case BASE_PRESENT:
        return figures->has_present ? figures->present : figures->registered;
    case BASE_ISSUED:
        return figures->issued;
    case BASE_RETURNED:
        return figures->cast_count;
    case BASE_VALID:
        return figures->valid_count;
    default:
        return 0;
    }
}

const char *base_name(enum base base)
{
    return name_table_name(base_names, NAME_COUNT(base_names), base);
}

enum base base_parse(const char *name)
{
    return (enum base)name_table_parse(base_names, NAME_COUNT(base_names), name);
}

const char *remedy_name(enum remedy remedy)
{
    return name_table_name(remedy_names, NAME_COUNT(remedy_names), remedy);
}

enum remedy remedy_parse(const char *name)
{
    return (enum remedy)name_table_parse(remedy_names, NAME_COUNT(remedy_names), name);
}
