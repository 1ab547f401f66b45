// Calls to a credit pool and typed data of its domain, made by ethers from the compiler's ABI. From the top folder, after `npm ci`
// in credit/contracts: NODE_PATH=credit/contracts/node_modules node policies/effects/tests/vectors/credit.js > policies/effects/tests/vectors/credit.json
const path = require("node:path");
const { Interface, TypedDataEncoder, id } = require("ethers");
const { abi } = require(path.join(__dirname, "../../../../credit/contracts/out-abi/CreditPool.json"));

const account = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const pool = "0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9";

const attestation = {
  id: id("attestation"), statement: id("statement"), borrower: account, limit: 2000000000n, rate: 1200n, cycle: 2592000n,
  scope: "0x7061726c616e6365", nullifier: id("account"), notaries: id("notaries"), template: id("template"),
  observedAt: 1799996400n, issuedAt: 1799999940n, expiry: 1831536000n, epoch: 1n,
};
const rest = [attestation, [id("a notary")], ["0x" + "11".repeat(65)]];
const contract = new Interface(abi);
const calls = [
  ["open", rest], ["renew", [3n, ...rest]], ["draw", [3n, 500000000n, account]], ["draw", [3n, 500000000n, to]], ["repay", [3n, 200000000n]],
  ["repayAll", [3n, 510000000n]], ["close", [3n]], ["deposit", [1000000n, account]], ["redeem", [1000000n, account, account]],
  ["writeOff", [3n]], ["revokeLine", [3n]], ["approve", [to, 1n]], ["transfer", [to, 1n]], ["pause", []],
].map(([name, values]) => ({ name, to: name === "draw" ? values[2] : null, data: contract.encodeFunctionData(name, values) }));

const domain = { name: "Parlance Credit", version: "1", chainId: 1, verifyingContract: pool };
const offer = {
  nonce: id("nonce"), borrower: account, lender: "Maple", template: id("template"), atLeast: "1000000", currency: "USD",
  scope: "0x7061726c616e6365", limit: "2000000000", rate: "1200", cycle: 2592000, expiry: 1831536000,
  terms: "Simple interest. A tenth of the principal is due each cycle.",
};
const type = (fields) => fields.split(",").map((field) => field.split(" ")).map(([type, name]) => ({ name, type }));
const Offer = type("bytes32 nonce,address borrower,string lender,bytes32 template,uint256 atLeast,string currency,bytes8 scope,uint256 limit,uint256 rate,uint32 cycle,uint64 expiry,string terms");
const Application = type("Offer offer,bytes32 proof");
const Attestation = contract.getFunction("open").inputs[0].components.map(({ name, type }) => ({ name, type }));
const plain = (object) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, typeof value === "bigint" ? value.toString() : value]));
const typed = (primaryType, types, message) => ({
  typed: { types, primaryType, domain, message }, digest: TypedDataEncoder.hash(domain, types, message), encodeType: TypedDataEncoder.from(types).encodeType(primaryType),
});
const signed = [
  typed("Application", { Application, Offer }, { offer, proof: id("proof") }), typed("Offer", { Offer }, offer), typed("Attestation", { Attestation }, plain(attestation)),
];
console.log(JSON.stringify({ about: "Made by ethers, see credit.js.", account, to, pool, calls, signed }, null, 1));
