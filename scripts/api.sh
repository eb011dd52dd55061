#!/usr/bin/env bash
# Uses the API of a running service, and says of each request whether it answered as it should.
#
#   scripts/api.sh [URL]                  only looks; safe anywhere
#   scripts/api.sh [URL] --send NUMBER    also stops and starts sending, queues one SMS to NUMBER, and waits until it is sent
#
# URL is http://127.0.0.1:8080 unless given. Needs curl. Ends with 0 if all is well, with 64 if it was called wrongly, else
# with 1. Sending that somebody has stopped stays so, and sending that it has stopped itself is started in any case.
set -euo pipefail

url="http://127.0.0.1:8080"
number=""
while (($# > 0)); do
    case "$1" in
        --send)
            number="${2:-}"
            if [[ -z "$number" ]]; then
                echo "--send needs a phone number, such as +905551234567" >&2
                exit 64
            fi
            shift 2
            ;;
        -h | --help)
            sed -n '2,9s/^# \{0,1\}//p' "$0"
            exit 0
            ;;
        http://* | https://*)
            url="${1%/}"
            shift
            ;;
        *)
            echo "unknown argument: $1; see --help" >&2
            exit 64
            ;;
    esac
done

failures=0
body=""

# request METHOD PATH STATUS [JSON]: asks, and compares the status.
request() {
    local method="$1" path="$2" expected="$3" answer status
    local options=(--silent --show-error --max-time 15 --request "$method" --write-out '\n%{http_code}')
    if (($# > 3)); then options+=(--header 'Content-Type: application/json' --data "$4"); fi
    if ! answer="$(curl "${options[@]}" "$url$path")"; then
        echo "FAILED  $method $path: no answer" >&2
        failures=$((failures + 1))
        return 1
    fi
    status="${answer##*$'\n'}"
    body="${answer%$'\n'*}"
    if [[ "$status" != "$expected" ]]; then
        echo "FAILED  $method $path: $status instead of $expected: $body" >&2
        failures=$((failures + 1))
        return 1
    fi
    echo "ok      $method $path: $status"
}

# has TEXT: the last answer contains it.
has() {
    if [[ "$body" != *"$1"* ]]; then
        echo "FAILED  the answer has no $1: $body" >&2
        failures=$((failures + 1))
    fi
}

# Keeps the first one of each kind of request going although the others fail.
look() {
    request GET /health 200 && has '"status"'
    request GET /version 200 && has '"version"'
    request GET /livez 200
    request GET /readyz 200
    request GET /metrics 200 && has message_dispatcher_build_info
    request GET /api/openapi.json 200 && has '"openapi"'
    request GET '/api/messages/sent?limit=5' 200 && has '"messages"'
    request GET '/api/messages?status=queued&limit=5' 200 && has '"messages"'
    request GET /api/messages/999999999999 404
    request GET /api/nothing 404
    request POST /api/messages 422 '{"content":"no number"}'
    true
}

# Nobody finds sending stopped because a check failed, or was ended by Ctrl-C.
stopped=""
start() {
    if [[ -z "$stopped" ]]; then return 0; fi
    stopped=""
    if ! request POST /api/messaging/start 200; then
        echo "SENDING IS STOPPED: curl -X POST $url/api/messaging/start" >&2
        return 1
    fi
}
trap start EXIT
trap 'exit 1' INT TERM HUP

# What is queued while sending is stopped stays; what is queued goes out once sending is on.
send() {
    request GET /health 200 || return 0
    if [[ "$body" != *'"processing_status":"running"'* ]]; then
        echo "FAILED  sending is stopped already: whoever did that starts it, and then --send works" >&2
        failures=$((failures + 1))
        return 0
    fi
    stopped=yes
    request POST /api/messaging/stop 200 && has '"stopped"'
    local queued="" id=""
    if request POST /api/messages 201 "{\"phone_number\":\"$number\",\"content\":\"Sent by scripts/api.sh.\"}"; then
        queued=yes
        id="$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$body")"
        request GET "/api/messages/$id" 200 && has '"queued"'
    fi
    start && has '"started"'
    if [[ -z "$queued" ]]; then return 0; fi
    local tries=0
    until curl --silent --max-time 15 "$url/api/messages/$id" | grep --quiet '"status":"sent"'; do
        tries=$((tries + 1))
        if ((tries > 300)); then
            echo "FAILED  message $id is not sent after five minutes; see $url/api/messages/$id" >&2
            failures=$((failures + 1))
            return 0
        fi
        sleep 1
    done
    echo "ok      message $id is sent"
}

look || true
if [[ -n "$number" ]]; then send || true; fi
if ((failures > 0)); then
    echo "$failures of the checks failed at $url" >&2
    exit 1
fi
echo "all is well at $url"
