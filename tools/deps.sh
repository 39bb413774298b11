#!/bin/sh
# deps.sh - installs what a make target needs and this machine lacks
# SPDX-License-Identifier: MIT
#
# usage: deps.sh build|demo|test|lint|valgrind|fuzz|fresh
#
# Silent and quick when all is there. On Debian and Ubuntu it installs what is missing with
# apt-get, as root or through sudo; no service is started or left enabled. Elsewhere it
# prints the names of the packages, and fails.
set -eu

pkg_config=${PKG_CONFIG:-pkg-config}
group=${1:-test}

# ---- What is needed: one probe a line, and the Debian package that answers to it ----

needs()
{
    cat <<'END'
build command gcc gcc
build command make make
build command pkg-config pkg-config
build command lua5.4 lua5.4
build header lua5.4 liblua5.4-dev
build library libcurl libcurl4-openssl-dev
build library libcjson libcjson-dev
build library libcrypto libssl-dev
demo command openssl openssl
demo command nginx nginx
demo nginx ngx_http_lua_module libnginx-mod-http-lua
demo lua dkjson lua-dkjson
demo lua openssl.hmac lua-luaossl
test command lua5.1 lua5.1
test header lua5.1 liblua5.1-0-dev
test command lua5.2 lua5.2
test header lua5.2 liblua5.2-dev
test command lua5.3 lua5.3
test header lua5.3 liblua5.3-dev
test command luajit luajit2
test header luajit libluajit2-5.1-dev
test command luarocks luarocks
test command curl curl
test command busted lua-busted
test command luacheck lua-check
test lua argparse lua-argparse
test authorities system ca-certificates
test command chromium chromium
lint command clang clang
lint command clang-format clang-format
lint command clang-tidy clang-tidy
lint command cppcheck cppcheck
valgrind command valgrind valgrind
valgrind debug libc libc6-dbg
fuzz command clang clang
fuzz fuzzer clang libclang-rt-dev
fresh command git git
fresh command debootstrap debootstrap
fresh command ip iproute2
END
}

other_systems()
{
    cat <<'END'
  Fedora:  dnf install gcc make pkgconf-pkg-config lua lua-devel compat-lua compat-lua-devel
           luajit luajit-devel libcurl-devel cjson-devel openssl-devel openssl nginx luarocks
           clang clang-tools-extra cppcheck valgrind chromium, and an nginx with its Lua module (OpenResty)
           luarocks install busted; the same with luacheck, luaossl, dkjson, argparse
  Alpine:  apk add build-base pkgconf lua5.4 lua5.4-dev lua5.1 lua5.1-dev lua5.2 lua5.2-dev
           lua5.3 lua5.3-dev luajit luajit-dev curl-dev cjson-dev openssl-dev openssl nginx
           nginx-mod-http-lua luarocks5.4 clang clang-extra-tools cppcheck valgrind chromium
           luarocks-5.4 install busted; the same with luacheck, luaossl, dkjson, argparse
  Arch:    pacman -S base-devel lua lua51 lua52 lua53 luajit curl cjson openssl nginx
           nginx-mod-lua luarocks luacheck clang cppcheck valgrind chromium
           luarocks install busted; the same with luaossl, dkjson, argparse
  macOS:   brew install make pkgconf lua@5.4 luajit curl cjson openssl@3 openresty luarocks
           llvm cppcheck; brew install --cask chromium
           luarocks install busted; the same with luacheck, luaossl, dkjson, argparse
END
}

# ---- What is missing ----

# nginx lives in a folder that only root has in its PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

any_file()
{
    for file; do
        if [ -e "$file" ]; then
            return 0
        fi
    done
    return 1
}

has()
{
    case $1 in
    command) command -v "$2" >/dev/null 2>&1 ;;
    header) PKG_CONFIG=$pkg_config "$(dirname "$0")/find-lua" cflags "$2" >/dev/null 2>&1 ;;
    lua) lua5.4 -e "require '$2'" >/dev/null 2>&1 ;;
    library)
        "$pkg_config" --exists "$2" 2>/dev/null && return 0
        # Some systems have a cJSON without a pkg-config file.
        [ "$2" = libcjson ] && any_file /usr/include/cjson/cJSON.h \
            /usr/include/*/cjson/cJSON.h /usr/local/include/cjson/cJSON.h
        ;;
    nginx)
        any_file /usr/lib*/nginx/modules/"$2".so /usr/share/nginx/modules/"$2".so ||
            nginx -V 2>&1 | grep -q lua
        ;;
    fuzzer) any_file "$(clang -print-resource-dir 2>/dev/null)"/lib/*/libclang_rt.fuzzer*.a ;;
    authorities) any_file /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem ;;
    debug) [ ! -e /etc/debian_version ] || [ -e /usr/lib/debug/.build-id ] ;;
    esac
}

case $group in
build) groups=' build ' ;;
demo) groups=' build demo ' ;;
test) groups=' build demo test ' ;;
lint) groups=' build demo test lint ' ;;
valgrind) groups=' build demo test valgrind ' ;;
fuzz) groups=' build demo test fuzz ' ;;
fresh) groups=' fresh ' ;;
*)
    echo "usage: deps.sh build|demo|test|lint|valgrind|fuzz|fresh" >&2
    exit 2
    ;;
esac

missing()
{
    needs | while read -r of kind what package; do
        case $groups in
        *" $of "*) has "$kind" "$what" || echo "$package" ;;
        esac
    done
}

packages=$(missing)
[ -n "$packages" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    {
        echo "deps: this is missing (by the names of Debian's packages):"
        # shellcheck disable=SC2086 # words on purpose
        printf '  %s\n' $packages
        echo "deps: no apt-get here, so please install it yourself:"
        other_systems
    } >&2
    exit 1
fi

# ---- Installing it ----

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        # shellcheck disable=SC2086
        echo "deps: please run as root: apt-get install --no-install-recommends" \
            $packages >&2
        exit 1
    fi
    as_root=sudo
    if [ ! -t 0 ]; then
        as_root='sudo -n'
    fi
fi

policy=/usr/sbin/policy-rc.d
kept=$policy.aliyun-sas
had_nginx=no
if command -v nginx >/dev/null 2>&1; then
    had_nginx=yes
fi

# invoke-rc.d asks this script before it starts anything; 101 is "forbidden".
forbid_services()
{
    if [ -e "$kept" ]; then # an earlier run was killed
        $as_root mv -f "$kept" "$policy"
    fi
    if [ -e "$policy" ]; then
        $as_root mv -f "$policy" "$kept"
    fi
    printf '#!/bin/sh\n# aliyun-sas: tools/deps.sh is installing\nexit 101\n' |
        $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
}

allow_services()
{
    if grep -q 'aliyun-sas: tools/deps.sh' "$policy" 2>/dev/null; then
        $as_root rm -f "$policy"
    fi
    if [ -e "$kept" ]; then
        $as_root mv -f "$kept" "$policy"
    fi
}

# Debian enables a service as it installs it: it would start with the next boot.
disable_nginx()
{
    if [ "$had_nginx" = yes ] || ! command -v nginx >/dev/null 2>&1; then
        return 0
    fi
    if command -v systemctl >/dev/null 2>&1; then
        $as_root systemctl disable nginx.service >/dev/null 2>&1 || :
    fi
    if command -v update-rc.d >/dev/null 2>&1; then
        $as_root update-rc.d nginx disable >/dev/null 2>&1 || :
    fi
}

finish()
{
    status=$?
    trap - EXIT HUP INT TERM
    allow_services
    exit "$status"
}

known()
{
    [ -n "$(apt-cache --quiet search --names-only "^$1\$" 2>/dev/null)" ]
}

update()
{
    updated=yes
    $as_root apt-get -q -o DPkg::Lock::Timeout=300 update >&2 ||
        echo "deps: apt-get update failed; trying with the lists that are here" >&2
}

install()
{
    # The OpenResty fork is what nginx's module runs; where it is unknown, LuaJIT itself.
    # The two conflict, so one that is here decides.
    if dpkg-query -W -f '${Status}' luajit 2>/dev/null | grep -q ' installed' ||
        ! known luajit2; then
        packages=$(echo "$packages" | sed -e 's/^luajit2$/luajit/' \
            -e 's/^libluajit2-5.1-dev$/libluajit-5.1-dev/')
    fi
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get \
        -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
        install --no-install-recommends $packages >&2
}

# shellcheck disable=SC2086
echo "deps: installing" $packages >&2
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
forbid_services

updated=no
if [ -z "$(find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | head -n 1)" ] ||
    [ -n "$(find /var/lib/apt/lists -maxdepth 0 -mtime +1 2>/dev/null)" ]; then
    update
fi
if ! install; then
    [ "$updated" = no ] || exit 1
    update # lists that are a little old name files that are gone
    install
fi
disable_nginx

packages=$(missing)
if [ -n "$packages" ]; then
    # shellcheck disable=SC2086
    echo "deps: still missing after the installation:" $packages >&2
    exit 1
fi
