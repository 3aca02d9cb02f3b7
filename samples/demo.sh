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
export VIVIDCTL_SOCKET=$VIVIDD_CONTROL_SOCKET
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
  rm -rf "$fresh"
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
say "  export VIVIDCTL_SOCKET=$VIVIDCTL_SOCKET"
say "  $bin/vividctl status        $bin/vividctl watch        curl -s http://$http/metrics"
say ""

# name | what should come of it | its main file | options of vividctl submit | file
mkdir -p "$fresh"
sed -n 4p "$samples/messages.jsonl" >"$fresh/poison.json"
cases=(
  "script, no modalities|completed|video.mp4||$samples/script-newton-basketball.json"
  "text only|completed|text.md|--modalities text|$samples/script-photosynthesis-text-only.json"
  "explicit video, storyboard|completed|video.mp4|--modalities video|$samples/storyboard-newton-full.json"
  "Spanish|completed|video.mp4||$samples/script-respiracion-es.json"
  "Arabic storyboard|completed|video.mp4||$samples/storyboard-arabic-rtl.json"
  "fenced by the model|completed|video.mp4||$samples/script-fenced-by-the-model.txt"
  "poison message|refused|||$fresh/poison.json"
)
started=$(date +%s)
jobs=() expected=() names=() reasons=() mains=() codes=()
for row in "${cases[@]}"; do
  IFS='|' read -r name want main options file <<<"$row"
  code=0
  # shellcheck disable=SC2086  # options are words
  answer=$(ctl submit $options --json "$file" 2>"$fresh/stderr") || code=$?
  job=
  [ $code -ne 0 ] || job=$(jq -r '.job' <<<"$answer")
  reason=$(jq -r '.error.message' "$fresh/stderr" 2>/dev/null || cat "$fresh/stderr")
  say "submitted  $name  ${job:-refused}"
  names+=("$name") expected+=("$want") jobs+=("$job") reasons+=("$reason") mains+=("$main") codes+=("$code")
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

poison_id=$(jq -r '.request_id' "$fresh/poison.json")
# What vividctl answers to a request that never can succeed.
refused_code=8
bad=0
say ""
printf '%-27s %-10s %8s  %s\n' SAMPLE RESULT LENGTH "WHERE"
for i in "${!names[@]}"; do
  result=refused length='' where='' right=1
  if [ -n "${jobs[$i]}" ]; then
    result=$(ctl show "${jobs[$i]}" --json | jq -r '.job.state')
    # Of the newest attempt; beside the file there may be folders with further pictures.
    folder=$(find "$state/objects" -path "*${jobs[$i]}*" -name "${mains[$i]}" -not -path '*/.*' | sort | tail -1)
    folder=${folder%/*}
    where=${folder#"$PWD"/}/${mains[$i]}
    [ -s "$folder/${mains[$i]}" ] || right=0
    if [ "${mains[$i]}" = video.mp4 ]; then
      seconds=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$folder/video.mp4")
      awk -v seconds="${seconds:-0}" 'BEGIN { exit !(seconds > 0) }' || right=0
      length=${seconds%%.*}s
    fi
  else
    where=${reasons[$i]}
    # Refused for its id, and not because something else went wrong.
    [[ ${codes[$i]} = "$refused_code" && $where = *"$poison_id"* ]] || right=0
  fi
  [[ $result = "${expected[$i]}" && $right = 1 ]] || { bad=$((bad + 1)); result="$result!"; }
  printf '%-27s %-10s %8s  %s\n' "${names[$i]}" "$result" "$length" "$where"
done
say ""
say "$(($(date +%s) - started)) seconds. Play one with: ffplay FILE, or open it in a browser."
say "Refused once, kept for an operator to read (vividctl dead list):"
ctl dead list
say ""
say "This vividd ends now. Another one on the same state, with all its jobs:"
say "  VIVIDD_CONTROL_SOCKET=$VIVIDD_CONTROL_SOCKET VIVIDD_PATHS_STATE_DIRECTORY=$VIVIDD_PATHS_STATE_DIRECTORY \\"
say "  VIVIDD_STORAGE_DIRECTORY=$VIVIDD_STORAGE_DIRECTORY VIVIDD_PATHS_ASSETS=$VIVIDD_PATHS_ASSETS $bin/vividd"
[ $bad = 0 ] || die "$bad of ${#names[@]} did not end as it should; the log is $log"
