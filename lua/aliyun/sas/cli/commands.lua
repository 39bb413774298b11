--- The commands of the command line, in the order of its help: the one table.
--
-- A command is a table with its `name`, `summary` and `examples`, the `operations` of the service that it calls, for
-- `policy`, `with` (operations that an option of it adds), `define(parser)` for its arguments, and `run(run)`, which
-- answers an exit status; an error object that it raises is shown.

local commands = { list = {}, named = {} }

for _, file in ipairs {
  "list", "show", "put", "delete", "switch", "test", "groups", "catalog", "plan", "apply", "export", "coverage",
  "sign", "policy", "doctor", "emulator", "completion",
} do
  local made = require("aliyun.sas.cli.command." .. file)
  for _, command in ipairs(made.name and { made } or made) do
    commands.list[#commands.list + 1] = command
    commands.named[command.name] = command
  end
end

return commands
