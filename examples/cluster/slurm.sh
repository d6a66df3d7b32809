#!/bin/bash
# One .ozx by an array of Slurm jobs, on a disk that all nodes see: slurm.sh INPUT OUTPUT.ozx PARTS [OPTION …]
# Prints the id of the last job, which completes the output. SBATCH_* variables choose the partition and the account.
set -euo pipefail
input=$1 output=$2 parts=$3
plan=${output%.ozx}.plan.json

[ -e "$plan" ] || ozx plan "$input" "$output" --parts "$parts" -o "$plan" "${@:4}"
# The true number of parts; tasks count from 1.
count=$(sed -n 's/^  "parts": \([0-9]*\),$/\1/p' "$plan")
array=$(sbatch --parsable --array="1-$count%${OZX_TASKS:-100}" --requeue --open-mode=append \
  --cpus-per-task="${OZX_CPUS:-1}" --job-name=ozx-run \
  --wrap="exec ozx run '$plan' --jobs ${OZX_CPUS:-1}")
# Without the last option a job whose array failed would wait for ever.
sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes --open-mode=append \
  --job-name=ozx-finish --wrap="exec ozx finish '$plan'"
