// Files that are made from others and committed: `node tool.js` writes them, `node tool.js --check` fails if they are stale.
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");

function writeOrCheck(name, text) {
  const file = path.join(root, name);
  if (!process.argv.includes("--check")) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  } else if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== text) {
    console.error(`${name} is stale: run \`npm run make\` in credit/contracts and commit it`);
    process.exitCode = 1;
  }
}

module.exports = { root, writeOrCheck };
