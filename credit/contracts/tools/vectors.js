// Writes vectors/attestations.json: EIP-712 digests and signatures of attestations by ethers, which shares no code with the
// contracts. With --check it writes nothing and fails if the file is not what it would write.
const { TypedDataEncoder, Wallet, concat, id, keccak256, solidityPackedKeccak256 } = require("ethers");
const { writeOrCheck } = require("./file");

const type = "Attestation";
const fields = {
  id: "bytes32", statement: "bytes32", borrower: "address", limit: "uint256", rate: "uint256", cycle: "uint32", scope: "bytes8",
  nullifier: "bytes32", notaries: "bytes32", template: "bytes32", observedAt: "uint64", issuedAt: "uint64", expiry: "uint64", epoch: "uint32",
};
const types = { [type]: Object.entries(fields).map(([name, type]) => ({ name, type })) };
const widest = (name) => {
  const bits = Number(fields[name].match(/\d+$/)?.[0] ?? 160);
  if (fields[name].startsWith("uint")) return ((1n << BigInt(bits)) - 1n).toString();
  return "0x" + "ff".repeat(fields[name] === "address" ? 20 : bits);
};
const zero = (name) => (fields[name].startsWith("uint") ? "0" : widest(name).replaceAll("f", "0"));
const every = (value) => Object.fromEntries(Object.keys(fields).map((name) => [name, value(name)]));

const ordinary = (borrower) => ({
  id: id("attestation 1"), statement: id("balance >= 5000.00 EUR"), borrower, limit: "10000000000", rate: "1200", cycle: "2592000",
  scope: "0x7061726c616e6365", nullifier: id("account"), template: id("demo bank"),
  observedAt: "1799996400", issuedAt: "1799999940", expiry: "1831536000", epoch: "1",
});
const notary = [id("notary A"), id("notary B")].sort();
const borrower = "0x000000000000000000000000000000000000b0b0";
const cases = [
  ["an ordinary one, two notaries", 8453, "0x5FbDB2315678afecb367f032d93F642f64180aa3", ordinary(borrower), notary],
  ["the same on the local chain", 31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3", ordinary(borrower), notary],
  ["the same in another pool", 31337, "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", ordinary(borrower), notary],
  ["one notary, its key id as it is hashed", 1, "0x5FbDB2315678afecb367f032d93F642f64180aa3", ordinary(borrower), [notary[0]]],
  ["every field zero", 1, "0x0000000000000000000000000000000000001000", every(zero), null],
  ["every field as large as it can be", Number.MAX_SAFE_INTEGER, "0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF", every(widest), null],
  [
    "bytes8 is padded on the right, numbers on the left", 1, "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    { ...every(zero), scope: "0x0100000000000002", limit: "1", epoch: "1", borrower: "0x0000000000000000000000000000000000000001" }, null,
  ],
];

const vectors = cases.map(([note, chainId, verifyingContract, fieldsOf, notaries], index) => {
  const domain = { name: "Parlance Credit", version: "1", chainId: String(chainId), verifyingContract };
  const list = notaries ?? [];
  const message = { ...fieldsOf, notaries: keccak256(concat(list)) };
  const ordered = Object.fromEntries(Object.keys(fields).map((name) => [name, message[name]]));
  const digest = TypedDataEncoder.hash(domain, types, ordered);
  const key = solidityPackedKeccak256(["string", "uint256"], ["Parlance test attester", index]);
  const signer = new Wallet(key);
  return {
    note, domain, domainSeparator: TypedDataEncoder.hashDomain(domain), notaries: list, message: ordered,
    structHash: TypedDataEncoder.hashStruct(type, types, ordered), digest,
    key, signer: signer.address, signature: signer.signingKey.sign(digest).serialized,
  };
});
const encodeType = TypedDataEncoder.from(types).encodeType(type);
const file = {
  about: "EIP-712 attestations, made by ethers (tools/vectors.js). Numbers are decimal strings; `notaries` is keccak-256 of the key ids one after the other; keys are for tests only.",
  encodeType, typeHash: id(encodeType), vectors,
};
writeOrCheck("vectors/attestations.json", JSON.stringify(file, null, 2) + "\n");
