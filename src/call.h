/*
 * call.h - one API call as a state machine without I/O
 * SPDX-License-Identifier: MIT
 *
 * Order of use: sas_call_prepare (or _raw), then sas_call_next until it says DONE; in
 * between what it asked for: sas_call_sign after CREDENTIALS, sas_call_feed after SEND, a
 * pause after WAIT. The call owns no credentials: it is handed them to sign, and keeps
 * what is secret of them in its mask alone.
 *
 * A call is sent again, newly signed, only if it certainly was not executed, or is a
 * read, or is an update that may be repeated (outcome.c has the table). Once a copy of a
 * write may have been executed, whatever ends the call later ends it as unknown.
 */
#ifndef SAS_CALL_H
#define SAS_CALL_H

#include "credentials.h"
#include "operation.h"
#include "outcome.h"
#include "retry.h"
#include "sign.h"

SAS_HIDDEN_BEGIN

enum sas_step { SAS_STEP_CREDENTIALS, SAS_STEP_SEND, SAS_STEP_WAIT, SAS_STEP_DONE };

struct sas_call_settings {
    enum sas_signature signature;
    bool in_body; /* parameters travel as a form, not in the query */
    bool https;
    struct sas_buffer host; /* without the port */
    int port;               /* 0: the scheme's own */
    struct sas_buffer user_agent;
    double connect_timeout, timeout, deadline; /* seconds */
    int retries; /* repetitions at most, those by another clock or token apart */
};

enum sas_call_state {
    SAS_CALL_NEW,     /* wants credentials */
    SAS_CALL_SIGNED,  /* wants to be sent */
    SAS_CALL_REPEATS, /* fed, and to be sent again after `wait` */
    SAS_CALL_WAITS,   /* until `wait_until` */
    SAS_CALL_DONE
};

struct sas_call {
    struct sas_call_settings settings;
    const struct sas_operation *operation; /* NULL: unchecked */
    const struct sas_operation *known;     /* what its action is, checked or not */
    struct sas_buffer action;
    enum sas_class effect;
    struct sas_request_parameters parameters;

    enum sas_call_state state;
    bool started;
    double start, now;
    int sends;               /* exchanges made */
    bool sent;               /* in the last of them something may have left */
    bool once;               /* the one further try of SAS_ONCE is spent */
    bool corrected;          /* so is the one with the service's clock */
    bool renewed;            /* and the one with new credentials */
    bool stale;              /* the credentials to be signed with have to be new ones */
    bool open;               /* a copy of this write may have been executed */
    double wait, wait_until; /* seconds; monotonic */
    int cost;                /* of the last repetition, in the budget */
    bool clock_known;        /* the service's clock, from the last answer's Date */
    int64_t clock;           /* seconds since the epoch */
    bool expired;            /* that answer refused ours */
    int64_t signed_at;       /* the date of the last signature */

    struct sas_signed request; /* SAS_CALL_SIGNED and later */
    struct sas_buffer token;   /* that it was signed with */
    struct sas_mask mask;      /* until SAS_STEP_DONE */
    struct sas_reply reply;    /* SAS_CALL_DONE: the result, where it is good */
    struct sas_error error;    /* what the last exchange came to, otherwise */
    struct sas_error warnings; /* problems that do not stop the call */
};

/* Checks the parameters of an operation; false with the problems in call->error. */
bool sas_call_prepare(struct sas_call *c, const struct sas_operation *op,
                      const struct sas_value *params);

/* The class of an action that is given none: the table's, or the careful one. */
enum sas_class sas_call_class(struct sas_view action, const struct sas_value *params);

/*
 * The same for any action: unchecked, with the class it is given. A class that is milder
 * than the table's is an error: what may be repeated is not for the caller to widen.
 */
bool sas_call_prepare_raw(struct sas_call *c, struct sas_view action,
                          const struct sas_value *params, enum sas_class effect);

/* What the call needs now; `now` is monotonic, in seconds. Behind WAIT c->wait is set. */
enum sas_step sas_call_next(struct sas_call *c, double now);

/*
 * Makes the signed request; `date` is yyyy-MM-ddTHH:mm:ssZ. False with the problem in *e;
 * the call then still waits for credentials. False without one where the token is again
 * the one that the service has refused: then the call is over, and c->error stands.
 */
bool sas_call_sign(struct sas_call *c, const struct sas_credentials *credentials,
                   struct sas_view date, struct sas_view nonce, struct sas_error *e);

/*
 * Takes what came back of the exchange and decides what follows. `jitter` is a random
 * number from 0 to 1; `budget` is the client's.
 */
void sas_call_feed(struct sas_call *c, const struct sas_outcome *outcome, double jitter,
                   struct sas_budget *budget);

/* Seconds of the deadline that are left at `now`; all of them before the first step. */
double sas_call_left(const struct sas_call *c, double now);

/* Seconds that the exchange may take, within what is left of the deadline. */
double sas_call_timeout(const struct sas_call *c);
double sas_call_connect_timeout(const struct sas_call *c);

/* True: not on a reused connection, which may have died unnoticed. */
bool sas_call_fresh(const struct sas_call *c);

/* Bytes of an answer that are read at most. */
size_t sas_call_max_body(const struct sas_call *c);

void sas_call_release(struct sas_call *c);

SAS_HIDDEN_END

#endif
