/*
 * json.c - strict JSON reading over cJSON
 * SPDX-License-Identifier: MIT
 */
#include "json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"

const char *const sas_json_no_memory = "not enough memory";

struct scan {
    const char *data;
    size_t length, at;
    int depth;
    long values, names;
    long wanted;  /* the number of a name, from 1 in the order of the text; 0: none */
    size_t found; /* where it begins; in annotate, where a number does */
    const char *why;
};

static bool fail(struct scan *s, const char *why)
{
    if (!s->why)
        s->why = why;
    return false;
}

static int peek(const struct scan *s)
{
    return s->at < s->length ? (unsigned char)s->data[s->at] : -1;
}

static void skip_space(struct scan *s)
{
    int c = peek(s);

    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        s->at++;
        c = peek(s);
    }
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool scan_digits(struct scan *s)
{
    if (!is_digit(peek(s)))
        return fail(s, "a malformed number");
    while (is_digit(peek(s)))
        s->at++;
    return true;
}

static bool scan_number(struct scan *s)
{
    size_t start = s->at;

    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0')
        s->at++;
    else if (!scan_digits(s))
        return false;
    if (is_digit(peek(s)))
        return fail(s, "a number with a leading zero");
    if (peek(s) == '.') {
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        if (!scan_digits(s))
            return false;
    }
    return s->at - start <= SAS_JSON_NUMBER || fail(s, "a number that is too long");
}

/* Four hexadecimal digits, or -1. */
static long scan_hex(struct scan *s)
{
    long value = 0;
    int i;

    for (i = 0; i < 4; i++) {
        int c = peek(s);

        if (is_digit(c))
            value = value * 16 + (c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value * 16 + (c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            value = value * 16 + (c - 'A' + 10);
        else
            return -1;
        s->at++;
    }
    return value;
}

static bool scan_unicode(struct scan *s)
{
    long high = scan_hex(s), low;

    if (high < 0)
        return fail(s, "a malformed \\u escape");
    if (high == 0)
        return fail(s, "a NUL character");
    if (high >= 0xdc00 && high <= 0xdfff)
        return fail(s, "half a surrogate pair");
    if (high < 0xd800 || high > 0xdbff)
        return true;
    if (s->length - s->at < 2 || s->data[s->at] != '\\' || s->data[s->at + 1] != 'u')
        return fail(s, "half a surrogate pair");
    s->at += 2;
    low = scan_hex(s);
    return (low >= 0xdc00 && low <= 0xdfff) || fail(s, "half a surrogate pair");
}

static bool scan_escape(struct scan *s)
{
    int c = peek(s);

    if (c <= 0 || !strchr("\"\\/bfnrtu", c)) /* strchr finds its own end too */
        return fail(s, "an unknown escape");
    s->at++;
    return c == 'u' ? scan_unicode(s) : true;
}

static bool scan_string(struct scan *s)
{
    s->at++; /* the opening quote */
    for (;;) {
        int c = peek(s);
        size_t n;

        if (c < 0)
            return fail(s, "a string that does not end");
        if (c == '"') {
            s->at++;
            return true;
        }
        if (c < 0x20)
            return fail(s, "a control character in a string");
        if (c == '\\') {
            s->at++;
            if (!scan_escape(s))
                return false;
            continue;
        }
        n = sas_utf8_next(s->data + s->at, s->length - s->at, NULL);
        if (n == 0)
            return fail(s, "bytes that are not UTF-8");
        s->at += n;
    }
}

static bool scan_value(struct scan *s);

static bool scan_member(struct scan *s)
{
    skip_space(s);
    if (peek(s) != '"')
        return fail(s, "an object whose names are no strings");
    if (++s->names == s->wanted)
        s->found = s->at;
    if (!scan_string(s))
        return false;
    skip_space(s);
    if (peek(s) != ':')
        return fail(s, "a name without a colon");
    s->at++;
    return scan_value(s);
}

/* Recursion is bounded by SAS_JSON_DEPTH. */
static bool scan_container(struct scan *s, char end, bool (*item)(struct scan *))
{
    int members = 0;

    if (++s->depth > SAS_JSON_DEPTH)
        return fail(s, "too many levels");
    s->at++;
    skip_space(s);
    if (peek(s) == end) {
        s->at++;
        s->depth--;
        return true;
    }
    for (;;) {
        if (!item(s))
            return false;
        if (end == '}' && ++members > SAS_JSON_MEMBERS)
            return fail(s, "an object with too many members");
        skip_space(s);
        if (peek(s) == end)
            break;
        if (peek(s) != ',')
            return fail(s, s->at == s->length ? "an early end" : "a missing comma");
        s->at++;
    }
    s->at++;
    s->depth--;
    return true;
}

static bool scan_word(struct scan *s, const char *word)
{
    size_t length = strlen(word);

    if (s->length - s->at < length || memcmp(s->data + s->at, word, length) != 0)
        return fail(s, "no JSON value");
    s->at += length;
    return true;
}

static bool scan_value(struct scan *s)
{
    if (++s->values > SAS_JSON_VALUES)
        return fail(s, "too many values");
    skip_space(s);
    switch (peek(s)) {
    case -1:
        return fail(s, "an early end");
    case '{':
        return scan_container(s, '}', scan_member);
    case '[':
        return scan_container(s, ']', scan_value);
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        return scan_word(s, "null");
    default:
        if (peek(s) == '-' || is_digit(peek(s)))
            return scan_number(s);
        return fail(s, "no JSON value");
    }
}

static bool scan_text(struct scan *s)
{
    if (!scan_value(s))
        return false;
    skip_space(s);
    return s->at == s->length || fail(s, "something behind the value");
}

/* Moves on to the next number token; strings are passed over whole. */
static struct sas_view next_number(struct scan *s)
{
    struct sas_view number = {NULL, 0};

    while (s->at < s->length) {
        int c = peek(s);

        if (c == '"') {
            scan_string(s);
        } else if (c == '-' || is_digit(c)) {
            number.data = s->data + s->at;
            scan_number(s);
            number.length = (size_t)(s->data + s->at - number.data);
            return number;
        } else {
            s->at++;
        }
    }
    return number;
}

static char *copy_number(struct sas_view number)
{
    char *text = cJSON_malloc(number.length + 1);

    if (text && number.data) {
        memcpy(text, number.data, number.length);
        text[number.length] = '\0';
    }
    return text;
}

/* Gives each number of the tree its own text, in the order of the document; notes where
 * one begins that is out of range. */
static const char *annotate(cJSON *node, struct scan *numbers)
{
    cJSON *child;

    if (cJSON_IsNumber(node)) {
        struct sas_view number = next_number(numbers);

        if (!isfinite(node->valuedouble)) {
            numbers->found = (size_t)(number.data - numbers->data);
            return "a number out of range";
        }
        node->valuestring = copy_number(number);
        return node->valuestring ? NULL : sas_json_no_memory;
    }
    for (child = node->child; child; child = child->next) {
        const char *why = annotate(child, numbers);

        if (why)
            return why;
    }
    return NULL;
}

struct member {
    const char *name;
    long number; /* from 1 in its object */
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* The number of the first member whose name an earlier one has, or 0. */
static long first_duplicate(const cJSON *object)
{
    struct member members[SAS_JSON_MEMBERS] = {{NULL, 0}}; /* no more pass the scan */
    const cJSON *child;
    long count = 0, i, first = 0;

    for (child = object->child; child; child = child->next) {
        members[count].name = child->string;
        members[count].number = count + 1;
        count++;
    }
    qsort(members, (size_t)count, sizeof *members, compare_members);
    for (i = 1; i < count; i++) {
        if (strcmp(members[i].name, members[i - 1].name) == 0 &&
            (!first || members[i].number < first))
            first = members[i].number;
    }
    return first;
}

/* The number of the first name that stands twice in one object, or 0; *names counts. */
static long find_duplicate(const cJSON *node, long *names)
{
    long duplicate = cJSON_IsObject(node) ? first_duplicate(node) : 0, number = 0;
    const cJSON *child;

    for (child = node->child; child; child = child->next) {
        long deeper;

        if (cJSON_IsObject(node)) {
            ++*names;
            if (++number == duplicate)
                return *names;
        }
        deeper = find_duplicate(child, names);
        if (deeper)
            return deeper;
    }
    return 0;
}

/* Where a name begins, in a text that has been scanned. */
static size_t place_of_name(struct sas_view text, long number)
{
    struct scan s;

    memset(&s, 0, sizeof s);
    s.data = text.data;
    s.length = text.length;
    s.wanted = number;
    scan_text(&s);
    return s.found;
}

static void wipe_texts(cJSON *node)
{
    cJSON *child;

    if (node->valuestring)
        sas_wipe(node->valuestring, strlen(node->valuestring));
    for (child = node->child; child; child = child->next)
        wipe_texts(child);
}

void sas_json_release(struct cJSON *tree)
{
    if (tree)
        wipe_texts(tree);
    cJSON_Delete(tree);
}

unsigned long sas_json_line(struct sas_view text, size_t offset)
{
    unsigned long line = 1;
    size_t i;

    for (i = 0; i < offset && i < text.length; i++)
        line += text.data[i] == '\n';
    return line;
}

bool sas_json_text(const struct cJSON *object, const char *name, struct sas_view *out)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!value || cJSON_IsNull(value))
        return true;
    if (!cJSON_IsString(value))
        return false;
    if (*value->valuestring)
        *out = sas_view_text(value->valuestring);
    return true;
}

struct cJSON *sas_json_read(struct sas_view text, const char **why, size_t *offset)
{
    struct scan s, numbers;
    cJSON *root;
    long names = 0, twice;

    memset(&s, 0, sizeof s);
    s.data = text.data;
    s.length = text.length;
    numbers = s;
    *why = NULL;
    if (!scan_text(&s)) {
        *why = s.why;
        *offset = s.at;
        return NULL;
    }
    root = cJSON_ParseWithLength(text.data, text.length);
    if (!root) {
        /* the scan accepts nothing that cJSON refuses: memory is left */
        *why = sas_json_no_memory;
        *offset = 0;
        return NULL;
    }
    *why = annotate(root, &numbers);
    *offset = numbers.found;
    twice = *why ? 0 : find_duplicate(root, &names);
    if (twice) {
        *why = "a name that stands twice in one object";
        *offset = place_of_name(text, twice);
    }
    if (*why) {
        sas_json_release(root);
        return NULL;
    }
    return root;
}
