/*
 * show.c - a request for people: complete, but for its secrets
 * SPDX-License-Identifier: MIT
 */
#include "show.h"

#include <string.h>

#include "encode.h"
#include "path.h"

#define VALUE_MAX 2000

/* Of a robot's URL what all robots have, of another its host, of anything else nothing.
 */
static void show_secret(struct sas_view value, struct sas_buffer *out)
{
    static const char scheme[] = "https://", robot[] = "/robot/send?";
    size_t i = sizeof scheme - 1, length = sizeof robot - 1;

    if (value.length > i && memcmp(value.data, scheme, i) == 0) {
        while (i < value.length && !strchr("/?#", value.data[i]))
            i++;
        sas_encode_printable(out, (struct sas_view){value.data, i}, VALUE_MAX);
        if (value.length - i > length && memcmp(value.data + i, robot, length) == 0)
            sas_buffer_text(out, robot);
        else
            sas_buffer_char(out, '/');
    }
    sas_buffer_text(out, SAS_MASK);
}

static void show_parameter(const struct sas_call *c, const struct sas_sent_parameter *p,
                           struct sas_buffer *out)
{
    struct sas_view value = sas_buffer_as_view(&p->value);

    struct sas_word_text name;

    name = sas_word_quote(sas_buffer_as_view(&p->name), "(a name that is no word)");
    sas_buffer_text(out, "\n  ");
    if (c->operation)
        sas_buffer_view(out, sas_buffer_as_view(&p->name));
    else
        sas_buffer_text(out, name.text);
    sas_buffer_text(out, " = ");
    if (!c->operation)
        sas_buffer_format(out, "<%lu bytes>", (unsigned long)value.length);
    else if (p->secret)
        show_secret(value, out);
    else
        sas_encode_printable(out, value, VALUE_MAX);
}

/* Headers, and common parameters of signature 1.0; whatever is added later is masked
 * until it is named. */
bool sas_is_public(struct sas_view name)
{
    static const char *const names[] = {
        "host",
        "accept",
        "user-agent",
        "content-type",
        "x-acs-date",
        "x-acs-action",
        "x-acs-signature-nonce",
        "x-acs-content-sha256",
        "x-acs-version",
        "Action",
        "Version",
        "Format",
        "SignatureMethod",
        "SignatureVersion",
        "SignatureNonce",
        "Timestamp",
    };
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (sas_view_is(name, names[i]))
            return true;
    }
    return false;
}

static void show_authorization(const struct sas_call *c, struct sas_buffer *out)
{
    sas_buffer_text(out, "ACS3-HMAC-SHA256 Credential=" SAS_MASK ",SignedHeaders=");
    sas_buffer_view(out, sas_buffer_as_view(&c->request.signed_headers));
    sas_buffer_text(out, ",Signature=" SAS_MASK);
}

static void show_header(const struct sas_call *c, const struct sas_header *h,
                        struct sas_buffer *out)
{
    struct sas_view name = sas_buffer_as_view(&h->name);

    sas_buffer_text(out, "\n  ");
    sas_buffer_view(out, name);
    sas_buffer_text(out, ": ");
    if (sas_is_public(name))
        sas_encode_printable(out, sas_buffer_as_view(&h->value), VALUE_MAX);
    else if (sas_view_is(name, "authorization"))
        show_authorization(c, out);
    else
        sas_buffer_text(out, SAS_MASK);
}

bool sas_call_show(const struct sas_call *c, struct sas_buffer *out)
{
    size_t i;

    sas_buffer_text(out, c->settings.https ? "POST https://" : "POST http://");
    sas_buffer_view(out, sas_buffer_as_view(&c->settings.host));
    if (c->settings.port)
        sas_buffer_format(out, ":%d", c->settings.port);
    sas_buffer_text(out, "/ ");
    sas_buffer_view(out, sas_buffer_as_view(&c->action));
    sas_buffer_text(out, c->settings.in_body ? "\nform" : "\nquery");
    for (i = 0; i < c->parameters.count; i++)
        show_parameter(c, &c->parameters.items[i], out);
    if (c->settings.signature == SAS_SIGNATURE_V1)
        sas_buffer_text(out, "\n  (and the common parameters of signature 1.0)");
    sas_buffer_text(out, "\nheaders");
    for (i = 0; i < c->request.header_count; i++)
        show_header(c, &c->request.headers[i], out);
    return !out->failed;
}
