--- What doctor says of the way to the endpoint: name, connection, certificate, and whether the service is what answers.

local source = require "aliyun.sas.cli.doctor.source"

local STEPS = { "name", "connection", "certificate", "answer" }

local MEANS = {
  name = "the host name has an address", connection = "the host takes connections",
  certificate = "good, by the authorities of ",
}

local PROXY_NAMES = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }

local NETWORK = "check the network and the firewall; where only a proxy gets out, set HTTPS_PROXY"
local BETWEEN = "check what stands between here and the endpoint (a proxy, a firewall), and SOURCE"

-- The transport's code: the step that failed, and what to do; SOURCE stands for what chose the endpoint.
local FAILURES = {
  COULDNT_RESOLVE_HOST = { "name",
    "check the spelling of SOURCE, and this machine's name service; where only a proxy gets out, set HTTPS_PROXY" },
  COULDNT_RESOLVE_PROXY = { "name", "the proxy's name has no address: correct or unset the proxy's variable" },
  COULDNT_CONNECT = { "connection", NETWORK },
  PROXY = { "connection", "the proxy is there and makes no connection: correct or unset the proxy's variable" },
  PROXY_REFUSED = { "connection",
    "give the proxy's variable a user and a password that are good, and have the proxy let the endpoint through" },
  FORBIDDEN_ADDRESS = { "connection", "plain http is for loopback hosts only: use https" },
  TIMEOUT = { "connection", NETWORK .. "; or raise --timeout" },
  TLS_HANDSHAKE = { "certificate", "no TLS server answers there: " .. BETWEEN },
  TLS_CERTIFICATE = { "certificate", "check SOURCE and the clock; where a company's own authority signs, give its "
    .. "certificate by --ca-file; else install the system's authorities (Debian: ca-certificates)" },
  CA_FILE = { "certificate", "have --ca-file name a PEM file that can be read; without it, install the system's "
    .. "authorities (Debian: ca-certificates)" },
  UNSUPPORTED = { "certificate", "install a libcurl with TLS" },
}

local function proxies(patient)
  local set = {}
  for _, name in ipairs(PROXY_NAMES) do
    local value = patient.run.host.getenv(name)
    set[#set + 1] = value and value ~= "" and name or nil -- the value may have a password
  end
  return set
end

local function fix_of(patient, step, fix)
  local set = proxies(patient)
  if step == "connection" and #set > 0 then
    return ("check the network, and the proxy that %s names"):format(table.concat(set, ", "))
  end
  return (fix:gsub("SOURCE", source.of(patient.at)))
end

-- A name is looked up by the proxy where there is one, and without TLS there is no certificate.
local function note_good(patient, step)
  if step == "name" and #proxies(patient) > 0 then
    return patient:note(step, "skipped", "a proxy may look it up")
  end
  if step == "certificate" and patient.at.scheme == "http" then
    return patient:note(step, "skipped", "plain http to this machine")
  end
  local ca = patient.run.args.ca_file and "--ca-file" or "the system"
  patient:note(step, "good", MEANS[step] .. (step == "certificate" and ca or ""))
end

local function note_failed(patient, outcome)
  local failed = FAILURES[outcome.code] or { outcome.sent and "answer" or "connection", BETWEEN }
  local late = outcome.code == "TIMEOUT" and not outcome.sent
  local at = outcome.code == "TIMEOUT" and outcome.sent and "answer" or failed[1]
  local passed = true
  for _, step in ipairs(STEPS) do
    if step == at then
      passed = false
      patient:note(step, "bad", ("%s: %s"):format(tostring(outcome.code), tostring(outcome.message)),
        fix_of(patient, step, failed[2]))
    elseif passed and late then
      patient:note(step, "unsure", "the time was up before this could be told")
    elseif passed then
      note_good(patient, step)
    else
      patient:note(step, "skipped", "it did not come so far")
    end
  end
end

-- Each answer of the service has a RequestId, in its head or its body; the page of a proxy has none.
local function note_answer(patient, outcome, seconds)
  for i = 1, 3 do
    note_good(patient, STEPS[i])
  end
  local headers = type(outcome.headers) == "table" and outcome.headers or {}
  local took = ("%.2f seconds"):format(seconds)
  if headers["x-acs-request-id"] or tostring(outcome.body):find "RequestId" then
    return patient:note("answer", "good", "the service, in " .. took)
  end
  patient:note("answer", "unsure", ("status %s without a RequestId, in %s: perhaps not the service"):format(
    tostring(outcome.status), took), fix_of(patient, "answer", BETWEEN))
end

local function ask(patient)
  local at = patient.at
  return patient.transport.send {
    method = "GET", scheme = at.scheme, host = at.host, port = at.port or (at.scheme == "http" and 80 or 443),
    path = "/", query = "", body = "", headers = { host = at.host, accept = "application/json" },
    connectTimeout = patient.connectTimeout, timeout = patient.timeout, maxBody = 1048576, fresh = true,
  }
end

--- Notes the way to the endpoint by one unsigned request, and keeps its answer as `patient.answer`.
return function(patient)
  local set = proxies(patient)
  if #set > 0 then
    patient:note("proxy", "good", table.concat(set, ", ") .. " of the environment (NO_PROXY names the exceptions)")
  end
  if not (patient.at and patient.transport) then
    return patient:note("connection", "skipped", patient.at and "there is no libcurl" or "there is no endpoint")
  end
  local began = patient.monotonic()
  local outcome = ask(patient)
  if not outcome.status then
    return note_failed(patient, outcome)
  end
  patient.answer = { headers = outcome.headers, seconds = patient.monotonic() - began }
  note_answer(patient, outcome, patient.answer.seconds)
end
