# make run · test · build · bench · soak · fuzz · train · eval · dist. Each installs what it needs first and says so.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/target/node/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)
DATA ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/parlance-dev
CARGO_FLAGS := --release --locked

.PHONY: help run build pages test check bench soak fuzz train eval dist dist-test clean-dev

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: pages ## Build all programs into target/release (about half an hour cold on 2 cores)
	@echo "== Building (about half an hour the first time on 2 cores, seconds later)"
	cargo build $(CARGO_FLAGS) --workspace

pages: ## Build the pages of the window into ui/dist (seconds)
	@installers/prerequisites.sh build
	cd ui && npm run build --silent

run: build ## Build, start the local world with play money, and open the app (without a display, the same in the terminal)
	@echo "== Starting the local world in $(DATA)"
	target/release/parlance dev up --data "$(DATA)"
	@echo "== Opening Parlance. The local world goes on running after it: parlance dev down"
	target/release/parlance --data "$(DATA)"

test: ## Format, lints, and every test (about an hour cold on 2 cores)
	@installers/prerequisites.sh test
	@echo "== Every test: about an hour cold on 2 cores, 16 minutes warm"
	cargo fmt --all --check
	cd ui && npm run check --silent && npm run lint --silent && npm test --silent && npm run build --silent
	cargo build $(CARGO_FLAGS) --workspace --bins --tests
	cargo test $(CARGO_FLAGS) --workspace
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings
	credit/contracts/test.sh
	@echo "== Building the programs again without what only tests switch on (failpoints, cheap key derivation)"
	cargo build $(CARGO_FLAGS) --workspace

check: ## Format and lints only
	cargo fmt --all --check
	cd ui && npm run check --silent && npm run lint --silent
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings

bench: build ## Benchmarks: medians, and ratios against a named peer in the same run; start and memory of the app
	@installers/prerequisites.sh test
	cargo bench --locked --workspace
	installers/measure.sh

soak: build ## The long forms: 2,000 kills, long property tests (an hour or more)
	@installers/prerequisites.sh test
	PARLANCE_SOAK=1 PROPTEST_CASES=20000 cargo test $(CARGO_FLAGS) --workspace -- --test-threads=1
	SOAK=1 credit/contracts/test.sh

fuzz: ## Each fuzz target for FUZZ_SECONDS (default 60); needs a nightly toolchain and cargo-fuzz
	installers/fuzz.sh $${FUZZ_SECONDS:-60}

train: ## Train the shipped language model anew from the committed data (about an hour on 2 cores)
	@installers/prerequisites.sh train
	local-llm/training/train.sh

eval: build ## Score understanding on a labelled file: make eval FILE=messages.jsonl
	@test -n "$(FILE)" || { echo "Say which labelled file: make eval FILE=messages.jsonl"; exit 2; }
	PARLANCE_LLM=target/release/parlance-llm cargo run $(CARGO_FLAGS) -q -p parlance-understand --example score -- local-llm/models/parlance-small.gguf "$(FILE)"

dist: ## Packages into dist/: .deb and .rpm, and those of the hardened signer (about an hour cold on 2 cores)
	installers/dist.sh

dist-test: ## Install the packages of dist/ into a clean Debian, start the app from there, take them away again (root)
	installers/dist-test.sh

clean-dev: ## Stop the local world and forget it
	-target/release/parlance dev down --data "$(DATA)"
	rm -rf "$(DATA)"
