// Writes out-abi/: ABI and creation bytecode of what is deployed, from forge's output, for programs that have no compiler.
// With --check it writes nothing and fails if a file is not what it would write.
const fs = require("node:fs");
const path = require("node:path");
const { root, writeOrCheck } = require("./file");

for (const contract of ["CreditPool", "NullifierRegistry"]) {
  const built = JSON.parse(fs.readFileSync(path.join(root, "out", `${contract}.sol`, `${contract}.json`), "utf8"));
  const size = built.deployedBytecode.object.length / 2 - 1;
  if (size > 24_576) throw new Error(`${contract} has ${size} bytes of code; chains take 24,576 (EIP-170): make it smaller`);
  const lines = built.abi.map((entry) => "    " + JSON.stringify(entry));
  writeOrCheck(
    `out-abi/${contract}.json`,
    `{\n  "contract": "${contract}",\n  "source": "src/${contract}.sol",\n  "license": "MIT OR Apache-2.0",\n` +
      `  "abi": [\n${lines.join(",\n")}\n  ],\n  "bytecode": "${built.bytecode.object}"\n}\n`,
  );
}
