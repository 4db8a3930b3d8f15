#include "clients/ctl/count.h"
#include "clients/ctl/sheet.h"

void count_print_text(const struct count *count, enum language language, FILE *file)
{
    const struct sheet sheet = {
        .event = count->ballot.event,
        .only = count->ballot.contest,
        .log_id = "-", /* cards, no log */
        .round_count = count->figures_count,
        .rounds = count->figures,
    };
    sheet_print_text(&sheet, language, file);
}
