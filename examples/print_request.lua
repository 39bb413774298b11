-- print_request.lua - the signed request of a call, which is not sent
-- SPDX-License-Identifier: MIT
--
-- usage: lua print_request.lua [ENDPOINT]
--
-- Without ENDPOINT: as for the real service, with ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID,
-- ALIBABA_CLOUD_ACCESS_KEY_SECRET and DINGTALK_WEBHOOK; setup.lua says more. No connection is made.
-- Exit status: 0, or 1 with the error on stderr.

local setup = dofile((arg[0]:match "^.*/" or "") .. "setup.lua")

setup.run(function(endpoint)
  local webhook = setup.webhook(endpoint)
  local client = setup.connect(endpoint)
  local request = setup.must(client:prepare("CreateOrUpdateDingTalk", {
    RuleActionName = "testNotify",
    SendUrl = webhook,
    IntervalTime = 0,
    ConfigList = { vul = "all" },
    GroupIdList = { "10417151" },
    DingTalkLang = "en",
  }))

  -- tostring masks. The fields do not: request.url, request.query, request.headers and request.body are what a client
  -- of your own would send, with the webhook's token and a signature that is good for 15 minutes.
  print(request)
  print(("%d bytes of query, %d bytes of body"):format(#request.query, #request.body))
  client:close()
end, ...)
