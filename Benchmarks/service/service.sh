#!/usr/bin/env bash
# The service under load by wrk, on this machine: one row a request, a thousand rows a request, events for minutes, an alarm's way to a follower, and
# ten thousand slow connections. Prints JSON lines. Needs wrk and python3; GIBBS_BENCH_SECONDS is how long events come (300 unless told). The stream remembers
# 20 000 entities, so that its memory is full early: each round of its three days comes from addresses of its own, three days later, from 1998 on. Exits 1 where a usual request failed.
set -euo pipefail
# A token of somebody's own is for somebody's own service.
unset GIBBS_TOKEN
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command -v wrk >/dev/null || { echo "bench: the service's load comes from wrk; run: apt-get install wrk" >&2; exit 69; }
swift build -c release --product gibbs >&2
swift build -c release --product gibbs-serve >&2
bin=$(swift build -c release --show-bin-path)
work=$(mktemp -d)
server=
cleanup() { if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$work"; }
trap cleanup EXIT
mkdir "$work/models"
quiet() { "$@" >/dev/null 2>&1; }
quiet "$bin/gibbs" simulate connections --count 20000 --key 1 --out "$work/normal.csv"
for model in gaussian auto; do quiet "$bin/gibbs" fit table "$work/normal.csv" --label label --normal normal --ignore time --model $model --out "$work/models/$model.gibbs"; done
quiet "$bin/gibbs" simulate logins --users 2000 --days 10 --out "$work/logins.ndjson"
quiet "$bin/gibbs" simulate logins --users 2000 --days 3 --start-day 10 --campaigns stuffing=1,spraying=1 --key 3 --out "$work/days.ndjson"
# A year with the same days of the week, from which all rounds lie in the past: an event of the future begins no day.
sed -i.as-simulated 's/"time":"2026-/"time":"1998-/' "$work/logins.ndjson" "$work/days.ndjson"
quiet "$bin/gibbs" fit events "$work/logins.ndjson" --entity address --event outcome --fields user,country,device --about user --out "$work/models/logins.gibbs"

"$bin/gibbs-serve" --models "$work/models" --port 0 --entities 20000 --quiet > "$work/out" &
server=$!
for _ in $(seq 200); do grep -q http "$work/out" && break; sleep 0.05; done
base=$(grep -o 'http://[^/]*' "$work/out")
python3 Benchmarks/service/bodies.py "$work/normal.csv" "$work/days.ndjson" "$work"

memory() { awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$server/status"; }
# What wrk says as one JSON line: name, rows a request, arguments of wrk.
load() {
    local name=$1 rows=$2; shift 2
    wrk --latency -s Benchmarks/service/post.lua "$@" > "$work/wrk"
    awk -v name="$name" -v rows="$rows" -v memory="$(memory)" '
        function ms(text) { return text ~ /us$/ ? text / 1000 : text ~ /ms$/ ? text + 0 : text * 1000 }
        $1 == "50%" { p50 = ms($2) } $1 == "99%" { p99 = ms($2) } /^Requests\/sec/ { rate = $2 } /Non-2xx/ { bad = $NF } /Socket errors/ { errors = $0 }
        END { printf "{\"case\": \"%s\", \"requestsPerSecond\": %.0f, \"rowsPerSecond\": %.0f, \"p50ms\": %.3f, \"p99ms\": %.3f, \"refused\": %d, \"memoryMiB\": %d%s}\n", name, rate, rate * rows, p50, p99, bad, memory, errors == "" ? "" : ", \"errors\": \"" errors "\""; exit (bad || errors != "") ? 1 : 0 }' "$work/wrk"
}
body() { export GIBBS_BODY=$1; }

body "$work/row.json"
for model in gaussian auto; do
    load "warm-up" 1 -t1 -c4 -d2s "$base/models/$model/score" > /dev/null
    load "one row, $model" 1 -t1 -c8 -d10s "$base/models/$model/score"
done
body "$work/rows.json"
for model in gaussian auto; do load "1000 rows, $model" 1000 -t1 -c2 -d10s "$base/models/$model/score"; done
body "$work/events"
export GIBBS_DAYS=3
before=$(memory)
load "events, 1000 a request" 1000 -t1 -c2 -d30s "$base/streams/logins/events"
after=$(memory)
load "events, minutes" 1000 -t1 -c2 -d"${GIBBS_BENCH_SECONDS:-300}s" "$base/streams/logins/events"
echo "{\"case\": \"memory of the stream\", \"beforeMiB\": $before, \"afterHalfAMinuteMiB\": $after, \"afterMinutesMiB\": $(memory)}"
unset GIBBS_DAYS
python3 Benchmarks/service/alarm.py "$base" "$work/days.ndjson"
python3 Benchmarks/service/slow.py "$base" 10000 "$work/row.json"
