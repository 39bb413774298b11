rockspec_format = "3.0"
package = "aliyun-sas"
version = "scm-1"

source = {
  url = "git+https://github.com/aliyun-sas/aliyun-sas.git",
}

description = {
  summary = "DingTalk chatbots of Alibaba Cloud Security Center",
  detailed = [[
    Calls CreateOrUpdateDingTalk and its siblings of the Security Center API (Sas,
    2018-12-03). Building, checking, signing and HTTPS are done in C, over libcurl. A call
    blocks; inside nginx the blocking transport must be asked for by name. What is wrong
    with a call is found before anything is sent, and where no answer arrives the error
    says whether the request can have been executed. An emulator of the service comes with
    it, for tests (it needs luaossl).
  ]],
  license = "MIT",
  homepage = "https://github.com/aliyun-sas/aliyun-sas",
  issues_url = "https://github.com/aliyun-sas/aliyun-sas/issues",
  labels = { "alibaba-cloud", "aliyun", "dingtalk", "security" },
}

dependencies = {
  "lua >= 5.1, < 5.5",
}

-- By library alone: where headers lie in a folder of the architecture, LuaRocks would not
-- find them, and the compiler does.
external_dependencies = {
  CRYPTO = { library = "crypto" },
  CJSON = { library = "cjson" },
  CURL = { library = "curl" },
}

build = {
  type = "builtin",
  modules = {
    ["aliyun.sas.core"] = {
      sources = {
        "src/buffer.c", "src/call.c", "src/catalog.c", "src/codes.c", "src/config.c",
        "src/config_read.c", "src/credentials.c", "src/credentials_answer.c", "src/date.c",
        "src/encode.c", "src/error.c", "src/json.c", "src/lua_box.c", "src/lua_call.c",
        "src/lua_config.c", "src/lua_core.c", "src/lua_credentials.c", "src/lua_error.c",
        "src/lua_secret.c", "src/lua_sign.c", "src/lua_value.c", "src/mask.c",
        "src/operation.c", "src/outcome.c", "src/parameter.c", "src/path.c", "src/pin.c",
        "src/plain.c", "src/print.c", "src/profile.c", "src/profile_cli.c",
        "src/profile_ini.c", "src/reply.c", "src/retry.c", "src/show.c", "src/sign.c",
        "src/suggest.c", "src/value.c", "src/webhook.c",
      },
      incdirs = { "$(CRYPTO_INCDIR)", "$(CJSON_INCDIR)" },
      libdirs = { "$(CRYPTO_LIBDIR)", "$(CJSON_LIBDIR)" },
      libraries = { "crypto", "cjson" },
    },
    ["aliyun.sas.http"] = {
      sources = {
        "src/buffer.c", "src/http.c", "src/http_answer.c", "src/http_code.c",
        "src/http_locked.c", "src/http_request.c", "src/lua_box.c", "src/lua_http.c",
        "src/pin.c",
      },
      incdirs = { "$(CURL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)" },
      libraries = { "curl" },
    },
    ["aliyun.sas.system"] = {
      sources = {
        "src/buffer.c", "src/error.c", "src/lua_box.c", "src/lua_error.c",
        "src/lua_secret.c", "src/lua_system.c", "src/lua_system_bounded.c", "src/pin.c",
        "src/system.c", "src/system_run.c",
      },
    },
    ["aliyun.sas"] = "lua/aliyun/sas.lua",
    ["aliyun.sas.apply"] = "lua/aliyun/sas/apply.lua",
    ["aliyun.sas.apply.account"] = "lua/aliyun/sas/apply/account.lua",
    ["aliyun.sas.apply.after"] = "lua/aliyun/sas/apply/after.lua",
    ["aliyun.sas.apply.check"] = "lua/aliyun/sas/apply/check.lua",
    ["aliyun.sas.apply.outcome"] = "lua/aliyun/sas/apply/outcome.lua",
    ["aliyun.sas.apply.work"] = "lua/aliyun/sas/apply/work.lua",
    ["aliyun.sas.bound"] = "lua/aliyun/sas/bound.lua",
    ["aliyun.sas.calls"] = "lua/aliyun/sas/calls.lua",
    ["aliyun.sas.chatbot"] = "lua/aliyun/sas/chatbot.lua",
    ["aliyun.sas.chatbots"] = "lua/aliyun/sas/chatbots.lua",
    ["aliyun.sas.cli.ranges"] = "lua/aliyun/sas/cli/ranges.lua",
    ["aliyun.sas.cli.table"] = "lua/aliyun/sas/cli/table.lua",
    ["aliyun.sas.cli.width"] = "lua/aliyun/sas/cli/width.lua",
    ["aliyun.sas.client"] = "lua/aliyun/sas/client.lua",
    ["aliyun.sas.compare"] = "lua/aliyun/sas/compare.lua",
    ["aliyun.sas.cosocket"] = "lua/aliyun/sas/cosocket.lua",
    ["aliyun.sas.coverage"] = "lua/aliyun/sas/coverage.lua",
    ["aliyun.sas.coverage.catalog"] = "lua/aliyun/sas/coverage/catalog.lua",
    ["aliyun.sas.coverage.cells"] = "lua/aliyun/sas/coverage/cells.lua",
    ["aliyun.sas.coverage.hearing"] = "lua/aliyun/sas/coverage/hearing.lua",
    ["aliyun.sas.coverage.holes"] = "lua/aliyun/sas/coverage/holes.lua",
    ["aliyun.sas.coverage.page"] = "lua/aliyun/sas/coverage/page.lua",
    ["aliyun.sas.coverage.style"] = "lua/aliyun/sas/coverage/style.lua",
    ["aliyun.sas.coverage.text"] = "lua/aliyun/sas/coverage/text.lua",
    ["aliyun.sas.coverage.words"] = "lua/aliyun/sas/coverage/words.lua",
    ["aliyun.sas.create"] = "lua/aliyun/sas/create.lua",
    ["aliyun.sas.credentials"] = "lua/aliyun/sas/credentials.lua",
    ["aliyun.sas.credentials.ask"] = "lua/aliyun/sas/credentials/ask.lua",
    ["aliyun.sas.credentials.bearer"] = "lua/aliyun/sas/credentials/bearer.lua",
    ["aliyun.sas.credentials.chain"] = "lua/aliyun/sas/credentials/chain.lua",
    ["aliyun.sas.credentials.cloudsso"] = "lua/aliyun/sas/credentials/cloudsso.lua",
    ["aliyun.sas.credentials.ecs"] = "lua/aliyun/sas/credentials/ecs.lua",
    ["aliyun.sas.credentials.environment"] = "lua/aliyun/sas/credentials/environment.lua",
    ["aliyun.sas.credentials.exchange"] = "lua/aliyun/sas/credentials/exchange.lua",
    ["aliyun.sas.credentials.external"] = "lua/aliyun/sas/credentials/external.lua",
    ["aliyun.sas.credentials.file"] = "lua/aliyun/sas/credentials/file.lua",
    ["aliyun.sas.credentials.ini"] = "lua/aliyun/sas/credentials/ini.lua",
    ["aliyun.sas.credentials.oauth"] = "lua/aliyun/sas/credentials/oauth.lua",
    ["aliyun.sas.credentials.oidc"] = "lua/aliyun/sas/credentials/oidc.lua",
    ["aliyun.sas.credentials.options"] = "lua/aliyun/sas/credentials/options.lua",
    ["aliyun.sas.credentials.profile"] = "lua/aliyun/sas/credentials/profile.lua",
    ["aliyun.sas.credentials.refresh"] = "lua/aliyun/sas/credentials/refresh.lua",
    ["aliyun.sas.credentials.role"] = "lua/aliyun/sas/credentials/role.lua",
    ["aliyun.sas.credentials.shared"] = "lua/aliyun/sas/credentials/shared.lua",
    ["aliyun.sas.credentials.static"] = "lua/aliyun/sas/credentials/static.lua",
    ["aliyun.sas.credentials.sts"] = "lua/aliyun/sas/credentials/sts.lua",
    ["aliyun.sas.credentials.uri"] = "lua/aliyun/sas/credentials/uri.lua",
    ["aliyun.sas.credentials.variables"] = "lua/aliyun/sas/credentials/variables.lua",
    ["aliyun.sas.curl"] = "lua/aliyun/sas/curl.lua",
    ["aliyun.sas.dates"] = "lua/aliyun/sas/dates.lua",
    ["aliyun.sas.declare"] = "lua/aliyun/sas/declare.lua",
    ["aliyun.sas.declare.outside"] = "lua/aliyun/sas/declare/outside.lua",
    ["aliyun.sas.driver"] = "lua/aliyun/sas/driver.lua",
    ["aliyun.sas.emulator"] = "lua/aliyun/sas/emulator.lua",
    ["aliyun.sas.emulator.answer"] = "lua/aliyun/sas/emulator/answer.lua",
    ["aliyun.sas.emulator.certificate"] = "lua/aliyun/sas/emulator/certificate.lua",
    ["aliyun.sas.emulator.check"] = "lua/aliyun/sas/emulator/check.lua",
    ["aliyun.sas.emulator.faults"] = "lua/aliyun/sas/emulator/faults.lua",
    ["aliyun.sas.emulator.json"] = "lua/aliyun/sas/emulator/json.lua",
    ["aliyun.sas.emulator.main"] = "lua/aliyun/sas/emulator/main.lua",
    ["aliyun.sas.emulator.nginx"] = "lua/aliyun/sas/emulator/nginx.lua",
    ["aliyun.sas.emulator.nginx_program"] = "lua/aliyun/sas/emulator/nginx_program.lua",
    ["aliyun.sas.emulator.operations"] = "lua/aliyun/sas/emulator/operations.lua",
    ["aliyun.sas.emulator.options"] = "lua/aliyun/sas/emulator/options.lua",
    ["aliyun.sas.emulator.server"] = "lua/aliyun/sas/emulator/server.lua",
    ["aliyun.sas.emulator.service"] = "lua/aliyun/sas/emulator/service.lua",
    ["aliyun.sas.emulator.shell"] = "lua/aliyun/sas/emulator/shell.lua",
    ["aliyun.sas.emulator.signature"] = "lua/aliyun/sas/emulator/signature.lua",
    ["aliyun.sas.emulator.state"] = "lua/aliyun/sas/emulator/state.lua",
    ["aliyun.sas.emulator.tables"] = "lua/aliyun/sas/emulator/tables.lua",
    ["aliyun.sas.emulator.text"] = "lua/aliyun/sas/emulator/text.lua",
    ["aliyun.sas.endpoint"] = "lua/aliyun/sas/endpoint.lua",
    ["aliyun.sas.ensure"] = "lua/aliyun/sas/ensure.lua",
    ["aliyun.sas.export"] = "lua/aliyun/sas/export.lua",
    ["aliyun.sas.export.json_text"] = "lua/aliyun/sas/export/json_text.lua",
    ["aliyun.sas.export.lua_text"] = "lua/aliyun/sas/export/lua_text.lua",
    ["aliyun.sas.export.names"] = "lua/aliyun/sas/export/names.lua",
    ["aliyun.sas.export.rows"] = "lua/aliyun/sas/export/rows.lua",
    ["aliyun.sas.failure"] = "lua/aliyun/sas/failure.lua",
    ["aliyun.sas.find"] = "lua/aliyun/sas/find.lua",
    ["aliyun.sas.fingerprints"] = "lua/aliyun/sas/fingerprints.lua",
    ["aliyun.sas.gate"] = "lua/aliyun/sas/gate.lua",
    ["aliyun.sas.groups"] = "lua/aliyun/sas/groups.lua",
    ["aliyun.sas.http1"] = "lua/aliyun/sas/http1.lua",
    ["aliyun.sas.ids"] = "lua/aliyun/sas/ids.lua",
    ["aliyun.sas.intent"] = "lua/aliyun/sas/intent.lua",
    ["aliyun.sas.lanes"] = "lua/aliyun/sas/lanes.lua",
    ["aliyun.sas.misuse"] = "lua/aliyun/sas/misuse.lua",
    ["aliyun.sas.plan"] = "lua/aliyun/sas/plan.lua",
    ["aliyun.sas.plan.changes"] = "lua/aliyun/sas/plan/changes.lua",
    ["aliyun.sas.plan.literals"] = "lua/aliyun/sas/plan/literals.lua",
    ["aliyun.sas.plan.match"] = "lua/aliyun/sas/plan/match.lua",
    ["aliyun.sas.plan.renames"] = "lua/aliyun/sas/plan/renames.lua",
    ["aliyun.sas.plan.seen"] = "lua/aliyun/sas/plan/seen.lua",
    ["aliyun.sas.plan.text"] = "lua/aliyun/sas/plan/text.lua",
    ["aliyun.sas.plan.words"] = "lua/aliyun/sas/plan/words.lua",
    ["aliyun.sas.printable"] = "lua/aliyun/sas/printable.lua",
    ["aliyun.sas.protected"] = "lua/aliyun/sas/protected.lua",
    ["aliyun.sas.reconcile"] = "lua/aliyun/sas/reconcile.lua",
    ["aliyun.sas.resolve"] = "lua/aliyun/sas/resolve.lua",
    ["aliyun.sas.settings"] = "lua/aliyun/sas/settings.lua",
    ["aliyun.sas.storage"] = "lua/aliyun/sas/storage.lua",
    ["aliyun.sas.store"] = "lua/aliyun/sas/store.lua",
    ["aliyun.sas.store.dict"] = "lua/aliyun/sas/store/dict.lua",
    ["aliyun.sas.store.file"] = "lua/aliyun/sas/store/file.lua",
    ["aliyun.sas.store.memory"] = "lua/aliyun/sas/store/memory.lua",
    ["aliyun.sas.turn"] = "lua/aliyun/sas/turn.lua",
    ["aliyun.sas.types"] = "lua/aliyun/sas/types.lua",
    ["aliyun.sas.update"] = "lua/aliyun/sas/update.lua",
    ["aliyun.sas.verdict"] = "lua/aliyun/sas/verdict.lua",
    ["aliyun.sas.verify"] = "lua/aliyun/sas/verify.lua",
    ["aliyun.sas.webhook"] = "lua/aliyun/sas/webhook.lua",
    ["aliyun.sas.wish"] = "lua/aliyun/sas/wish.lua",
  },
  platforms = {
    -- dladdr lies there in a C library older than glibc 2.34.
    linux = {
      modules = {
        ["aliyun.sas.core"] = { libraries = { "crypto", "cjson", "dl" } },
        ["aliyun.sas.http"] = { libraries = { "curl", "dl" } },
        ["aliyun.sas.system"] = { libraries = { "dl" } },
      },
    },
  },
  copy_directories = {},
}

test = {
  type = "command",
  command = "make test",
}
