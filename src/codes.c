/*
 * codes.c - the error codes, and what to do about them
 * SPDX-License-Identifier: MIT
 */
#include "codes.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct sas_code service_codes[] = {
    {"Throttling*", SAS_SERVICE, true, true,
     "too many requests for this account: call again after a pause"},
    {"Rejected.Throttling*", SAS_SERVICE, true, true,
     "too many requests for this account: call again after a pause"},
    {"NoPermission*", SAS_SERVICE, false, false,
     "grant the RAM action to this user or role; chatbots need the Enterprise or "
     "Ultimate "
     "edition of Security Center"},
    {"Forbidden*", SAS_SERVICE, false, false,
     "grant the RAM action to this user or role; chatbots need the Enterprise or "
     "Ultimate "
     "edition of Security Center"},
    {"SignatureDoesNotMatch*", SAS_SERVICE, false, false,
     "check the AccessKeySecret, and that nothing between here and the service changes "
     "the "
     "request"},
    {"IncompleteSignature*", SAS_SERVICE, false, false,
     "check the endpoint and any proxy between"},
    {"SignatureNonceUsed*", SAS_SERVICE, false, false,
     "a request with this nonce arrived before: every call needs a new nonce"},
    {"InvalidTimeStamp*", SAS_SERVICE, false, false,
     "check this machine's clock: the service accepts 15 minutes of difference"},
    {"IllegalTimestamp*", SAS_SERVICE, false, false,
     "check this machine's clock: the service accepts 15 minutes of difference"},
    {"InvalidAccessKeyId*", SAS_CREDENTIALS, false, false,
     "check the AccessKeyId: it does not exist or is disabled, or it belongs to the "
     "other "
     "site"},
    {"InvalidSecurityToken*", SAS_CREDENTIALS, false, false,
     "get new temporary credentials: the security token is expired or does not belong to "
     "the AccessKeyId"},
    {"SecurityTokenExpired*", SAS_CREDENTIALS, false, false,
     "get new temporary credentials: the security token is expired"},
    {"MissingSecurityToken*", SAS_CREDENTIALS, false, false,
     "temporary credentials (STS) need their security token"},
    {"ServiceUnavailable*", SAS_SERVICE, true, false, "call again later"},
    {"InternalError*", SAS_SERVICE, true, false, "call again later"},
    {"UnknownError*", SAS_SERVICE, true, false, "call again later"},
    {"ServerError*", SAS_SERVICE, true, false,
     "call again later; if it stays, the request may be one that the service cannot "
     "take"},
    {"InvalidAction*", SAS_SERVICE, false, false,
     "check the endpoint: it does not know this action"},
    {"InvalidApi*", SAS_SERVICE, false, false,
     "check the endpoint: it does not know this action"},
    {"InvalidProduct*", SAS_SERVICE, false, false,
     "check the endpoint: it serves another product"},
    {"NoSuchVersion*", SAS_SERVICE, false, false,
     "check the endpoint: it serves another product"},
    {"InvalidRegion*", SAS_SERVICE, false, false, "check regionId and endpoint"},
    {"InvalidProtocol*", SAS_SERVICE, false, false, "the endpoint wants https"},
    {"Missing*", SAS_SERVICE, false, false,
     "the service misses a parameter: see the message"},
    {"Invalid*", SAS_SERVICE, false, false,
     "the service refuses a parameter: see the message"},
    {"*", SAS_SERVICE, false, false, NULL},
};

static const struct sas_code transport_codes[] = {
    {"COULDNT_RESOLVE_HOST", SAS_NETWORK, true, false,
     "check regionId or endpoint, and the name service of this machine"},
    {"COULDNT_RESOLVE_PROXY", SAS_NETWORK, true, false, "check the proxy's name"},
    {"COULDNT_CONNECT", SAS_NETWORK, true, false,
     "check that this machine reaches the endpoint, and the proxy if there is one (the "
     "setting proxy, or https_proxy and no_proxy in the environment)"},
    {"PROXY", SAS_NETWORK, true, false,
     "check the proxy: it is there, and makes no connection"},
    {"PROXY_REFUSED", SAS_NETWORK, false, false,
     "check the user and the password in the proxy's URL, and that it may connect to the "
     "endpoint"},
    {"TIMEOUT", SAS_NETWORK, true, false,
     "check that this machine reaches the endpoint, or raise connectTimeout or timeout"},
    {"DEADLINE", SAS_NETWORK, true, false, "raise deadline"},
    {"TLS_CERTIFICATE", SAS_NETWORK, false, false,
     "the server's certificate is not to be trusted; where a company's own authority "
     "signs "
     "it, give its certificate as caFile"},
    {"TLS_HANDSHAKE", SAS_NETWORK, true, false,
     "check that a TLS server answers at the endpoint"},
    {"CA_FILE", SAS_NETWORK, false, false,
     "check that caFile names a readable PEM file; without it, that this system has "
     "certificate authorities (Debian: ca-certificates)"},
    {"FORBIDDEN_ADDRESS", SAS_NETWORK, false, false,
     "plain http is only for a loopback endpoint asked for by name"},
    {"INVALID_REQUEST", SAS_STATE, false, false, NULL},
    {"UNSUPPORTED", SAS_STATE, false, false,
     "libcurl here is too old or was built without TLS"},
    {"PHASE", SAS_STATE, false, false,
     "make the call where nginx can wait: in a request's content, or in a timer"},
    {"UNVERIFIABLE", SAS_NETWORK, false, false, "give the endpoint by its name"},
    {"CLOSED", SAS_STATE, false, false, "make a new client"},
    {"TOO_MANY", SAS_STATE, true, false, "wait until some of them have ended"},
    {"OUT_OF_MEMORY", SAS_STATE, true, false, NULL},
    {"*", SAS_NETWORK, true, false, NULL},
};

static bool fits(const char *pattern, struct sas_view code)
{
    size_t length = strlen(pattern);

    if (length && pattern[length - 1] == '*')
        return code.length >= length - 1 && memcmp(code.data, pattern, length - 1) == 0;
    return sas_view_is(code, pattern);
}

static const struct sas_code *find(const struct sas_code *rows, size_t count,
                                   struct sas_view code)
{
    size_t i = 0;

    while (i + 1 < count && !fits(rows[i].code, code))
        i++;
    return &rows[i];
}

const struct sas_code *sas_code_of_service(struct sas_view code)
{
    return find(service_codes, COUNT(service_codes), code);
}

const struct sas_code *sas_code_of_transport(struct sas_view code)
{
    return find(transport_codes, COUNT(transport_codes), code);
}
