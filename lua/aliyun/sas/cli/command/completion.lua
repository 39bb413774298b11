--- sas-dingtalk completion

return {
  name = "completion", summary = "Print the completion script of a shell.",
  examples = {
    'eval "$(sas-dingtalk completion bash)"', "sas-dingtalk completion zsh >~/.zfunc/_sas-dingtalk",
    "sas-dingtalk completion fish >~/.config/fish/completions/sas-dingtalk.fish",
  },
  define = function(parser)
    parser:argument("shell", "The shell."):choices { "bash", "zsh", "fish" }
  end,
  run = function(run)
    local parser = require "aliyun.sas.cli.parser".new() -- here, since it loads this file
    run.console:text(parser["get_" .. run.args.shell .. "_complete"](parser))
  end,
}
