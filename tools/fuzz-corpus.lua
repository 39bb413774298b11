-- fuzz-corpus.lua - a kept corpus: one text for each target, one escaped input a line
-- SPDX-License-Identifier: MIT
--
-- usage: lua fuzz-corpus.lua unpack TEXT FOLDER     each input as a file of the folder
--        lua fuzz-corpus.lua pack TEXT FILE...      the files as the text, the shortest first
--        lua fuzz-corpus.lua show FILE              one file as a line of the text
--
-- A backslash is \\, a line feed \n, another byte that is not printable ASCII \xHH.

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function escape(input)
  return (input:gsub("\\", "\\\\"):gsub("[^ -~]", function(byte)
    return byte == "\n" and "\\n" or ("\\x%02x"):format(byte:byte())
  end))
end

-- Only what escape writes: a line that was edited by hand has one reading, too.
local function unescape(line)
  local input = line:gsub("\\(.?)(%x?%x?)", function(letter, digits)
    if letter == "\\" or letter == "n" then
      return (letter == "n" and "\n" or "\\") .. digits
    end
    return letter == "x" and #digits == 2 and string.char(tonumber(digits, 16)) or nil
  end)
  return escape(input) == line and input or nil
end

local commands = {}

function commands.unpack(text, folder)
  local number = 0
  for line in read(text):gmatch "([^\n]*)\n" do
    number = number + 1
    local input = unescape(line)
    if not input then
      error(("%s:%d: is not escaped as it should be"):format(text, number), 0)
    end
    write(("%s/%05d"):format(folder, number), input)
  end
end

function commands.pack(text, ...)
  local lines, known = {}, {}
  for _, path in ipairs { ... } do
    local line = escape(read(path))
    if not known[line] then
      known[line] = true
      lines[#lines + 1] = line
    end
  end
  table.sort(lines, function(a, b)
    return #a < #b or #a == #b and a < b
  end)
  write(text, #lines > 0 and table.concat(lines, "\n") .. "\n" or "")
end

function commands.show(path)
  print(escape(read(path)))
end

local command = commands[arg[1]] or error "usage: fuzz-corpus.lua unpack|pack|show"
local good, err = pcall(command, (unpack or table.unpack)(arg, 2)) -- luacheck: ignore
if not good then
  io.stderr:write("fuzz-corpus: ", tostring(err), "\n")
  os.exit(1)
end
