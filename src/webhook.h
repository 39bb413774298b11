/*
 * webhook.h - the URL of a DingTalk robot, as data: it is checked, never fetched
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_WEBHOOK_H
#define SAS_WEBHOOK_H

#include "error.h"
#include "path.h"

SAS_HIDDEN_BEGIN

/*
 * False, with every problem in *e, when the text cannot be a webhook: no https, no host,
 * user-info, a bad port, spaces, control bytes, backslashes, bytes outside ASCII. What is
 * legal but no robot of DingTalk's, or one that Security Center cannot use (a signed
 * URL), is added to *warnings. No message holds any part of the URL but its host.
 *
 * Source: DingTalk's custom robot pages; Security Center's user guide, "notifications".
 */
bool sas_webhook_check(struct sas_view url, const struct sas_path *path,
                       struct sas_error *e, struct sas_error *warnings);

SAS_HIDDEN_END

#endif
