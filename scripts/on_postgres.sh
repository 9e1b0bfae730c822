#!/usr/bin/env bash
# Runs a command with DATABASE_URL of a PostgreSQL server of its own, which lives in a new folder and ends with it.
# PostgreSQL refuses to run as root, so root lends it to the user that Debian's package made.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "PostgreSQL не найден. Выполните: sudo apt-get install postgresql" >&2; exit 1; }
folder=$(mktemp -d /tmp/proforientir-pg.XXXXXX)
port=$("${PYTHON:-python3}" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; as() { runuser -u postgres -- "$@"; }; fi
stop() { as "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap stop EXIT
cd /
as "$bin/initdb" -D "$folder/data" -U portal -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
# The data are thrown away afterwards, so nothing needs to survive a power cut here.
as "$bin/pg_ctl" -D "$folder/data" -s -w -l "$folder/log" \
  -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off" start
cd "$OLDPWD"
DATABASE_URL="postgres://portal@127.0.0.1:$port/postgres" "$@"
