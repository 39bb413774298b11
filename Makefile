# aliyun-sas: build, tests and checks. `make help` lists the targets.
# SPDX-License-Identifier: MIT
#
# CC, CFLAGS, CPPFLAGS and LDFLAGS are the user's; what the project itself needs stands in
# other variables. pkg-config is asked only when something is compiled, never by `make deps`.

ifneq ($(filter 3.%,$(MAKE_VERSION)),)
$(error GNU make 4 or newer is needed; on macOS: brew install make, then gmake)
endif

# ---- What is made of what. The rockspec has the same lists, and `make lint` compares them. ----

CORE_SOURCES = src/lua_core.c src/lua_box.c src/lua_value.c src/lua_config.c src/lua_sign.c \
	src/lua_call.c src/lua_json.c src/lua_operations.c src/lua_error.c src/pin.c src/buffer.c src/error.c \
	src/encode.c src/path.c \
	src/suggest.c src/plain.c src/mask.c src/json.c src/value.c src/print.c src/catalog.c src/config.c src/config_read.c \
	src/webhook.c src/operation.c src/parameter.c src/sign.c src/credentials.c \
	src/credentials_answer.c src/profile.c src/profile_cli.c src/profile_ini.c \
	src/lua_credentials.c src/lua_secret.c src/reply.c \
	src/codes.c src/date.c src/retry.c src/outcome.c src/call.c src/show.c
HTTP_SOURCES = src/lua_http.c src/lua_http_exchange.c src/lua_box.c src/pin.c src/buffer.c src/http.c \
	src/http_multi.c src/http_options.c src/http_socket.c src/http_quiet.c src/http_answer.c \
	src/http_chunks.c src/http_code.c src/http_locked.c src/http_request.c
SYSTEM_SOURCES = src/lua_system.c src/lua_system_bounded.c src/lua_box.c src/lua_error.c src/lua_secret.c \
	src/pin.c src/buffer.c src/error.c src/encode.c src/system.c src/system_run.c src/system_terminal.c

LUA_SOURCES = $(sort $(shell find lua -name '*.lua'))

# ---- What the user may set ----

LUA ?= lua5.4
OUT ?= build/$(notdir $(LUA))
# Objects that know nothing of Lua are shared by all Luas.
OBJ ?= build/obj

CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL ?= install
PREFIX ?= /usr/local
LUA_LMOD ?= $(PREFIX)/share/lua/$(LUA_VERSION)
LUA_CMOD ?= $(PREFIX)/lib/lua/$(LUA_VERSION)
WERROR ?=
V ?=
LUAS ?=
SUITE ?=
FUZZ_SECONDS ?= 60

# The part of the suite that is worth its time under valgrind, as far as it is there.
VALGRIND_SUITE ?= $(wildcard $(addprefix spec/,$(addsuffix _spec.lua,client credentials encode \
	http multi settings sign system tables tls)))

# ---- Flags ----

# $(call once,NAME,COMMAND): the command's output, asked for at the first use, once. Before
# GNU make 4.4 $(shell) does not see what is exported.
once = $(eval $(1) := $$(shell PKG_CONFIG='$(PKG_CONFIG)' $(2)))$(if $(filter-out 0,$(.SHELLSTATUS)),$(error $(2) failed))$($(1))

export PKG_CONFIG
LUA_VERSION = $(call once,LUA_VERSION,tools/find-lua version $(LUA))
LUA_CFLAGS = $(call once,LUA_CFLAGS,tools/find-lua cflags $(LUA))
CRYPTO_CFLAGS = $(call once,CRYPTO_CFLAGS,tools/find-library cflags crypto)
CRYPTO_LIBS = $(call once,CRYPTO_LIBS,tools/find-library libs crypto)
CJSON_CFLAGS = $(call once,CJSON_CFLAGS,tools/find-library cflags cjson)
CJSON_LIBS = $(call once,CJSON_LIBS,tools/find-library libs cjson)
CURL_CFLAGS = $(call once,CURL_CFLAGS,tools/find-library cflags curl)
CURL_LIBS = $(call once,CURL_LIBS,tools/find-library libs curl)

# Which of the hardening flags this compiler takes without a word.
HARDENING = $(call once,HARDENING,tools/probe-flags $(CC) $(CPPFLAGS) $(CFLAGS) -- \
	-D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -mbranch-protection=standard -ftrivial-auto-var-init=zero \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing)

ifeq ($(WERROR),)
WARNINGS = -Wall -Wextra
else
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef \
	-Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes -Wcast-align -Wcast-qual \
	-Wwrite-strings -Wvla -Wnull-dereference -Wimplicit-fallthrough -Wpointer-arith -Werror
endif

# What C99 forbids, whatever the compiler says by default.
WARNINGS += -Werror=implicit-function-declaration -Werror=int-conversion

# -isystem: the macros of lua.h are not ours to warn about.
OUR_CFLAGS = -std=c99 -fPIC -fvisibility=hidden $(WARNINGS) $(HARDENING)
PURE_CFLAGS = $(CRYPTO_CFLAGS) $(CJSON_CFLAGS) $(CURL_CFLAGS)
LUA_INCLUDES = $(patsubst -I%,-isystem %,$(LUA_CFLAGS))

SYSTEM := $(shell uname -s)
ifeq ($(SYSTEM),Darwin)
OUR_LDFLAGS = -bundle -undefined dynamic_lookup
else ifeq ($(SYSTEM),Linux)
OUR_LDFLAGS = -shared -Wl,-z,relro,-z,now,-z,noexecstack,-z,nodelete,--as-needed
OUR_LIBS = -ldl
else
OUR_LDFLAGS = -shared -Wl,-z,relro,-z,now
endif

ifeq ($(V),)
Q = @
say = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),:,printf '  %-5s %s\n')
else
Q =
say = @:
endif

# ---- Building ----

MODULES = $(addprefix $(OUT)/aliyun/sas/,core.so http.so system.so)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

.PHONY: all
all: $(MODULES) ## builds into build/<lua>/; LUA=luajit for another Lua, V=1 shows the commands

# lua_*.c is compiled for each Lua, the others once.
objects = $(patsubst src/%.c,$(OUT)/obj/%.o,$(filter src/lua_%,$(1))) \
	$(patsubst src/%.c,$(OBJ)/%.o,$(filter-out src/lua_%,$(1)))

$(OUT)/aliyun/sas/core.so: $(call objects,$(CORE_SOURCES))
$(OUT)/aliyun/sas/core.so: LIBS = $(CRYPTO_LIBS) $(CJSON_LIBS)
$(OUT)/aliyun/sas/http.so: $(call objects,$(HTTP_SOURCES))
$(OUT)/aliyun/sas/http.so: LIBS = $(CURL_LIBS)
$(OUT)/aliyun/sas/system.so: $(call objects,$(SYSTEM_SOURCES))

$(MODULES): Makefile
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBS) $(OUR_LIBS)

$(OUT)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(OUR_CFLAGS) $(LUA_INCLUDES) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OBJ)/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(OUR_CFLAGS) $(PURE_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(wildcard $(OBJ)/*.d $(OUT)/obj/*.d)

# ---- Using ----

# Each script begins with tools/deps.sh where it may have to install: the flags above are
# asked for by the make that it then starts.
.PHONY: demo
demo: ## on a fresh machine too: one create against the emulator, over TLS
	+@MAKE='$(MAKE)' LUA='$(LUA)' tools/demo

.PHONY: env
env: ## prints LUA_PATH and LUA_CPATH, for: eval "$(make env)"
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$${LUA_PATH:-;}"'
	@echo 'export LUA_CPATH="$(abspath $(OUT))/?.so;$${LUA_CPATH:-;}"'

.PHONY: deps
deps: ## installs what is missing (Debian, Ubuntu), or prints its names
	@tools/deps.sh test

.PHONY: install
install: all ## into PREFIX (/usr/local), or LUA_LMOD and LUA_CMOD; DESTDIR for packagers
	$(Q)set -e; for f in $(LUA_SOURCES:lua/%=%); do \
		$(INSTALL) -d "$(DESTDIR)$(LUA_LMOD)/$$(dirname $$f)"; \
		$(INSTALL) -m 644 lua/$$f "$(DESTDIR)$(LUA_LMOD)/$$f"; done
	$(Q)$(INSTALL) -d "$(DESTDIR)$(LUA_CMOD)/aliyun/sas"
	$(Q)$(INSTALL) -m 755 $(MODULES) "$(DESTDIR)$(LUA_CMOD)/aliyun/sas"
	$(Q)INSTALL='$(INSTALL)' OUT='$(OUT)' tools/install-command '$(LUA)' '$(DESTDIR)' '$(PREFIX)' \
		'$(LUA_LMOD)' '$(LUA_CMOD)'

# A link may lead to the sources. Folders go where nothing else is in them.
.PHONY: uninstall
uninstall: ## takes away what install put there
	$(Q)for d in "$(DESTDIR)$(LUA_LMOD)" "$(DESTDIR)$(LUA_CMOD)"; do \
		if [ -L "$$d/aliyun" ] || [ -L "$$d/aliyun/sas" ]; then \
		echo "uninstall: there is a link in $$d/aliyun, so install did not make it" >&2; exit 1; fi; done
	$(Q)cd "$(DESTDIR)$(LUA_LMOD)" && rm -f $(LUA_SOURCES:lua/%=%)
	$(Q)cd "$(DESTDIR)$(LUA_CMOD)" && rm -f $(MODULES:$(OUT)/%=%)
	$(Q)tools/install-command --remove '$(DESTDIR)' '$(PREFIX)'
	$(Q)for d in "$(DESTDIR)$(LUA_LMOD)" "$(DESTDIR)$(LUA_CMOD)"; do \
		(cd "$$d" && rmdir $(patsubst lua/%,%,$(shell find lua -mindepth 1 -depth -type d)) 2>/dev/null) || :; done

.PHONY: clean
clean: ## removes build/, and what luarocks make leaves in the tree
	rm -rf build
	rm -f src/*.o $(MODULES:$(OUT)/%=%)
	$(Q)! [ -d aliyun ] || rmdir aliyun/sas aliyun 2>/dev/null || :

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | \
		while IFS='|' read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done

# ---- Checking. The last line of each is `N passed, N failed`. ----

.PHONY: test
test: ## every spec on Lua 5.4 and LuaJIT; SUITE=spec/x_spec.lua for some, LUAS="lua5.1" for other Luas
	+@MAKE='$(MAKE)' LUAS='$(LUAS)' tools/test $(SUITE)

.PHONY: check
check: ## all that has to hold: test on every Lua, rock, lint, asan, valgrind, fuzz
	+@MAKE='$(MAKE)' tools/check

.PHONY: lint
lint: ## format, warnings, static analysis, layers, documentation, versions, rockspec
	+@MAKE='$(MAKE)' tools/lint

.PHONY: format
format: ## puts the C sources into shape
	clang-format -i $(wildcard src/*.[ch] fuzz/*.[ch] tools/*.c)

.PHONY: asan
asan: ## the suite with address, undefined behaviour and leaks watched
	+@MAKE='$(MAKE)' LUA='$(LUA)' tools/asan $(SUITE)

.PHONY: valgrind
valgrind: ## a part of the suite under valgrind
	+@MAKE='$(MAKE)' LUA='$(LUA)' tools/valgrind $(or $(SUITE),$(VALGRIND_SUITE))

.PHONY: fuzz
fuzz: ## the kept corpus, then libFuzzer, FUZZ_SECONDS (60) for each target
	+@MAKE='$(MAKE)' FUZZ_SECONDS='$(FUZZ_SECONDS)' tools/fuzz

.PHONY: fuzz-merge
fuzz-merge: ## puts what the fuzzer has learnt here into the kept corpus
	+@MAKE='$(MAKE)' tools/fuzz --merge

.PHONY: model
model: ## random schedules of faults against ensure: SCHEDULES (1000000), SEED (the time)
	$(Q)$(MAKE) --no-print-directory LUA=luajit all
	$(Q)LUA=luajit tools/model $(or $(SCHEDULES),1000000) $(SEED)

.PHONY: memory
memory: all ## each allocation of each public function fails once
	@LUA='$(LUA)' TRIES=all tools/run-specs memory $(OUT) spec/memory_spec.lua

.PHONY: rock
rock: ## builds, packs and installs the rock offline, and makes a call with it
	@tools/deps.sh test
	@tools/check-rock

.PHONY: fresh
fresh: ## the demo and the suite on a new Debian, as root and as a user: DEBIAN=bookworm or trixie; needs root
	@tools/fresh '$(DEBIAN)'

.PHONY: soak
soak: ## 100 reloads of nginx under load, and 10,000 calls in as many Lua states
	+@$(MAKE) --no-print-directory LUA=luajit all
	@LUA=luajit SOAK=yes SPEC_TIMEOUT=3600 tools/run-specs soak build/luajit spec/workers_spec.lua

.PHONY: kill
kill: all ## sas-dingtalk apply of 200 chatbots, killed 20 times under each fault: COUNT, KILLS
	@LUA='$(LUA)' COUNT=$(or $(COUNT),200) KILLS=$(or $(KILLS),20) SPEC_TIMEOUT=3600 tools/run-specs kill $(OUT) \
		spec/apply_processes_spec.lua

.PHONY: bench
bench: all ## calls per second, against plain Lua, fresh connections, and a bare loop in nginx
	+@$(MAKE) --no-print-directory LUA=luajit all
	@LUA='$(LUA)' OUT='$(OUT)' tools/bench

.PHONY: bench-openresty
bench-openresty: all ## the last of these alone
	+@$(MAKE) --no-print-directory LUA=luajit all
	@LUA='$(LUA)' OUT='$(OUT)' tools/bench openresty

.PHONY: check-build
check-build: all ## what the built files export, need and are protected by
	@tools/check-build $(MODULES)

# For the tools: what is compiled into which module, in the order of the lists above.
.PHONY: print-sources
print-sources:
	@echo aliyun.sas.core $(sort $(CORE_SOURCES))
	@echo aliyun.sas.http $(sort $(HTTP_SOURCES))
	@echo aliyun.sas.system $(sort $(SYSTEM_SOURCES))
