-- needing.lua - specs that need what cannot be had everywhere: there they are pending, and say why
-- SPDX-License-Identifier: MIT

--- Makes an `it` whose test runs only where `has` answers what it needs, which the test is given.
---@param busted {it: function, pending: function} they are seen in spec files only
---@param has fun(): any, string? what is needed; or nil and why it is not there
---@return fun(name: string, test: fun(what: any))
return function(busted, has)
  return function(name, test)
    busted.it(name, function()
      local what, reason = has()
      if what then
        test(what)
      else
        busted.pending(reason)
      end
    end)
  end
end
