-- files.lua - files as a whole
-- SPDX-License-Identifier: MIT

local files = {}

--- What is in it; nil where it cannot be opened.
function files.read(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read "*a"
  file:close()
  return text
end

--- Makes it, or writes over what is there; answers its path.
function files.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
  return path
end

return files
