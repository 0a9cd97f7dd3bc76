#!/bin/sh
# Installs the Debian packages that some tests need, where it can: root and apt-get. Never fails;
# what stays missing is said in one line, and the tests that need it are skipped (with CI=true they fail).
packages=""
need() { [ -n "$(command -v "$1")" ] || packages="$packages $2"; }
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || packages="$packages rabbitmq-server"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need initdb postgresql
need chromium chromium
need caddy caddy
ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || packages="$packages libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
[ -z "$packages" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # no service may start by itself; the tests start their own
    [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; made=1; }
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    for try in "" update; do
        [ -z "$try" ] || apt-get update -qq >/dev/null 2>&1
        apt-get install -y -qq --no-install-recommends $packages >/dev/null 2>&1 && packages="" && break
    done
    [ -z "${made:-}" ] || rm -f /usr/sbin/policy-rc.d
fi
[ -z "$packages" ] || echo "not installed, so the tests that need them are left out:$packages" >&2
exit 0
