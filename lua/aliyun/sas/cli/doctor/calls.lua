--- What doctor says of the operations: whether the service takes the keys, and which calls they may make.
--
-- Reads are called. What would change something is not, not even with arguments that must be wrong: whether the service
-- looks at the arguments or at the permission first is documented nowhere, so its answer would tell nothing.

local core = require "aliyun.sas.core"
local permissions = require "aliyun.sas.cli.permissions"
local sas = require "aliyun.sas"

local SECONDS = 15

local PARAMS = { DescribeDingTalk = { PageSize = 1 }, DescribeDataSource = { ConfigType = "DingTalk" } }

-- The client, over the provider that was asked already: a second one would ask again.
local function open(patient)
  local given = {}
  for name, value in pairs(patient.given) do
    given[name] = value
  end
  given.accessKeyId, given.accessKeySecret, given.securityToken = nil, nil, nil
  given.credentials, given.deadline, given.retries = patient.provider, SECONDS, 1
  return sas.new(given)
end

-- What the service says of keys that it does not take.
local function is_refusal(err)
  return err.kind == "credentials" or err.code:find "^SignatureDoesNotMatch" ~= nil
    or err.code:find "^IncompleteSignature" ~= nil or err.code == "Forbidden.AccessKeyDisabled"
end

local function is_late(err)
  return err.code:find "^InvalidTimeStamp" ~= nil or err.code:find "^IllegalTimestamp" ~= nil
end

-- What the first answer tells of the keys. Answers whether to go on.
local function note_accepted(patient, err)
  if err and is_refusal(err) then
    patient:note("accepted", "bad", patient.text(err), err.hint or "check the keys")
    return false
  elseif err and is_late(err) then
    patient:note("accepted", "unsure", patient.text(err), err.hint)
    return false
  elseif err and err.kind ~= "service" then
    patient:note("accepted", "unsure", patient.text(err), err.hint)
    return false
  end
  patient:note("accepted", "good", "the service takes the keys")
  return true
end

local function note_call(patient, operation, err)
  if not err then
    return patient:note(operation.action, "good", "allowed")
  elseif permissions.is_denial(err) then
    return patient:note(operation.action, "bad", patient.text(err), permissions.fix(operation.action))
  end
  patient:note(operation.action, err.retryable and "unsure" or "bad", patient.text(err), err.hint or "see the message")
end

local function skip(patient, operations, why)
  for _, operation in ipairs(operations) do
    patient:note(operation.action, "skipped", why)
  end
end

local function split()
  local reads, writes = {}, {}
  for _, operation in ipairs(core.operations()) do
    local list = operation.class == "read" and reads or writes
    list[#list + 1] = operation
  end
  return reads, writes
end

local function call_reads(patient, reads)
  local rest = {}
  for i, operation in ipairs(reads) do
    local answer, err = patient.client[operation.method](patient.client, PARAMS[operation.action] or {})
    err = not answer and err or nil
    if i == 1 and not note_accepted(patient, err) then
      patient.refused, rest = true, reads
      break
    elseif patient:is_late() then
      rest[#rest + 1] = operation
    else
      note_call(patient, operation, err)
    end
  end
  skip(patient, rest, patient.refused and "the first call failed" or "the time is up")
end

--- Notes the operations, and keeps the client as `patient.client`.
return function(patient)
  local reads, writes = split()
  local lacks = not patient.answer and "there is no connection" or not patient.provider and "there are no credentials"
  if lacks then
    patient:note("accepted", "skipped", lacks)
    skip(patient, reads, lacks)
  else
    patient.client = open(patient)
    call_reads(patient, reads)
  end
  skip(patient, writes, "not called, since it would change something; RAM shows whether it is allowed")
end
