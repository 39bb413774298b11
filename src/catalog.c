/*
 * catalog.c - the words that a ConfigList may hold
 * SPDX-License-Identifier: MIT
 *
 * Source: the API page of CreateOrUpdateDingTalk (Sas, 2018-12-03), parameter ConfigList.
 */
#include "catalog.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct sas_word vul_types[] = {
    {"all", "every kind", NULL},
    {"cms", "Web-CMS vulnerabilities", NULL},
    {"oval", "Linux software vulnerabilities", NULL},
    {"sys", "Windows system vulnerabilities", NULL},
    {"emg", "urgent vulnerabilities", NULL},
};

static const struct sas_word necessities[] = {
    {"all", "every urgency", NULL},
    {"asap", "high: fix as soon as possible", "high"},
    {"later", "medium: fix later", "medium"},
    {"nntf", "low: need not be fixed for now", "low"},
};

static const struct sas_word levels[] = {
    {"all", "every level", NULL},
    {"high", "high", NULL},
    {"medium", "medium", NULL},
    {"low", "low", NULL},
};

static const struct sas_word alert_levels[] = {
    {"all", "every level", NULL},
    {"serious", "critical", "high"},
    {"suspicious", "suspicious", "medium"},
    {"remind", "reminder", "low"},
};

/*
 * The display names that the English API page lists, each with the Chinese name that
 * stands in the same place of the vendor's metadata.
 */
static const struct sas_word event_types[] = {
    {"all", "every kind of alert", NULL},
    {"Suspicious process", "进程异常行为", NULL},
    {"Webshell", "网站后门", NULL},
    {"Unusual logon", "异常登录", NULL},
    {"Exception", "异常事件", NULL},
    {"Sensitive file tampering", "敏感文件篡改", NULL},
    {"Malicious process (cloud threat detection)", "恶意进程（云查杀）", NULL},
    {"Unusual network connection", "异常网络连接", NULL},
    {"Others", "其他", NULL},
    {"Abnormal account", "异常账号", NULL},
    {"Application intrusion event", "应用入侵事件", NULL},
    {"Cloud threat detection", "云产品威胁检测", NULL},
    {"Precision defense", "精准防御", NULL},
    {"Application whitelist", "应用白名单", NULL},
    {"Persistent webshell", "持久化后门", NULL},
};

/*
 * What the service itself calls them elsewhere. No source settles which of the spellings
 * is on the wire, so all are accepted, and none is turned into another.
 */
static const char *const event_type_spellings[] = {
    /* the Chinese names */
    "进程异常行为",
    "网站后门",
    "异常登录",
    "异常事件",
    "敏感文件篡改",
    "恶意进程（云查杀）",
    "异常网络连接",
    "其他",
    "异常账号",
    "应用入侵事件",
    "云产品威胁检测",
    "精准防御",
    "应用白名单",
    "持久化后门",
    /* the English names of real alerts */
    "Suspicious Process",
    "Unusual Logon",
    "Malicious Software",
    "Sensitive File Tampering",
    "Unusual Network Connection",
    "Other",
    "Suspicious Account",
    "Application Whitelist",
    "Persistence",
    "Web Application Threat Detection",
    "Malicious scripts",
    "Malicious Network Activity",
    "K8s Abnormal Behavior",
    "Website backdoor (local engine)",
    "Exploit",
    "Image Scan",
    /* other translations in the vendor's metadata */
    "Suspicious network connection",
    "Suspicious account",
    "Precise defense",
    /* kinds of alert that the API page does not list */
    "Web application threat detection",
    "Web应用威胁检测",
    "Malicious script",
    "恶意脚本",
    "Threat intelligence",
    "威胁情报",
    "Malicious network activity",
    "恶意网络行为",
    "Cluster exception",
    "容器集群异常",
    "Webshell (on-premises)",
    "网站后门（本地查杀）",
    "Vulnerability exploitation",
    "漏洞利用",
    "Malicious process (on-premises)",
    "恶意进程（本地查杀）",
    "Trusted exception",
    "可信异常",
};

static const struct sas_word only_all[] = {
    {"all", "everything", NULL},
};

static const struct sas_catalog_key vul_keys[] = {
    {"type", "kind of vulnerability", vul_types, COUNT(vul_types), NULL, 0, NULL},
    {"necessity", "urgency of the fix", necessities, COUNT(necessities), NULL, 0, NULL},
};

static const struct sas_catalog_key level_keys[] = {
    {"item_level", "level", levels, COUNT(levels), NULL, 0, NULL},
};

static const struct sas_catalog_key suspicious_keys[] = {
    {"item_level", "level of the alert", alert_levels, COUNT(alert_levels), NULL, 0,
     NULL},
    {"event_type", "kind of alert", event_types, COUNT(event_types), event_type_spellings,
     COUNT(event_type_spellings), NULL},
};

static const struct sas_catalog_key leak_keys[] = {
    {"type", "kind of leak", only_all, COUNT(only_all), NULL, 0, NULL},
};

#define TYPE(tail, meaning, keys)                                                        \
    {                                                                                    \
        SAS_TYPE_PREFIX tail, tail, meaning, keys, COUNT(keys)                           \
    }

static const struct sas_catalog_type types[] = {
    TYPE("vul", "vulnerabilities", vul_keys),
    TYPE("hc", "baseline risks", level_keys),
    TYPE("suspicious", "alerts", suspicious_keys),
    TYPE("ak-leakage", "AccessKey leaks", leak_keys),
    TYPE("honeypot", "cloud honeypot", level_keys),
    TYPE("rasp", "application protection", level_keys),
};

const struct sas_catalog sas_catalog = {types, COUNT(types)};

struct sas_view sas_type_tail(struct sas_view name)
{
    static const char *const prefixes[] = {
        SAS_TYPE_PREFIX, "sas_analysis_pre-sas-operation-log-sas-event-"};
    size_t i;

    for (i = 0; i < COUNT(prefixes); i++) {
        size_t length = strlen(prefixes[i]);

        if (name.length > length && memcmp(name.data, prefixes[i], length) == 0) {
            name.data += length;
            name.length -= length;
            break;
        }
    }
    return name;
}

const struct sas_catalog_type *sas_catalog_find_type(const struct sas_catalog *c,
                                                     struct sas_view name)
{
    struct sas_view tail = sas_type_tail(name);
    size_t i;

    for (i = 0; i < c->type_count; i++) {
        if (sas_view_is(tail, c->types[i].tail) || sas_view_is(name, c->types[i].name))
            return &c->types[i];
    }
    return NULL;
}

const struct sas_catalog_key *sas_catalog_find_key(const struct sas_catalog_type *t,
                                                   struct sas_view name)
{
    size_t i;

    for (i = 0; i < t->key_count; i++) {
        if (sas_view_is(name, t->keys[i].name))
            return &t->keys[i];
    }
    return NULL;
}

static int find_sorted(const struct sas_catalog_key *k, struct sas_view name)
{
    size_t low = 0, high = k->word_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sas_view_compare(sas_view_text(k->sorted[middle].name), name);

        if (order == 0)
            return (int)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

int sas_catalog_find_word(const struct sas_catalog_key *k, struct sas_view name,
                          bool *spelled)
{
    size_t i;

    *spelled = false;
    if (k->sorted)
        return find_sorted(k, name);
    for (i = 0; i < k->word_count; i++) {
        if (sas_view_is(name, k->words[i].name))
            return (int)i;
    }
    for (i = 0; i < k->spelling_count && !*spelled; i++)
        *spelled = sas_view_is(name, k->spellings[i]);
    return -1;
}

/* --- the account's own catalog --- */

static const char not_live[] = "is no result of describeDataSource";

static const char *copy(struct sas_arena *a, const char *data, size_t length)
{
    char *text = sas_arena_take(a, length + 1);

    if (text && length)
        memcpy(text, data, length);
    return text;
}

/* The legal texts of a field, or NULL where it is no text. */
static const struct sas_value *text_field(const struct sas_value *table, const char *name)
{
    const struct sas_value *v = sas_value_get(table, name);

    if (!v || v->type != SAS_STRING || memchr(v->text.data, '\0', v->text.length))
        return NULL;
    return v;
}

/* A list, the empty one included (an empty Lua table is no sure list). */
static const struct sas_value *list_field(const struct sas_value *table, const char *name)
{
    const struct sas_value *v = sas_value_get(table, name);

    if (!v || v->type != SAS_TABLE || (v->count > 0 && !v->list))
        return NULL;
    return v;
}

static int compare_words(const void *left, const void *right)
{
    const struct sas_word *a = left, *b = right;

    return strcmp(a->name, b->name);
}

static bool sort_words(struct sas_arena *a, struct sas_catalog_key *key)
{
    struct sas_word *sorted = sas_arena_take(a, (key->word_count + 1) * sizeof *sorted);

    if (!sorted)
        return false;
    memcpy(sorted, key->words, key->word_count * sizeof *sorted);
    qsort(sorted, key->word_count, sizeof *sorted, compare_words);
    key->sorted = sorted;
    return true;
}

/* Sample: "value:label;value:label"; the part before the colon is the value. */
static bool read_sample(struct sas_arena *a, struct sas_view sample,
                        struct sas_catalog_key *key)
{
    const char *p = sample.data, *end = p + sample.length;
    struct sas_word *words;
    size_t most = 1;

    for (; p < end; p++)
        most += *p == ';';
    words = sas_arena_take(a, most * sizeof *words);
    if (!words)
        return false;
    key->words = words;
    for (p = sample.data; p < end;) {
        const char *stop = memchr(p, ';', (size_t)(end - p));
        const char *colon;

        if (!stop)
            stop = end;
        colon = memchr(p, ':', (size_t)(stop - p));
        if (!colon)
            colon = stop;
        if (colon > p) {
            struct sas_word *word = &words[key->word_count++];

            word->name = copy(a, p, (size_t)(colon - p));
            word->meaning =
                colon < stop ? copy(a, colon + 1, (size_t)(stop - colon - 1)) : "";
            if (!word->name || !word->meaning)
                return false;
        }
        p = stop < end ? stop + 1 : end;
    }
    return sort_words(a, key);
}

static bool read_keys(struct sas_arena *a, const struct sas_value *fields,
                      struct sas_catalog_type *type, const char **why)
{
    struct sas_catalog_key *keys;
    size_t i;

    keys = sas_arena_take(a, (fields->count + 1) * sizeof *keys);
    if (!keys)
        return false;
    type->keys = keys;
    for (i = 0; i < fields->count; i++) {
        const struct sas_value *field = &fields->entries[i].value, *name, *sample;

        name = field->type == SAS_TABLE ? text_field(field, "Filed") : NULL;
        if (!name) {
            *why = not_live;
            return false;
        }
        keys[i].name = copy(a, name->text.data, name->text.length);
        keys[i].meaning = "";
        if (!keys[i].name)
            return false;
        sample = text_field(field, "Sample");
        if (sample && !read_sample(a, sample->text, &keys[i]))
            return false;
        type->key_count++;
    }
    return true;
}

static bool read_type(struct sas_arena *a, const struct sas_value *data,
                      struct sas_catalog_type *type, const char **why)
{
    const struct sas_value *name, *fields, *meaning;
    struct sas_view tail;

    name = data->type == SAS_TABLE ? text_field(data, "DataSourceName") : NULL;
    fields = name ? list_field(data, "MetaDataFields") : NULL;
    if (!fields) {
        *why = not_live;
        return false;
    }
    meaning = text_field(data, "Description");
    tail = sas_type_tail(name->text);
    type->name = copy(a, name->text.data, name->text.length);
    type->tail = copy(a, tail.data, tail.length);
    type->meaning = meaning ? copy(a, meaning->text.data, meaning->text.length) : "";
    return type->name && type->tail && type->meaning && read_keys(a, fields, type, why);
}

const struct sas_catalog *sas_catalog_read(struct sas_arena *a,
                                           const struct sas_value *live, const char **why)
{
    const struct sas_value *list;
    struct sas_catalog *catalog;
    struct sas_catalog_type *read;
    size_t i;

    list = live->type == SAS_TABLE ? list_field(live, "MetaDatas") : NULL;
    if (!list || list->count == 0) {
        *why = not_live;
        return NULL;
    }
    *why = "is too large";
    catalog = sas_arena_take(a, sizeof *catalog);
    read = sas_arena_take(a, list->count * sizeof *read);
    if (!catalog || !read)
        return NULL;
    catalog->types = read;
    for (i = 0; i < list->count; i++) {
        if (!read_type(a, &list->entries[i].value, &read[i], why))
            return NULL;
        catalog->type_count++;
    }
    return catalog;
}
