--- HTTP/1.1 as one exchange needs it (RFC 9112): the text of a request, and the reading of an answer.
--
-- No I/O of its own. What is not understood is refused: an answer that two readers could take for two different ones is
-- none. The rules stand in the table of src/http_answer.c, which does the same for libcurl. No step costs more than the
-- bytes it takes, however they are cut into pieces.

local http1 = {}

-- As the transport over libcurl has them (src/http.h); interim answers count too.
local HEAD_MAX = 64 * 1024
local LINES_MAX = 128

local CHUNK_LINE_MAX = 1024 -- bytes of a line that says how long a chunk is, and of a trailer
local CHUNK_DIGITS = 8 -- of that length: no chunk has 4 GiB
local CHUNK_DIGITS_ALL = 16 -- with the zeros before it

-- Request ------------------------------------------------------------------------------------------------------------

-- These say where the request ends; two answers to that would be two requests.
local RESERVED = { ["content-length"] = true, ["transfer-encoding"] = true }

local function is_header(name, value)
  return name:match "^[%l%d_%-]+$" and not RESERVED[name] and not value:find "[%z\1-\8\10-\31\127]"
end

local function target(request)
  local path, query = request.path, request.query or ""
  if path:match "^/[!-~]*$" and not path:find "[?#]" and query:match "^[!-~]*$" and not query:find("#", 1, true) then
    return query ~= "" and path .. "?" .. query or path
  end
end

-- The Host header that belongs to a request without one.
local function place(request)
  local host = request.host:find(":", 1, true) and "[" .. request.host .. "]" or request.host
  local standard = request.scheme == "https" and 443 or 80
  return request.port and request.port ~= standard and host .. ":" .. request.port or host
end

--- The text of a request; nil where a header or the target could break out of its place.
---@param request aliyun.sas.request
---@return string? text
function http1.request(request)
  local at, body = target(request), request.body or ""
  if not at or not request.method:match "^%u+$" then
    return nil
  end
  local lines = { request.method .. " " .. at .. " HTTP/1.1" }
  if not request.headers.host then
    lines[2] = "host: " .. place(request)
  end
  for name, value in pairs(request.headers) do
    if not is_header(name, value) then
      return nil
    end
    lines[#lines + 1] = name .. ": " .. value
  end
  if body ~= "" or request.method ~= "GET" then
    lines[#lines + 1] = "content-length: " .. #body
  end
  lines[#lines + 1] = "\r\n" .. body
  return table.concat(lines, "\r\n")
end

-- Bytes --------------------------------------------------------------------------------------------------------------

-- A reader holds the bytes that were received, of which those before `at` are used.
local function more(reader)
  local bytes, err = reader.receive()
  if not bytes then
    return nil, err
  end
  reader.data, reader.at = bytes, 1
  return true
end

-- Takes what there is, but not more than so many bytes; an empty text where nothing is left.
local function some(reader, most)
  local from = reader.at
  local stop = math.min(#reader.data, from + most - 1)
  reader.at = stop + 1
  return reader.data:sub(from, stop)
end

-- Pieces of a text that may be many and small: two levels of them, so that they take no more room than need be.
local function add(parts, text)
  parts.size = parts.size + #text
  parts.small[#parts.small + 1] = text
  if #parts.small >= 512 then
    parts[#parts + 1] = table.concat(parts.small)
    parts.small = {}
  end
end

local function new_parts()
  return { size = 0, small = {} }
end

local function joined(parts)
  parts[#parts + 1] = table.concat(parts.small)
  return table.concat(parts)
end

-- A line with its end, of so many bytes at most.
local function line(reader, most)
  local stop = reader.data:find("\n", reader.at, true)
  if stop and stop - reader.at < most then
    return some(reader, stop - reader.at + 1) -- as most lines come: whole
  end
  local parts = new_parts()
  while true do
    add(parts, some(reader, stop and stop - reader.at + 1 or math.huge))
    if parts.size > most then
      return nil, "TOO_LARGE"
    elseif stop then
      return joined(parts)
    end
    local good, err = more(reader)
    if not good then
      return nil, err
    end
    stop = reader.data:find("\n", 1, true)
  end
end

-- Exactly so many bytes, behind what the parts hold already.
local function take(reader, count, parts)
  local whole = parts.size + count
  while true do
    add(parts, some(reader, whole - parts.size))
    if parts.size == whole then
      return true
    end
    local good, err = more(reader)
    if not good then
      return nil, err
    end
  end
end

-- Head ---------------------------------------------------------------------------------------------------------------

-- A line of a head or a trailer, without its end.
local function head_line(reader, most)
  local text, err = line(reader, math.min(reader.room, most or HEAD_MAX))
  reader.lines = reader.lines - 1
  if not text then
    return nil, err
  elseif reader.lines < 0 then
    return nil, "TOO_LARGE"
  end
  reader.room = reader.room - #text
  return text:sub(1, text:byte(-2) == 13 and -3 or -2)
end

-- Name and value; nil for what is none. Each pattern is passed through once: an answer is not to be slow to look at.
local function field(text)
  local name, value = text:match "^([%w!#$%%&'*+.^_`|~-]+):[ \t]*(.*)$"
  if name and not value:find "[%z\1-\8\10-\31\127]" then
    return name:lower(), value:match "^(.*[^ \t])" or ""
  end
end

-- What frames or encodes the body is there once, and in the one form that is understood.
local UNDERSTOOD = {
  ["content-length"] = function(value) return value:find "^%d+$" end,
  ["transfer-encoding"] = function(value) return value:lower() == "chunked" end,
  ["content-encoding"] = function(value) return value == "" or value:lower() == "identity" end,
}

-- Adds a line to the values by their names.
local function add_header(fields, text)
  local name, value = field(text)
  local known, understood = fields[name or 1], UNDERSTOOD[name]
  if not name or understood and (known or not understood(value)) then
    return false
  end
  fields[name] = known or {}
  table.insert(fields[name], value)
  return true
end

local function headers_of(fields)
  local headers = {}
  for name, values in pairs(fields) do
    headers[name] = table.concat(values, ", ")
  end
  return headers
end

local function status_line(text)
  local minor, status, reason = text:match "^HTTP/1%.([01]) (%d%d%d)(.*)$"
  status = tonumber(status)
  if not status or status < 100 or status > 599 or status == 101 or reason:find "[%z\1-\8\10-\31\127]"
    or not (reason == "" or reason:sub(1, 1) == " ") then
    return nil
  end
  return { status = status, minor = minor }
end

-- One of the two says where the body ends; HTTP/1.0 knows neither chunks nor interim answers.
local function is_contradictory(answer)
  local coding, old = answer.headers["transfer-encoding"], answer.minor == "0"
  return coding and (answer.headers["content-length"] or old) or old and answer.status < 200
end

local function head(reader)
  local text, err = head_line(reader)
  if not text then
    return nil, err
  end
  local answer = status_line(text)
  if not answer then
    return nil, "BAD_RESPONSE"
  end
  reader.begun = answer.status >= 200
  local fields = {}
  while true do
    text, err = head_line(reader)
    if not text then
      return nil, err
    elseif text == "" then
      answer.headers = headers_of(fields)
      if is_contradictory(answer) then
        return nil, "BAD_RESPONSE"
      end
      return answer
    elseif not add_header(fields, text) then
      return nil, "BAD_RESPONSE"
    end
  end
end

-- Body ---------------------------------------------------------------------------------------------------------------

-- Nobody asked for what may stand behind the last chunk; it counts as if it were in the head.
local function trailer(reader)
  while true do
    local text, err = head_line(reader, CHUNK_LINE_MAX)
    if not text or text == "" then
      return text ~= nil, err
    elseif not field(text) then
      return false, "BAD_RESPONSE"
    end
  end
end

local function chunk_length(reader)
  local text, err = line(reader, CHUNK_LINE_MAX)
  if not text then
    return nil, err == "TOO_LARGE" and "BAD_RESPONSE" or err
  end
  local digits, rest = text:sub(1, -3):match "^(%x+)(.*)$"
  local good = digits and text:sub(-2) == "\r\n" and (rest == "" or rest:match "^[ \t]*;")
  if not good or rest:find "[%z\1-\8\10-\31\127]" then
    return nil, "BAD_RESPONSE"
  end
  local significant = digits:match "^0*(.*)$"
  if #digits > CHUNK_DIGITS_ALL or #significant > CHUNK_DIGITS then
    return nil, "BAD_RESPONSE"
  end
  return tonumber(digits, 16)
end

local function chunk(reader, length, parts)
  local good, err = take(reader, length, parts)
  if not good then
    return nil, err
  end
  local text
  text, err = line(reader, 2)
  if text == "\r\n" then
    return true
  end
  return nil, (text or err == "TOO_LARGE") and "BAD_RESPONSE" or err
end

local function chunks(reader, most)
  local parts = new_parts()
  while true do
    local length, err = chunk_length(reader)
    if not length then
      return nil, err
    elseif parts.size + length > most then
      return nil, "TOO_LARGE"
    end
    local good
    if length == 0 then
      good, err = trailer(reader)
      return good and joined(parts) or nil, err
    end
    good, err = chunk(reader, length, parts)
    if not good then
      return nil, err
    end
  end
end

local function until_closed(reader, most)
  local parts = new_parts()
  while true do
    add(parts, some(reader, math.huge))
    if parts.size > most then
      return nil, "TOO_LARGE"
    end
    local good, err = more(reader)
    if not good then
      return err == "closed" and joined(parts) or nil, err
    end
  end
end

local function length_of(text)
  local digits = text:match "^0*(.*)$"
  return #digits > 15 and math.huge or tonumber("0" .. digits)
end

local function sized(reader, count, most)
  if count > most then
    return nil, "TOO_LARGE"
  end
  local parts = new_parts()
  local good, err = take(reader, count, parts)
  return good and joined(parts) or nil, err
end

-- Answers the body and whether its end was told, so that another answer may follow it.
local function body(reader, answer, most)
  local coding, length = answer.headers["transfer-encoding"], answer.headers["content-length"]
  if answer.status == 204 or answer.status == 304 then
    return "", not coding and (length or "0") == "0"
  end
  local text, err
  if coding then
    text, err = chunks(reader, most)
  elseif length then
    text, err = sized(reader, length_of(length), most)
  else
    text, err = until_closed(reader, most)
  end
  if text then
    return text, (coding or length) ~= nil
  end
  return nil, err
end

-- Why there is no answer: what was wrong with it, or what the connection did.
local function failed(reader, err)
  if err == "closed" or err == "CONNECTION_LOST" then
    return nil, reader.begun and "TRUNCATED" or "CONNECTION_LOST"
  end
  return nil, err
end

local function is_reusable(reader, answer)
  return answer.minor ~= "0" and reader.at > #reader.data
    and not (answer.headers.connection or ""):lower():find("close", 1, true)
end

--- Reads one answer.
--
-- The codes: "TOO_LARGE"; "BAD_RESPONSE"; "TRUNCATED", ended within the answer; "CONNECTION_LOST", ended before it.
---@param receive fun(): string?, string? some bytes; nil and "closed", "CONNECTION_LOST" for an end in disorder, or
--- another word, which is handed on
---@param most integer bytes of the body
---@return {status: integer, headers: table<string, string>, body: string, reusable: boolean}? answer
---@return string? code
function http1.read(receive, most)
  local reader = { receive = receive, data = "", at = 1, room = HEAD_MAX, lines = LINES_MAX }
  local answer, err
  repeat -- 1xx: the answer proper follows
    answer, err = head(reader)
    if not answer then
      return failed(reader, err)
    end
  until answer.status >= 200
  local text, told = body(reader, answer, most)
  if not text then
    return failed(reader, told)
  end
  answer.body, answer.reusable = text, told and is_reusable(reader, answer)
  return answer
end

return http1
