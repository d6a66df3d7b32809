#!/bin/bash
# One .ozx by several processes of this computer, with GNU parallel: parallel.sh INPUT OUTPUT.ozx PARTS [OPTION …]
# Run it again after a failure: parts that are done end at once.
set -euo pipefail
input=$1 output=$2 parts=$3
plan=${output%.ozx}.plan.json

[ -e "$plan" ] || ozx plan "$input" "$output" --parts "$parts" -o "$plan" "${@:4}"
count=$(sed -n 's/^  "parts": \([0-9]*\),$/\1/p' "$plan")
seq 0 $((count - 1)) |
  parallel --halt soon,fail=1 --retries 2 --joblog "$plan.log" --termseq TERM,10000,KILL \
    ozx run "$plan" --part {} --jobs 1
ozx finish "$plan"
rm "$plan" "$plan.log"
