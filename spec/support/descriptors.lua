-- descriptors.lua - how many files and sockets this process has open
-- SPDX-License-Identifier: MIT

local descriptors = {}

--- How many are open; 0 where the system does not tell. No process is started for it: that is slow.
function descriptors.count()
  local count = 0
  for number = 0, 255 do
    local file = io.open("/proc/self/fdinfo/" .. number)
    if file then
      count = count + 1
      file:close()
    end
  end
  return count
end

--- The same without what is garbage. What earlier specs left to a thread, such as a name that is still looked up, may
--- still go: behind a spec there may be fewer, but none more.
function descriptors.settled()
  collectgarbage()
  collectgarbage()
  return descriptors.count()
end

return descriptors
