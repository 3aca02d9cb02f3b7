#!/usr/bin/env bash
# The demonstration: starts a vividd of its own on embedded defaults, submits the samples beside this file, shows what
# happens, and ends with a table. Exits 0 only if every one of them ended as it should.
#
#   samples/demo.sh FOLDER_OF_PROGRAMS FOLDER_FOR_STATE
set -uo pipefail
samples=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$1" && pwd)
mkdir -p "$2"
state=$(cd "$2" && pwd)
fresh=$state/$(date +%Y%m%d-%H%M%S)
log=$state/vividd.log

export VIVIDD_CONTROL_SOCKET=$state/control.sock
export VIVIDD_PATHS_STATE_DIRECTORY=$state/state
export VIVIDD_STORAGE_DIRECTORY=$state/objects
export VIVIDD_PATHS_ASSETS=$samples
export VIVIDD_HTTP_PORT=${VIVIDD_HTTP_PORT:-9464}
ctl() { "$bin/vividctl" "$@"; }
say() { printf '%s\n' "$*"; }
die() { say "demo: $*" >&2; exit 1; }

if ctl ping >/dev/null 2>&1; then die "a demo is running already at $VIVIDD_CONTROL_SOCKET"; fi
# Somebody else may have the usual port: any free one serves a demonstration.
if (exec 3<>"/dev/tcp/127.0.0.1/$VIVIDD_HTTP_PORT") 2>/dev/null; then export VIVIDD_HTTP_PORT=0; fi

"$bin/vividd" >"$log" 2>&1 &
daemon=$!
watcher=
finish() {
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
  kill -TERM "$daemon" 2>/dev/null
  wait "$daemon" 2>/dev/null
}
trap finish EXIT
trap 'exit 130' INT TERM

for _ in $(seq 100); do
  ctl ping >/dev/null 2>&1 && break
  kill -0 "$daemon" 2>/dev/null || { cat "$log" >&2; die "vividd did not start"; }
  sleep 0.1
done
http=$(ctl status --json | jq -r '.http // "off"') || die "vividd does not answer; its log is $log"
say "vividd runs (pid $daemon). From another terminal:"
say "  export VIVIDD_CONTROL_SOCKET=$VIVIDD_CONTROL_SOCKET"
say "  $bin/vividctl status        $bin/vividctl watch        curl -s http://$http/metrics"
say ""

# name | what should come of it | options of vividctl submit | file
mkdir -p "$fresh"
sed -n 4p "$samples/messages.jsonl" >"$fresh/poison.json"
cases=(
  "script, no modalities|completed||$samples/script-newton-basketball.json"
  "text only|completed|--modalities text|$samples/script-photosynthesis-text-only.json"
  "explicit video, storyboard|completed|--modalities video|$samples/storyboard-newton-full.json"
  "Spanish|completed||$samples/script-respiracion-es.json"
  "Arabic storyboard|completed||$samples/storyboard-arabic-rtl.json"
  "fenced by the model|completed||$samples/script-fenced-by-the-model.txt"
  "poison message|refused||$fresh/poison.json"
)
started=$(date +%s)
jobs=() expected=() names=() reasons=()
for row in "${cases[@]}"; do
  IFS='|' read -r name want options file <<<"$row"
  # shellcheck disable=SC2086  # options are words
  if answer=$(ctl submit $options --json "$file" 2>"$fresh/stderr"); then
    job=$(jq -r '.job' <<<"$answer")
  else
    job=
  fi
  reason=$(jq -r '.error.message' "$fresh/stderr" 2>/dev/null || cat "$fresh/stderr")
  say "submitted  $name  ${job:-refused}"
  names+=("$name") expected+=("$want") jobs+=("$job") reasons+=("$reason")
done
say ""

"$bin/vividctl" watch &
watcher=$!
for job in "${jobs[@]}"; do
  [ -z "$job" ] || ctl wait "$job" --timeout 5m >/dev/null 2>&1
done
sleep 1
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
watcher=

bad=0
say ""
printf '%-27s %-10s %8s  %s\n' SAMPLE RESULT LENGTH "WHERE"
for i in "${!names[@]}"; do
  result=refused length='' where=''
  if [ -n "${jobs[$i]}" ]; then
    result=$(ctl show "${jobs[$i]}" --json | jq -r '.job.state')
    folder=$(find "$state/objects" -type d -path "*${jobs[$i]}*" -not -path '*/.*' | sort | tail -1)
    where=${folder#"$PWD"/}
    if [ -f "$folder/video.mp4" ]; then
      where=$where/video.mp4
      length=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$folder/video.mp4" | cut -d. -f1)s
    fi
  else
    where=${reasons[$i]}
  fi
  [ "$result" = "${expected[$i]}" ] || { bad=$((bad + 1)); result="$result!"; }
  printf '%-27s %-10s %8s  %s\n' "${names[$i]}" "$result" "$length" "$where"
done
say ""
say "$(($(date +%s) - started)) seconds. Play one with: ffplay FILE, or open it in a browser."
say "Refused once, kept for an operator to read (vividctl dead list):"
ctl dead list
[ $bad = 0 ] || die "$bad of ${#names[@]} did not end as it should; the log is $log"
