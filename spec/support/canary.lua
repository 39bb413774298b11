-- canary.lua - secrets that must never be seen again
-- SPDX-License-Identifier: MIT
--
-- Specs use these wherever a secret is wanted; tools/canary searches all their output for
-- them. Each is joined at run time, so that the sources themselves are no hit.

return {
  accessKeyId = "LTAI5tCanary" .. "PublicKeyId0",
  accessKeySecret = "CanarySecret" .. "DoNotShowMe0123",
  securityToken = "CAISCanary+Token/" .. "DoNotShowMe=45+6/78==",
  accessToken = "c0ffee5eed" .. "canary0webhook0token0do0not0show0me",
}
