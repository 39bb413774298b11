-- recorder.lua - a transport table that records requests and answers what it is told
-- SPDX-License-Identifier: MIT

local recorder = {}

recorder.RequestId = "76975B7A-34DC-5CB6-9538-91700D4F112E"

--- Answers a transport whose `requests` are what it was sent. `answer` is an outcome, or a function of the request.
function recorder.new(answer)
  local transport = { requests = {}, slept = {} }
  function transport.send(request)
    transport.requests[#transport.requests + 1] = request
    if type(answer) == "function" then
      return answer(request)
    end
    return answer or recorder.good()
  end
  return transport
end

function recorder.good(fields)
  return {
    sent = true, status = 200, headers = {},
    body = '{"RequestId":"' .. recorder.RequestId .. '"' .. (fields and "," .. fields or "") .. "}",
  }
end

return recorder
