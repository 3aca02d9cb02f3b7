#!/usr/bin/env bash
# samples/gpu_check.sh BIN: does the GPU of this machine encode a lesson as the software encoder does? Prints what was
# done, what was measured, and PASSED or FAILED.
set -euo pipefail
bin=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
here=$(dirname "$0")
lesson=$here/script-newton-basketball.json

fail() { printf 'FAILED: %s\n' "$*"; exit 1; }

echo "== probe"
"$bin/vivid-render" --probe || fail "no GPU encodes here: see docs/gpu.md"

render() {  # NAME OPTION…
  local name=$1
  shift
  local began=$EPOCHREALTIME
  "$bin/vivid-render" "$lesson" -o "$folder/$name" "$@" >"$folder/$name.log" 2>&1 || { cat "$folder/$name.log"; fail "$name"; }
  awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "   %.1f s, ", b - a }'
  jq -r '.video | "\(.encoder), \(.frames_encoded) of \(.frames) frames encoded"' "$folder/$name/manifest.json"
  grep -i '^warning' "$folder/$name.log" || true
}

echo "== a lesson on the GPU, still frames held"
render gpu --hardware required
echo "== the same, every frame encoded"
render every --hardware required --encode-every-frame
echo "== the same, in software"
render software --hardware never

grep -q 'every frame was encoded' "$folder/gpu.log" && fail "frames could not be held in this GPU's stream"
for name in gpu every; do
  ffmpeg -v error -xerror -err_detect explode -i "$folder/$name/video.mp4" -map 0:v -f null - ||
    fail "what the GPU made ($name) does not decode cleanly"
done

echo "== likeness to the software encoder's pictures"
for name in gpu every; do
  psnr=$(ffmpeg -hide_banner -i "$folder/$name/video.mp4" -i "$folder/software/video.mp4" -lavfi '[0:v][1:v]psnr' -f null - 2>&1 |
    sed -n 's/.*average:\([0-9.inf]*\).*/\1/p')
  echo "   $name: PSNR $psnr dB, $(stat -c %s "$folder/$name/video.mp4") bytes (software: $(stat -c %s "$folder/software/video.mp4"))"
  awk -v p="$psnr" 'BEGIN { exit !(p == "inf" || p > 35) }' || fail "$name is unlike the software encoder's video"
done
echo "PASSED"
