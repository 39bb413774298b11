/*
 * pin.h - keeps the C module in memory once it is loaded
 * SPDX-License-Identifier: MIT
 *
 * lua_close unloads C modules, but a resolver thread of libcurl or an exit handler of
 * OpenSSL may still run then. LuaRocks passes no linker flags, so -z nodelete cannot be
 * asked for; the module pins itself instead.
 */
#ifndef SAS_PIN_H
#define SAS_PIN_H

#include "sas.h"

SAS_HIDDEN_BEGIN

/* Called by each luaopen function; may be called any number of times. */
void sas_pin(void);

SAS_HIDDEN_END

#endif
