#!/bin/sh
# Trains Parlance's small models (decoder, encoder, n-grams) from the data in this folder, on the CPU or a GPU, and installs them in ../models.
#   ./train.sh [MINUTES]        of each of the first two, 60 by default; about 3 GB of memory; they run one after the other
# Fetches the pinned packages of requirements.txt from PyPI into .venv (PyTorch with its CUDA libraries: 3 GB to fetch, 5 GB on disk); needs cargo for the grounding tool and the worker.
set -eu
cd "$(dirname "$0")"
minutes=${1:-60}
if [ ! -x .venv/bin/python ]; then
    echo "making .venv and installing requirements.txt (some minutes)"
    python3 -m venv .venv
    .venv/bin/pip install --quiet --requirement requirements.txt
fi
export OMP_WAIT_POLICY=passive
run() { nice -n 10 .venv/bin/python -m "$@"; }
echo "building the grounding tool and the worker"
(cd ../.. && cargo build --release -p parlance-grounding --example ground && cargo build --release -p parlance-llm)
run parlance_train.lint
run parlance_train.dataset
run parlance_train.tokenizer
echo "training for $minutes minutes"
run parlance_train.train --minutes "$minutes"
echo "training the encoder for $minutes minutes"
run parlance_train.voice --minutes "$minutes"
run parlance_train.export ../models/parlance-small.gguf
run parlance_train.ngram ../models/parlance-small.ngram
run parlance_train.words ../models/parlance-small.words
run parlance_train.fixture ../runtime/tests/fixtures/tokens.jsonl
run parlance_train.score ../models/parlance-small.gguf ../models/parlance-small.ngram
echo "now put these scores into ../models/README.md and run: cargo test --release -p parlance-llm -p parlance-understand"
