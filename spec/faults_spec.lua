-- faults_spec.lua - the table of faults is whole, and each of its rows is played somewhere or says why not
-- SPDX-License-Identifier: MIT

local faults = require "spec.support.faults"
local files = require "spec.support.files"

-- The faults that were thought of, by their numbers; some were merged into others.
local NUMBERS = {}
for number = 1, 86 do
  NUMBERS[("F%02d"):format(number)] = true
end
for _, merged in ipairs { "F20", "F23", "F34", "F48", "F50", "F52", "F59", "F68", "F73" } do
  NUMBERS[merged] = nil
end

-- What may be wrong with a server's TLS: a word of the fault for each.
local TLS = {
  "has expired", "not valid yet", "signed by itself", "root nobody trusts", "without its intermediate", "another name",
  "address that is not in the certificate", "another name in the SubjectAltName", "NUL behind the right name",
  "issuer that is no authority", "may not sign for this name", "certificate for clients", "key that may not",
  "TLS 1.0 only", "TLS 1.1 only", "no common cipher", "Diffie-Hellman", "closed when accepted",
  "reset in the handshake", "silence in the handshake",
  "plain HTTP on the port", "garbage for a hello", "alert after the hello",
  "chain of 200 KiB", "CA file that does not exist", "empty CA file", "CA file of garbage", "folder for a CA file",
}

local function place_of(row)
  return row.on and ("spec/faults_%s_spec.lua"):format(row.on) or row.elsewhere
end

describe("the table of faults", function()
  it("has every number, and no other", function()
    local found = {}
    for _, row in ipairs(faults.rows) do
      assert.is_true(NUMBERS[row.id] or row.id:find "^T%d%d$" ~= nil, row.id)
      found[row.id] = true
    end
    for id in pairs(NUMBERS) do
      assert.is_true(found[id], id .. " is missing")
    end
  end)

  it("has each fault once", function()
    local known = {}
    for _, row in ipairs(faults.rows) do
      assert.is_nil(known[row.fault], row.fault)
      known[row.fault] = true
    end
  end)

  it("has a row that is played for everything that may be wrong with TLS", function()
    for _, words in ipairs(TLS) do
      local found = false
      for _, row in ipairs(faults.rows) do
        found = found or (row.on and row.fault:find(words, 1, true) and row.sent == false and row.seen == 0)
      end
      assert.is_truthy(found, words)
    end
  end)

  it("says of each row where it is played, or why not", function()
    for _, row in ipairs(faults.rows) do
      local count = (row.on and 1 or 0) + (row.elsewhere and 1 or 0) + (row.why and 1 or 0)
      assert.equal(1, count, row.id)
      local text = place_of(row) and files.read(place_of(row))
      assert.is_truthy(text or not row.on, row.id)
      assert.is_truthy(not row.test or (text and text:find(row.test, 1, true)), row.id .. ": " .. (row.test or ""))
    end
  end)

  it("says of each answer that is no good that no write is done with it", function()
    for _, row in ipairs(faults.rows) do
      for _, class in ipairs { "update", "create", "test" } do
        local kind = row.expect and row.sent and row.expect[class][2]
        -- one that was sent is unknown, or refused by the service; a clock that differs is corrected
        assert.is_true(not kind or kind == "unknown" or kind == "service" or row.expect[class][1] == 2, row.id)
        -- and one that is unknown is no create that was made twice
        assert.is_true(kind ~= "unknown" or class == "update" or row.expect[class][1] == 1, row.id)
      end
    end
  end)

  for _, row in ipairs(faults.rows) do
    local name = ("%s: %s"):format(row.id, row.fault)
    if row.why then
      it(name, function() pending(row.why) end)
    elseif row.elsewhere and not row.test then
      it(name, function() pending("will be played in " .. row.elsewhere) end)
    end
  end
end)
