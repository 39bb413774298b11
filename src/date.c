/*
 * date.c - the two forms of a date that a call meets
 * SPDX-License-Identifier: MIT
 *
 * By hand, since strptime and timegm are no C99 and follow locale and time zone.
 */
#include "date.h"

#include <string.h>

/* Digits at an offset as a number, or -1. */
static int digits(struct sas_view v, size_t at, size_t count)
{
    int value = 0;
    size_t i;

    for (i = at; i < at + count; i++) {
        if (v.data[i] < '0' || v.data[i] > '9')
            return -1;
        value = value * 10 + (v.data[i] - '0');
    }
    return value;
}

/* The shape has 0 where a digit stands and a where a letter does. */
static bool has_shape(struct sas_view v, const char *shape)
{
    size_t i, length = strlen(shape);

    if (v.length != length)
        return false;
    for (i = 0; i < length; i++) {
        char c = v.data[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (shape[i] == '0'   ? c < '0' || c > '9'
            : shape[i] == 'a' ? !letter
                              : c != shape[i])
            return false;
    }
    return true;
}

/* Days since the epoch of a day of the Gregorian calendar. */
static int64_t days(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9; /* March is 0: the leap day is last */

    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static bool combine(int year, int month, int day, int hour, int minute, int second,
                    int64_t *seconds)
{
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60)
        return false;
    *seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    return true;
}

bool sas_date_of_http(struct sas_view v, int64_t *seconds)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int month;

    if (!has_shape(v, "aaa, 00 aaa 0000 00:00:00 GMT"))
        return false;
    for (month = 0; month < 12; month++) {
        if (memcmp(v.data + 8, months + (size_t)month * 3, 3) == 0)
            break;
    }
    return month < 12 &&
           combine(digits(v, 12, 4), month + 1, digits(v, 5, 2), digits(v, 17, 2),
                   digits(v, 20, 2), digits(v, 23, 2), seconds);
}

bool sas_date_of_signature(struct sas_view v, int64_t *seconds)
{
    return has_shape(v, "0000-00-00T00:00:00Z") &&
           combine(digits(v, 0, 4), digits(v, 5, 2), digits(v, 8, 2), digits(v, 11, 2),
                   digits(v, 14, 2), digits(v, 17, 2), seconds);
}
