#include "server/model/roll.h"

#include <stdlib.h>
#include <string.h>

void roll_finish(struct roll *roll)
{
    free(roll->members);
    memset(roll, 0, sizeof(*roll));
}
