#!/usr/bin/env bash
# Installs what the contracts' tests need (npm), then runs all of them: about a minute of CPU.
# SOAK=1 for the long form. FOUNDRY_FUZZ_RUNS, FOUNDRY_INVARIANT_RUNS and FOUNDRY_INVARIANT_DEPTH are heeded as forge does.
set -euo pipefail
cd "$(dirname "$0")"

if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    echo "== Installing npm packages in credit/contracts (under a minute)"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
fi
forge=node_modules/@foundry-rs/forge-linux-amd64/bin/forge
[ -x "$forge" ] || forge=$(command -v forge) || { echo "forge 1.7.1 is needed: npm install --no-save @foundry-rs/forge@1.7.1, or install Foundry"; exit 1; }

if [ "${SOAK:-}" = 1 ]; then
    export FOUNDRY_FUZZ_RUNS=${FOUNDRY_FUZZ_RUNS:-5000} FOUNDRY_INVARIANT_RUNS=${FOUNDRY_INVARIANT_RUNS:-500} FOUNDRY_INVARIANT_DEPTH=${FOUNDRY_INVARIANT_DEPTH:-250}
fi
"$forge" fmt --check
"$forge" build
"$forge" lint
node tools/vectors.js --check
# forge is content when it finds no tests; this script is not.
"$forge" test | tee cache/tests.log
grep -q ' tests passed, 0 failed, 0 skipped' cache/tests.log || { echo "Not all tests ran and passed (see above)"; exit 1; }
node tools/abi.js --check
node tools/chain.js
