--- HTTP/1.1 as one exchange needs it (RFC 9112): the text of a request, and the reading of an answer.
--
-- No I/O of its own: `receive()` answers some bytes, at least one, or nil and "closed", or nil and something else. What
-- is not understood is refused: an answer that two readers could take for two different ones is none.

local http1 = {}

local HEAD_MAX = 64 * 1024 -- bytes of all lines in front of the body, interim answers included
local LINE_MAX = 1024 -- of a line that says how long a chunk is

local function is_plain(text)
  return not text:find "[%z\r\n]"
end

--- The text of a request; nil where a header or the target could break out of its place.
---@param request aliyun.sas.request
---@return string? text
function http1.request(request)
  local target = request.path .. (request.query ~= "" and "?" .. request.query or "")
  if not target:match "^/[%w%-%._~%%&=+*/?]*$" then
    return nil
  end
  local lines = { request.method .. " " .. target .. " HTTP/1.1" }
  for name, value in pairs(request.headers) do
    if not (name:match "^[%w%-]+$" and is_plain(value)) then
      return nil
    end
    lines[#lines + 1] = name .. ": " .. value
  end
  lines[#lines + 1] = "content-length: " .. #request.body
  lines[#lines + 1] = "\r\n" .. request.body
  return table.concat(lines, "\r\n")
end

-- A reader holds the bytes that were received and not yet used.
local function more(reader)
  local bytes, err = reader.receive()
  if not bytes then
    return nil, err
  end
  reader.any = true
  reader.data = reader.data .. bytes
  return true
end

-- A line without its end; at most `max` bytes are looked through for it.
local function line(reader, max)
  local from = 1
  while true do
    local stop = reader.data:find("\n", from, true)
    if stop then
      local text = reader.data:sub(1, stop - 1):gsub("\r$", "")
      reader.data = reader.data:sub(stop + 1)
      return text, stop
    elseif #reader.data > max then
      return nil, "TOO_LARGE"
    end
    from = #reader.data + 1
    local good, err = more(reader)
    if not good then
      return nil, err
    end
  end
end

local function add_header(headers, text)
  local name, value = text:match "^([^%s:%c]+):[ \t]*(.-)[ \t]*$"
  if not name or value:find "%c" then
    return false
  end
  name = name:lower()
  local known = headers[name]
  headers[name] = known and known .. ", " .. value or value
  return true
end

local function head(reader)
  local room, headers = HEAD_MAX, {}
  local text, used = line(reader, room)
  if not text then
    return nil, used
  end
  local minor, status = text:match "^HTTP/1%.(%d) (%d%d%d)$"
  if not status then
    minor, status = text:match "^HTTP/1%.(%d) (%d%d%d) [^%c]*$"
  end
  status = tonumber(status)
  if not status or status < 100 or status > 599 or status == 101 then
    return nil, "BAD_RESPONSE"
  end
  while true do
    room = room - used
    text, used = line(reader, room)
    if not text then
      return nil, used
    elseif text == "" then
      return { status = status, headers = headers, minor = minor }
    elseif not add_header(headers, text) then
      return nil, "BAD_RESPONSE"
    end
  end
end

-- Exactly so many bytes.
local function take(reader, count)
  local parts, have = { reader.data }, #reader.data
  while have < count do
    reader.data = ""
    local good, err = more(reader)
    if not good then
      return nil, err
    end
    parts[#parts + 1] = reader.data
    have = have + #reader.data
  end
  local all = table.concat(parts)
  reader.data = all:sub(count + 1)
  return all:sub(1, count)
end

local function trailer(reader)
  local room = HEAD_MAX
  while true do
    local text, used = line(reader, room)
    if text == "" then
      return true
    elseif not text then
      return nil, used
    end
    room = room - used
  end
end

local function chunk_length(reader)
  local text, err = line(reader, LINE_MAX)
  if not text then
    return nil, err == "TOO_LARGE" and "BAD_RESPONSE" or err
  end
  local digits = text:match "^(%x+)[ \t]*$" or text:match "^(%x+)[ \t]*;"
  if not digits then
    return nil, "BAD_RESPONSE"
  end
  digits = digits:gsub("^0+", "")
  return #digits <= 8 and tonumber(digits == "" and "0" or digits, 16) or math.huge
end

local function chunks(reader, max)
  local parts, size = {}, 0
  while true do
    local length, err = chunk_length(reader)
    if not length then
      return nil, err
    end
    size = size + length
    if size > max then
      return nil, "TOO_LARGE"
    elseif length == 0 then
      local good
      good, err = trailer(reader)
      return good and table.concat(parts), err
    end
    local part
    part, err = take(reader, length + 2)
    if not part then
      return nil, err
    elseif part:sub(-2) ~= "\r\n" then
      return nil, "BAD_RESPONSE"
    end
    parts[#parts + 1] = part:sub(1, -3)
  end
end

local function until_closed(reader, max)
  local parts, size = { reader.data }, #reader.data
  while size <= max do
    reader.data = ""
    local good, err = more(reader)
    if not good then
      return err == "closed" and table.concat(parts) or nil, err
    end
    parts[#parts + 1] = reader.data
    size = size + #reader.data
  end
  return nil, "TOO_LARGE"
end

-- "5, 5" comes of two equal headers, and is refused too: the sender is confused.
local function length_of(text)
  local digits = text:match "^%d+$" and text:gsub("^0+", "")
  return digits and (#digits <= 10 and tonumber(digits == "" and "0" or digits) or math.huge)
end

local function body(reader, answer, max)
  local headers = answer.headers
  local coding, length = headers["transfer-encoding"], headers["content-length"]
  local encoding = headers["content-encoding"]
  if encoding and encoding ~= "" and encoding:lower() ~= "identity" then
    return nil, "BAD_RESPONSE"
  elseif coding then
    if length or coding:lower() ~= "chunked" or answer.minor == "0" then
      return nil, "BAD_RESPONSE"
    end
    return chunks(reader, max)
  elseif answer.status == 204 or answer.status == 304 then
    return ""
  elseif not length then
    answer.closing = true
    return until_closed(reader, max)
  end
  local count = length_of(length)
  if not count then
    return nil, "BAD_RESPONSE"
  elseif count > max then
    return nil, "TOO_LARGE"
  end
  return take(reader, count)
end

local CUT = { TOO_LARGE = true, BAD_RESPONSE = true }

-- Why there is no answer: what was wrong with it, or what the connection did.
local function failed(reader, err)
  if CUT[err] then
    return nil, err
  elseif err == "closed" then
    return nil, reader.any and "TRUNCATED" or "CONNECTION_LOST"
  end
  return nil, err
end

--- Reads one answer.
---@param receive fun(): string?, string? some bytes, or nil and "closed" or another word, which is handed on
---@param max integer bytes of the body at most
---@return {status: integer, headers: table<string, string>, body: string, reusable: boolean}? answer, string? code
-- "TOO_LARGE", "BAD_RESPONSE", "TRUNCATED" (closed within the answer), "CONNECTION_LOST" (before it), or receive's word
function http1.read(receive, max)
  local reader = { receive = receive, data = "", any = false }
  local answer, err
  for _ = 1, 8 do -- 1xx: the answer proper follows
    answer, err = head(reader)
    if not answer then
      return failed(reader, err)
    elseif answer.status >= 200 then
      break
    end
  end
  if answer.status < 200 then
    return nil, "BAD_RESPONSE"
  end
  answer.body, err = body(reader, answer, max)
  if not answer.body then
    return failed(reader, err)
  end
  local connection = (answer.headers.connection or ""):lower()
  answer.reusable = not answer.closing and answer.minor ~= "0" and reader.data == ""
    and not connection:find("close", 1, true)
  return answer
end

return http1
