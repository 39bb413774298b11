/*
 * sas.h - what every file of aliyun-sas agrees on
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_H
#define SAS_H

#define SAS_VERSION     "0.1.0"
#define SAS_PRODUCT     "Sas"
#define SAS_API_VERSION "2018-12-03"

/*
 * Only luaopen_* leaves the shared objects. LuaRocks compiles with its own flags, so the
 * visibility stands in the source: SAS_HIDDEN_BEGIN after a header's last #include,
 * SAS_HIDDEN_END before its last #endif, and SAS_EXPORT on the luaopen functions.
 */
#if defined(__GNUC__) && !defined(_WIN32)
#define SAS_HIDDEN_BEGIN _Pragma("GCC visibility push(hidden)")
#define SAS_HIDDEN_END   _Pragma("GCC visibility pop")
#define SAS_EXPORT       __attribute__((visibility("default")))
#define SAS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define SAS_HIDDEN_BEGIN
#define SAS_HIDDEN_END
#define SAS_EXPORT
#define SAS_PRINTF(f, a)
#endif

#endif
