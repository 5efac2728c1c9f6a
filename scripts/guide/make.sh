#!/bin/sh
# The guide, whole: what it learns from, training, the GGUF file, the examination. Goes on where it was interrupted; begin anew
# with an empty WORK. Needs Node 22.18 or newer and python3 with PyTorch 1.13 or newer (Debian: python3-torch
# libopenblas0-pthread wamerican wfrench).
#   scripts/guide/make.sh [WORK] [MINUTES of processor time]
set -eu
cd "$(dirname "$0")"
work=${1:-/tmp/llama-runner-guide}
minutes=${2:-110}
[ -f "$work/dialogues.jsonl" ] || node corpus.ts "$work" 400000
python3 train.py "$work" --minutes "$minutes"
node export.ts "$work" ../../src/lib/server/guide/guide.gguf
node evaluate.ts --write results.md
