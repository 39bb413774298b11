/*
 * lua_sign.c - credentials, signing and encoding for Lua
 * SPDX-License-Identifier: MIT
 */
#include "lua_core.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <string.h>

#include "encode.h"
#include "lua_error.h"
#include "sign.h"

#define SIGN_METATABLE "aliyun.sas.sign"
#define NONCE_BYTES    16

/* --- credentials --- */

struct sas_credentials *sas_lua_check_credentials(lua_State *L, int index)
{
    return sas_lua_check(L, index, sizeof(struct sas_credentials),
                         SAS_CREDENTIALS_METATABLE);
}

static int credentials_gc(lua_State *L)
{
    sas_credentials_release(sas_lua_check_credentials(L, 1));
    return 0;
}

static int credentials_tostring(lua_State *L)
{
    struct sas_credentials *c = sas_lua_check_credentials(L, 1);
    struct sas_scratch *s = sas_lua_scratch(L);

    sas_buffer_text(&s->text, "<credentials ");
    sas_credentials_describe(c, &s->text);
    if (!sas_buffer_char(&s->text, '>'))
        return luaL_error(L, "not enough memory");
    sas_lua_push_buffer(L, &s->text);
    return 1;
}

static struct sas_view text_field(const struct sas_value *table, const char *name)
{
    const struct sas_value *v = sas_value_get(table, name);
    struct sas_view none = {NULL, 0};

    return v && v->type == SAS_STRING ? v->text : none;
}

/* A key that is no text would pass as one that is missing, and a token unseen. */
static bool check_key_types(const struct sas_value *t, struct sas_error *e)
{
    static const char *const names[] = {"accessKeyId", "accessKeySecret",
                                        "securityToken"};
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++) {
        const struct sas_value *v = sas_value_get(t, names[i]);

        if (v && v->type != SAS_STRING)
            sas_error_problem(e, names[i], sas_value_type(v), "give a string");
    }
    return e->kind == SAS_NONE && !e->no_memory;
}

/* credentials { accessKeyId =, accessKeySecret =, securityToken = } */
static int core_credentials(lua_State *L)
{
    struct sas_credentials *c;
    struct sas_scratch *s;
    struct sas_value t;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    s = sas_lua_scratch(L);
    c = sas_lua_box(L, sizeof *c, SAS_CREDENTIALS_METATABLE);
    sas_lua_read(L, 1, &s->arena, &t);
    if (!check_key_types(&t, &s->error) ||
        !sas_credentials_set(c, text_field(&t, "accessKeyId"),
                             text_field(&t, "accessKeySecret"),
                             text_field(&t, "securityToken"), &s->error)) {
        s->error.kind = SAS_CREDENTIALS;
        return sas_lua_return_error(L, &s->error);
    }
    sas_scratch_release(s);
    return 1;
}

/* --- sign --- */

/* One signing: what was read, what came out. */
struct signing {
    struct sas_arena arena;
    struct sas_error error;
    struct sas_signed out;
};

static void signing_release(struct signing *s)
{
    sas_arena_release(&s->arena);
    sas_error_release(&s->error);
    sas_signed_release(&s->out);
}

static int signing_gc(lua_State *L)
{
    signing_release(sas_lua_check(L, 1, sizeof(struct signing), SIGN_METATABLE));
    return 0;
}

static bool is_scalar(const struct sas_value *v)
{
    return v->type == SAS_STRING;
}

/* A table { name = text } or { name = { text, text } } as pairs. */
static void read_pairs(struct signing *s, const struct sas_value *t, const char *field,
                       struct sas_pairs *pairs)
{
    const struct sas_value *v = sas_value_get(t, field);
    struct sas_pair *items;
    size_t i;

    if (!v)
        return;
    if (v->type != SAS_TABLE || v->list) {
        sas_error_problem(&s->error, field, "is no table of names and texts", NULL);
        return;
    }
    items = sas_arena_take(&s->arena, (v->count + 1) * sizeof *items);
    if (!items) {
        s->error.no_memory = true;
        return;
    }
    for (i = 0; i < v->count; i++) {
        const struct sas_entry *entry = &v->entries[i];

        if (entry->key.type != SAS_STRING || !is_scalar(&entry->value)) {
            sas_error_problem(&s->error, field, "holds what is no text", NULL);
            return;
        }
        items[i].name = entry->key.text;
        items[i].value = entry->value.text;
    }
    pairs->items = items;
    pairs->count = v->count;
}

static void check_signing_names(struct signing *s, const struct sas_value *t)
{
    static const char *const legal[] = {
        "version",
        "method",
        "host",
        "path",
        "action",
        "apiVersion",
        "date",
        "nonce",
        "query",
        "headers",
        "exact",
        "body",
        "contentType",
        "form",
        "format",
        "common",
        "credentials",
        "accessKeyId",
        "accessKeySecret",
        "securityToken",
    };
    size_t i, j;

    for (i = 0; i < t->count; i++) {
        const struct sas_value *key = &t->entries[i].key;
        bool found = false;

        for (j = 0; j < sizeof legal / sizeof legal[0] && !found; j++)
            found = key->type == SAS_STRING && sas_view_is(key->text, legal[j]);
        if (!found) {
            struct sas_path root = sas_path_root(""), path = root;

            if (key->type == SAS_STRING)
                path = sas_path_name(&root, key->text);
            sas_error_problem(&s->error, path.text, "is no input of sign", NULL);
        }
    }
}

static bool flag(const struct sas_value *t, const char *name)
{
    const struct sas_value *v = sas_value_get(t, name);

    return v && v->type == SAS_BOOLEAN && v->boolean;
}

static void read_version(struct signing *s, const struct sas_value *t,
                         struct sas_sign_input *in)
{
    struct sas_view version = text_field(t, "version");

    if (sas_view_is(version, "v1"))
        in->version = SAS_SIGNATURE_V1;
    else if (version.data && !sas_view_is(version, "v3"))
        sas_error_problem(&s->error, "version", "is neither \"v3\" nor \"v1\"", NULL);
}

/* Where a text is expected, another type is a mistake that would otherwise pass unseen.
 */
static void check_signing_texts(struct signing *s, const struct sas_value *t)
{
    static const char *const texts[] = {
        "version",     "method",          "host",          "path",
        "action",      "apiVersion",      "date",          "nonce",
        "body",        "format",          "contentType",   "common",
        "accessKeyId", "accessKeySecret", "securityToken",
    };
    size_t i;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const struct sas_value *v = sas_value_get(t, texts[i]);

        if (v && v->type != SAS_STRING)
            sas_error_problem(&s->error, texts[i], sas_value_type(v), "give a string");
    }
}

static void read_input(struct signing *s, const struct sas_value *t,
                       struct sas_sign_input *in)
{
    check_signing_names(s, t);
    check_signing_texts(s, t);
    read_version(s, t, in);
    in->method = text_field(t, "method");
    if (!in->method.data)
        in->method = sas_view_text("POST");
    in->host = text_field(t, "host");
    in->path = text_field(t, "path");
    in->action = text_field(t, "action");
    in->api_version = text_field(t, "apiVersion");
    if (!in->api_version.data)
        in->api_version = sas_view_text(SAS_API_VERSION);
    in->date = text_field(t, "date");
    in->nonce = text_field(t, "nonce");
    in->body = text_field(t, "body");
    in->content_type = text_field(t, "contentType");
    in->format = text_field(t, "format");
    in->exact = flag(t, "exact");
    in->common_in_form = sas_view_is(text_field(t, "common"), "form");
    read_pairs(s, t, "query", &in->query);
    read_pairs(s, t, "form", &in->form);
    read_pairs(s, t, "headers", &in->headers);
}

static void read_keys(const struct sas_value *t, const struct sas_credentials *c,
                      struct sas_sign_input *in)
{
    in->key_id = text_field(t, "accessKeyId");
    in->key_secret = text_field(t, "accessKeySecret");
    in->security_token = text_field(t, "securityToken");
    if (c) {
        in->key_id = sas_buffer_as_view(&c->key_id);
        in->key_secret = sas_buffer_as_view(&c->key_secret);
        in->security_token = sas_buffer_as_view(&c->security_token);
    }
}

static void set_stage(lua_State *L, const char *name, const struct sas_buffer *b)
{
    sas_lua_push_buffer(L, b);
    lua_setfield(L, -2, name);
}

static void push_headers(lua_State *L, const struct sas_signed *out)
{
    size_t i;

    lua_createtable(L, 0, (int)out->header_count);
    for (i = 0; i < out->header_count; i++) {
        sas_lua_push_buffer(L, &out->headers[i].name);
        sas_lua_push_buffer(L, &out->headers[i].value);
        lua_rawset(L, -3);
    }
}

static void push_stages(lua_State *L, const struct sas_signed *out, bool v3)
{
    lua_newtable(L);
    set_stage(L, "canonicalQuery", &out->canonical_query);
    set_stage(L, "canonicalRequest", &out->canonical_request);
    set_stage(L, "stringToSign", &out->string_to_sign);
    set_stage(L, "signature", &out->signature);
    set_stage(L, "query", &out->query);
    set_stage(L, "body", &out->body);
    if (v3) {
        set_stage(L, "canonicalHeaders", &out->canonical_headers);
        set_stage(L, "signedHeaders", &out->signed_headers);
        set_stage(L, "contentSha256", &out->content_sha256);
        set_stage(L, "canonicalRequestSha256", &out->canonical_request_hash);
        set_stage(L, "authorization", &out->authorization);
    }
    push_headers(L, out);
    lua_setfield(L, -2, "headers");
}

/* The credentials in the table at index 1, which stay on the stack, or NULL. */
static const struct sas_credentials *push_credentials(lua_State *L)
{
    lua_pushstring(L, "credentials");
    lua_rawget(L, 1);
    return sas_lua_test(L, lua_gettop(L), sizeof(struct sas_credentials),
                        SAS_CREDENTIALS_METATABLE);
}

/* sign { ... }: every stage, or nil and the error object */
static int core_sign(lua_State *L)
{
    const struct sas_credentials *credentials;
    struct sas_sign_input in;
    struct sas_value t;
    struct signing *s;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    s = sas_lua_box(L, sizeof *s, SIGN_METATABLE);
    credentials = push_credentials(L); /* before the reading: no allocation after it */
    sas_lua_read(L, 1, &s->arena, &t);
    memset(&in, 0, sizeof in);
    if (t.type == SAS_TABLE)
        read_input(s, &t, &in);
    else
        sas_error_problem(&s->error, "", sas_value_type(&t), NULL);
    read_keys(&t, credentials, &in);
    if (s->error.kind == SAS_NONE)
        sas_sign(&in, &s->out, &s->error);
    if (s->error.kind != SAS_NONE || s->error.no_memory)
        return sas_lua_return_error(L, &s->error);
    push_stages(L, &s->out, in.version == SAS_SIGNATURE_V3);
    signing_release(s);
    return 1;
}

/* --- small functions --- */

/* Pushes what `encode` makes of the string argument. */
static int push_encoded(lua_State *L,
                        bool (*encode)(struct sas_buffer *, struct sas_view))
{
    struct sas_scratch *s;

    luaL_checktype(L, 1, LUA_TSTRING);
    s = sas_lua_scratch(L);
    if (!encode(&s->text, sas_lua_view(L, 1)))
        return luaL_error(L, s->text.failed == SAS_BUFFER_TOO_LARGE
                                 ? "the text is too large"
                                 : "not enough memory");
    sas_lua_push_buffer(L, &s->text);
    sas_scratch_release(s);
    return 1;
}

static bool to_hex(struct sas_buffer *out, struct sas_view in)
{
    return sas_encode_hex(out, in.data, in.length);
}

static bool to_base64(struct sas_buffer *out, struct sas_view in)
{
    return sas_encode_base64(out, in.data, in.length);
}

static bool to_printable(struct sas_buffer *out, struct sas_view in)
{
    return sas_encode_printable(out, in, in.length);
}

/* printable(text): on one line, without what could do harm in a terminal or a log */
static int core_printable(lua_State *L)
{
    return push_encoded(L, to_printable);
}

static int core_sha256(lua_State *L)
{
    return push_encoded(L, sas_sha256_hex);
}

static int core_percent(lua_State *L)
{
    return push_encoded(L, sas_encode_percent);
}

static int core_hex(lua_State *L)
{
    return push_encoded(L, to_hex);
}

static int core_base64(lua_State *L)
{
    return push_encoded(L, to_base64);
}

/* utf8(text): the number of code points, or nil where it is not UTF-8 */
static int core_utf8(lua_State *L)
{
    size_t points;

    luaL_checktype(L, 1, LUA_TSTRING);
    if (sas_utf8_check(sas_lua_view(L, 1), &points))
        lua_pushinteger(L, (lua_Integer)points);
    else
        lua_pushnil(L);
    return 1;
}

/* False: there are none. OpenSSL's queue of errors is the host's. */
static bool random_bytes(unsigned char *bytes, int count)
{
    bool good;

    ERR_set_mark();
    good = RAND_bytes(bytes, count) == 1;
    ERR_pop_to_mark();
    return good;
}

/* nonce(): 16 random bytes in hex, or nil and the error object */
static int core_nonce(lua_State *L)
{
    struct sas_scratch *s = sas_lua_scratch(L);
    unsigned char bytes[NONCE_BYTES];

    if (!random_bytes(bytes, sizeof bytes)) {
        sas_error_set(&s->error, SAS_STATE, "NO_RANDOM_NUMBERS",
                      "OpenSSL has no random numbers", "nothing was sent");
        return sas_lua_return_error(L, &s->error);
    }
    if (!sas_encode_hex(&s->text, bytes, sizeof bytes))
        return luaL_error(L, "not enough memory");
    sas_lua_push_buffer(L, &s->text);
    return 1;
}

/* random(): a number from 0 up to but not 1, or nil and the error object */
static int core_random(lua_State *L)
{
    struct sas_scratch *s = sas_lua_scratch(L);
    unsigned char bytes[4];
    uint32_t number;

    if (!random_bytes(bytes, sizeof bytes)) {
        sas_error_set(&s->error, SAS_STATE, "NO_RANDOM_NUMBERS",
                      "OpenSSL has no random numbers", NULL);
        return sas_lua_return_error(L, &s->error);
    }
    number = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
             (uint32_t)bytes[2] << 8 | bytes[3];
    lua_pushnumber(L, (lua_Number)number / 4294967296.0);
    return 1;
}

static const luaL_Reg signing_metamethods[] = {
    {"__gc", signing_gc},
    {NULL, NULL},
};

static const luaL_Reg credentials_metamethods[] = {
    {"__gc", credentials_gc},
    {"__tostring", credentials_tostring},
    {NULL, NULL},
};

static const luaL_Reg credentials_methods[] = {
    {"close", credentials_gc},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"credentials", core_credentials},
    {"sign", core_sign},
    {"sha256", core_sha256},
    {"percent", core_percent},
    {"hex", core_hex},
    {"base64", core_base64},
    {"utf8", core_utf8},
    {"printable", core_printable},
    {"nonce", core_nonce},
    {"random", core_random},
    {NULL, NULL},
};

void sas_lua_open_sign(lua_State *L)
{
    sas_lua_class(L, SAS_CREDENTIALS_METATABLE, credentials_metamethods,
                  credentials_methods);
    sas_lua_class(L, SIGN_METATABLE, signing_metamethods, NULL);
    luaL_setfuncs(L, functions, 0);
}
