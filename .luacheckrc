std = "min"
max_line_length = 120
codes = true
files["spec"] = { std = "+busted" }
files["lua/aliyun/sas/emulator/nginx.lua"] = { read_globals = { "ngx" } }
exclude_files = { "build" }
files["bin/sas-dingtalk"] = { globals = { "_" } }
files["spec/vectors"] = { max_line_length = false }
files["lua/aliyun/sas/client.lua"] = { max_comment_line_length = false }
files["lua/aliyun/sas/credentials"] = { max_comment_line_length = false }
