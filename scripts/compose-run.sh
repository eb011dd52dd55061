#!/usr/bin/env bash
# Starts deploy/compose.yaml for real, uses it, breaks parts of it, and counts: each message must be with the mock provider once.
#
#   scripts/compose-run.sh [--without-grafana]
#
# Needs Docker with Compose 2.24 or newer, curl and python3. Ports are free ones of this machine, the project has a name of its own,
# and nothing of it but the images is left at the end. Images that are there already, or published, are used as they are: to try
# this checkout, `docker compose -f deploy/compose.yaml build` first, as CI does; it takes some minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

monitoring=(prometheus grafana)
case "${1:-}" in
    "") ;;
    --without-grafana) monitoring=(prometheus) ;;
    *)
        echo "unknown argument: $1" >&2
        exit 64
        ;;
esac

export COMPOSE_PROJECT_NAME="message-dispatcher-run-$$"
# Docker chooses.
export SERVER_PORT=0 POSTGRES_PORT=0 REDIS_PORT=0 MOCK_PROVIDER_PORT=0 PROMETHEUS_PORT=0 GRAFANA_PORT=0
export PROCESSING_INTERVAL=1s BATCH_SIZE=10
plain=(docker compose -f deploy/compose.yaml)
replicas=("${plain[@]}" -f deploy/compose.replicas.yaml)
work="$(mktemp --directory)"

clean_up() {
    local result=$?
    if ((result != 0)); then "${replicas[@]}" --profile monitoring logs --no-color --tail 40 >&2 || true; fi
    "${replicas[@]}" --profile monitoring down --volumes --timeout 5 > "$work/down.log" 2>&1 || cat "$work/down.log" >&2
    rm -rf "$work"
}
trap clean_up EXIT

say() { printf '\n== %s\n' "$*"; }

fail() {
    echo "FAILED  $*" >&2
    exit 1
}

# wait_for SECONDS COMMAND…: until it succeeds.
wait_for() {
    local until=$((SECONDS + $1))
    shift
    until "$@" > "$work/last" 2>&1; do
        ((SECONDS < until)) || { cat "$work/last" >&2; fail "never came true: $*"; }
        sleep 0.5
    done
}

# address SERVICE PORT: where this machine reaches it. Docker must have bound it to loopback.
address() {
    local bound
    bound="$("${replicas[@]}" port "$1" "$2")"
    [[ "$bound" == 127.0.0.1:* ]] || fail "$1 listens on $bound, which is not this machine only"
    echo "http://$bound"
}

# state SERVICE: of each of its containers, such as "running healthy" or "exited 0".
state() {
    local container
    for container in $("${replicas[@]}" --profile monitoring ps --all --quiet "$1"); do
        docker inspect --format \
            '{{.State.Status}} {{if eq .State.Status "exited"}}{{.State.ExitCode}}{{else if .State.Health}}{{.State.Health.Status}}{{end}}' "$container"
    done
}

# has_state SERVICE STATE NUMBER: so many containers, all in this state.
has_state() {
    local states
    states="$(state "$1")"
    echo "$1: $states"
    [[ "$(grep --count . <<< "$states")" == "$3" && "$(sort --unique <<< "$states")" == "$2" ]]
}

sql() {
    "${plain[@]}" exec -T postgres psql --username=dispatcher --dbname=messages_db --tuples-only --no-align --command="$1"
}

insert() {
    sql "INSERT INTO messages (phone_number, content) SELECT '+90555' || to_char(n, 'FM0000000'), '$1 ' || n FROM generate_series(1, $2) AS n" > "$work/insert.log"
}

all_sent() {
    local states
    states="$(sql 'SELECT status, count(*) FROM messages GROUP BY status')"
    echo "$states"
    [[ "$states" == "sent|"* && "$states" != *$'\n'* ]]
}

# What the provider has accepted against what the database says: the same texts, each once.
compare() {
    curl --silent --show-error --fail "$(address mock-provider 3001)/ledger" > "$work/ledger.json"
    sql 'SELECT content FROM messages ORDER BY content COLLATE "C"' > "$work/rows"
    python3 - "$work/ledger.json" "$work/rows" <<'PYTHON'
import collections, json, sys
accepted = collections.Counter(entry["content"] for entry in json.load(open(sys.argv[1]))["entries"])
rows = collections.Counter(open(sys.argv[2]).read().splitlines())
if accepted != rows:
    sys.exit(f"lost: {sorted(rows - accepted)[:5]}, twice: {sorted(accepted - rows)[:5]}")
print(f"ok      {len(rows)} messages, each with the provider once")
PYTHON
}

say "every combination of files is valid"
"${plain[@]}" --profile monitoring config --quiet
"${replicas[@]}" --profile monitoring config --quiet

say "one command starts everything"
"${plain[@]}" up --detach
wait_for 60 has_state server "running healthy" 1
for service in postgres redis mock-provider; do has_state "$service" "running healthy" 1; done
has_state migrate "exited 0" 1
url="$(address server 8080)"
scripts/api.sh "$url" --send +905551234567

say "hardened as the file says"
for service in server mock-provider; do
    hardening="$(docker inspect --format \
        '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.Config.User}}' \
        "$("${plain[@]}" ps --quiet "$service")")"
    echo "$service: $hardening"
    [[ "$hardening" == "true [ALL] [no-new-privileges:true] 65532:65532" ]] || fail "$service is not hardened"
done

say "a second 'up' changes nothing"
before="$("${plain[@]}" ps --quiet server postgres redis mock-provider | sort)"
"${plain[@]}" up --detach
[[ "$("${plain[@]}" ps --quiet server postgres redis mock-provider | sort)" == "$before" ]] || fail "containers were made anew"
wait_for 30 has_state migrate "exited 0" 1

say "PostgreSQL and Redis restart under load"
insert outage 150
"${plain[@]}" restart redis
"${plain[@]}" restart postgres
wait_for 120 all_sent
compare

say "three replicas, and one of them is killed under load"
"${replicas[@]}" up --detach
wait_for 60 has_state server "running healthy" 3
wait_for 30 has_state load-balancer "running " 1
url="$(address load-balancer 8080)"
wait_for 30 curl --silent --show-error --fail "$url/readyz"
insert replica 300
accepted=0 refused=0
for n in {1..150}; do
    if ((n == 50)); then docker kill "$("${replicas[@]}" ps --quiet server | head --lines=1)" > "$work/kill.log"; fi
    status="$(curl --silent --max-time 15 --output /dev/null --write-out '%{http_code}' --header 'Content-Type: application/json' \
        --data "{\"phone_number\":\"+905551234567\",\"content\":\"posted $n\"}" "$url/api/messages" || true)"
    if [[ "$status" == 201 ]]; then accepted=$((accepted + 1)); else refused=$((refused + 1)); fi
done
echo "of 150 POSTs through the load balancer $accepted were accepted, $refused had another answer"
# One may have been with the replica that died.
((refused <= 1)) || fail "the load balancer did not take the others to a living replica"
wait_for 180 all_sent
stored="$(sql "SELECT count(*) FROM messages WHERE content LIKE 'posted %'")"
((stored >= accepted)) || fail "$accepted POSTs were accepted, $stored are stored"
compare

say "the killed replica comes back with the next 'up'"
"${replicas[@]}" up --detach
wait_for 60 has_state server "running healthy" 3

say "monitoring: ${monitoring[*]}"
"${replicas[@]}" up --detach "${monitoring[@]}"
prometheus="$(address prometheus 9090)"
# A rate needs two scrapes.
targets_up() {
    curl --silent --show-error --fail --get --data-urlencode 'query=count(rate(process_cpu_seconds_total[2m]))' \
        "$prometheus/api/v1/query" | tee /dev/stderr | grep --quiet '"3"\]'
}
wait_for 90 targets_up
python3 - "$prometheus" deploy/grafana/dashboards/message-dispatcher.json <<'PYTHON'
import json, sys, urllib.parse, urllib.request
url, dashboard = sys.argv[1], json.load(open(sys.argv[2]))

def ask(path, **query):
    with urllib.request.urlopen(f"{url}/api/v1/{path}?{urllib.parse.urlencode(query)}") as answer:
        return json.load(answer)["data"]

rules = [rule for group in ask("rules")["groups"] for rule in group["rules"]]
bad = [rule["name"] for rule in rules if rule["health"] not in ("ok", "unknown") or rule.get("lastError")]
assert rules and not bad, f"{len(rules)} rules; with errors: {bad}"
print(f"ok      {len(rules)} alert rules are loaded")

panels = [inner for panel in dashboard["panels"] for inner in [panel, *panel.get("panels", [])]]
expressions = [target["expr"] for panel in panels for target in panel.get("targets", [])]
for expression in expressions:
    if not ask("query", query=expression.replace("$job", ".+").replace("$__rate_interval", "2m"))["result"]:
        sys.exit(f"the dashboard asks for what is not there: {expression}")
print(f"ok      {len(expressions)} expressions of the dashboard are answered")
PYTHON
if [[ " ${monitoring[*]} " == *" grafana "* ]]; then
    grafana="$(address grafana 3000)"
    wait_for 60 curl --silent --show-error --fail --user admin:admin "$grafana/api/dashboards/uid/message-dispatcher"
    wait_for 30 curl --silent --show-error --fail --user admin:admin "$grafana/api/datasources/uid/prometheus/health"
    echo "ok      Grafana has the dashboard and reaches Prometheus"
else
    echo "NOT TRIED: Grafana, as asked"
fi

say "what is stopped in order leaves nothing in doubt, and what is stored stays"
insert down 60
"${replicas[@]}" --profile monitoring down
"${plain[@]}" up --detach
wait_for 60 has_state server "running healthy" 1
wait_for 120 all_sent
compare

printf '\nall is well with Compose\n'
