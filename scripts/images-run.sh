#!/usr/bin/env bash
# Called by scripts/images.sh, in namespaces of its own: runs the programs of the three images from their root file
# systems, read-only and as their user, together with PostgreSQL and Redis, as deploy/compose.yaml would. Their names come from a
# name server, as in a container: that a static glibc can ask one is part of what is tried.
set -euo pipefail
server="$1" migrate="$2" mock="$3"
work="$(mktemp --directory)"
clean_up() {
    jobs -p | xargs --no-run-if-empty kill 2> /dev/null || true
    wait
    rm -rf "$work"
}
trap clean_up EXIT

ip link set lo up

# Answers every question with 127.0.0.1.
python3 - > "$work/names.log" 2>&1 <<'END' &
import socket
names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.bind(("127.0.0.1", 53))
while True:
    question, client = names.recvfrom(512)
    end = question.index(b"\0", 12) + 5
    is_a = question[end - 4 : end - 2] == b"\0\1"
    head = question[:2] + b"\x81\x80" + b"\0\1" + (b"\0\1" if is_a else b"\0\0") + b"\0\0\0\0"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if is_a else b""
    names.sendto(head + question[12:end] + answer, client)
END

# in_image ROOT PROGRAM [ARGUMENTS]: with `settings` as its whole environment.
in_image() {
    (become_image "$@")
}

# The same in the place of this very process: behind `&`, so that its id is the program's.
become_image() {
    local root="$1" program="/usr/local/bin/message-dispatcher-$2"
    shift 2
    exec env --ignore-environment "${settings[@]}" \
        "$(command -v chroot)" --userspec=65532:65532 --groups= "$root" "$program" "$@"
}

# As an engine does it: names from a name server, some devices, a read-only root, and /data.
for root in "$server" "$migrate" "$mock"; do
    echo "nameserver 127.0.0.1" > "$root/etc/resolv.conf"
    # Every engine brings a /dev. Without /dev/random and /dev/urandom a static glibc has no random numbers.
    mkdir -p "$root/dev"
    for device in null random urandom; do
        touch "$root/dev/$device"
    done
    mount --bind "$root" "$root"
    for device in null random urandom; do
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mount -o remount,bind,ro "$root"
    mount -t tmpfs -o uid=65532,gid=65532 tmpfs "$root/data"
done

programs="$(dirname "$(find /usr/lib/postgresql -name initdb -print -quit)")"
install --directory --owner=postgres "$work/postgres"
chmod 0755 "$work"
runuser --user postgres -- "$programs/initdb" --auth=trust --username=dispatcher "$work/postgres" > "$work/initdb.log"
runuser --user postgres -- "$programs/pg_ctl" --wait --silent --pgdata="$work/postgres" --log="$work/postgres/log" \
    --options="-c unix_socket_directories='' -c listen_addresses=127.0.0.1" start
runuser --user postgres -- "$programs/createdb" --host=127.0.0.1 --username=dispatcher messages_db
redis-server --save '' --dir "$work" > "$work/redis.log" &

# wait_for COMMAND…: until it succeeds, twenty seconds at most.
wait_for() {
    local tries=0
    until "$@" > "$work/last" 2>&1; do
        tries=$((tries + 1))
        ((tries < 100)) || { cat "$work/last" >&2; return 1; }
        sleep 0.2
    done
    cat "$work/last"
}

settings=(MOCK_PROVIDER_HOST=0.0.0.0)
become_image "$mock" mock-provider --ledger-file /data/ledger.jsonl 2> "$work/mock.log" &
wait_for in_image "$mock" mock-provider healthcheck

settings=(DB_HOST=postgres.test DB_NAME=messages_db DB_USER=dispatcher DB_PASSWORD=dispatcher)
in_image "$migrate" migrate --wait 20s

settings+=(SERVER_HOST=0.0.0.0 REDIS_URL=redis://redis.test:6379/0 AUTH=off PROCESSING_INTERVAL=1s SMS_ALLOW_PLAINTEXT=true
    SMS_API_URL=http://mock-provider.test:3001/send LOG_FORMAT=json)
become_image "$server" server 2> "$work/server.log" &
running=$!
wait_for in_image "$server" server healthcheck --ready || { cat "$work/server.log" >&2; exit 1; }
scripts/api.sh http://127.0.0.1:8080 --send +905551234567 || { cat "$work/server.log" >&2; exit 1; }
grep --quiet 'Sent by scripts/api.sh' "$mock/data/ledger.jsonl"
redis-cli --raw keys '*' | grep --quiet '^receipt:'

# What stops it is what a container's engine sends.
kill "$running"
wait "$running"
echo "stopped in order; a SQLite file next, in an empty folder of a read-only root"

settings=(DATABASE_URL=sqlite:///data/messages.db)
mount --bind "$server/data" "$migrate/data"
in_image "$migrate" migrate
settings+=(SERVER_HOST=127.0.0.1 PROCESSING_INTERVAL=1s SMS_ALLOW_PLAINTEXT=true SMS_API_URL=http://mock-provider.test:3001/send)
become_image "$server" server 2> "$work/server.log" &
running=$!
wait_for in_image "$server" server healthcheck --ready || { cat "$work/server.log" >&2; exit 1; }
scripts/api.sh http://127.0.0.1:8080 --send +905551234567
kill "$running"
wait "$running"
runuser --user postgres -- "$programs/pg_ctl" --silent --pgdata="$work/postgres" --mode=fast stop
echo "the three images work"
