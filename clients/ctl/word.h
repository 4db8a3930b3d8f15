#pragma once

#include "server/model/event.h"

/*
 * The text in the language asked for; both literals. A macro, so that the compiler can check the
 * arguments of a format in either language.
 */
#define WORD(language, zh, en) ((language) == LANGUAGE_ZH_CN ? (zh) : (en))
