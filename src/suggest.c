/*
 * suggest.c - "did you mean"
 * SPDX-License-Identifier: MIT
 */
#include "suggest.h"

#include <string.h>

#define WORD_MAX 64
#define FAR      3

/* Lower case without spaces and joints, so that Item-Level finds item_level. */
static size_t normalise(char *out, struct sas_view in)
{
    size_t i, n = 0;

    for (i = 0; i < in.length; i++) {
        char c = in.data[i];

        if (c == ' ' || c == '-' || c == '_')
            continue;
        out[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return n;
}

static int smallest(int a, int b, int c)
{
    int d = a < b ? a : b;

    return d < c ? d : c;
}

/* Optimal string alignment: insert, delete, replace, swap of neighbours. */
static int distance(const char *a, size_t n, const char *b, size_t m)
{
    int rows[3][WORD_MAX + 1];
    int *before = rows[0], *last = rows[1], *now = rows[2];
    size_t i, j;

    memset(rows, 0, sizeof rows);
    for (j = 0; j <= m; j++)
        last[j] = (int)j;
    for (i = 1; i <= n; i++) {
        int *turn = before;

        now[0] = (int)i;
        for (j = 1; j <= m; j++) {
            int cost = a[i - 1] != b[j - 1];

            now[j] = smallest(last[j] + 1, now[j - 1] + 1, last[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = smallest(now[j], before[j - 2] + 1, now[j]);
        }
        before = last;
        last = now;
        now = turn;
    }
    return last[m];
}

void sas_suggest_offer(struct sas_suggest *s, const char *candidate)
{
    struct sas_view other = sas_view_text(candidate);
    char a[WORD_MAX], b[WORD_MAX];
    size_t n, m, shorter;
    int d;

    if (s->word.length > WORD_MAX || other.length > WORD_MAX)
        return;
    n = normalise(a, s->word);
    m = normalise(b, other);
    shorter = n < m ? n : m;
    if (shorter == 0)
        return;
    d = distance(a, n, b, m);
    if (d >= FAR || (size_t)d * 2 > shorter)
        return;
    if (!s->best || d < s->distance) {
        s->best = candidate;
        s->distance = d;
    }
}
