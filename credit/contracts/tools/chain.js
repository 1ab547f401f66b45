// A line's life on a real chain: anvil, Circle's USDC, the committed bytecode of out-abi/, and ethers as wallet and attester.
// It shows what forge's tests can't: that the contracts fit the size limit, and that wallets sign what the pool checks.
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { Contract, ContractFactory, JsonRpcProvider, Wallet, concat, getCreateAddress, id, keccak256, zeroPadValue } = require("ethers");
const { root } = require("./file");

const ours = (name) => JSON.parse(fs.readFileSync(path.join(root, "out-abi", `${name}.json`), "utf8"));
const devnet = (name) => JSON.parse(fs.readFileSync(path.join(root, "../../wallet/devnet/artifacts", `${name}.json`), "utf8"));
const usd = (amount) => BigInt(amount) * 1_000_000n;
const day = 86_400;
const { encodeType } = JSON.parse(fs.readFileSync(path.join(root, "vectors/attestations.json"), "utf8"));
const fields = encodeType.slice(encodeType.indexOf("(") + 1, -1).split(",").map((field) => field.split(" "));
const types = { Attestation: fields.map(([type, name]) => ({ type, name })) };

function startAnvil() {
  const packaged = path.join(root, "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
  const anvil = spawn(fs.existsSync(packaged) ? packaged : "anvil", ["--port", "0", "--hardfork", "cancun"]);
  const url = new Promise((resolve, reject) => {
    let said = "";
    anvil.stdout.on("data", (data) => {
      const port = (said += data).match(/Listening on 127\.0\.0\.1:(\d+)/)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    anvil.on("error", reject);
    anvil.on("exit", (code) => reject(new Error(`anvil ended with ${code}: ${said}`)));
  });
  return { url, stop: () => anvil.kill() };
}

async function deploy(signer, artifact, ...args) {
  const contract = await new ContractFactory(artifact.abi, artifact.bytecode, signer).deploy(...args);
  return contract.waitForDeployment();
}

async function usdcOf(signer) {
  const checker = await deploy(signer, devnet("SignatureChecker"));
  const token = devnet("FiatTokenV2_2");
  for (const offset of Object.values(token.links).flat()) {
    const start = 2 + 2 * offset;
    token.bytecode = token.bytecode.slice(0, start) + checker.target.slice(2).toLowerCase() + token.bytecode.slice(start + 40);
  }
  const implementation = await deploy(signer, token);
  const proxy = await deploy(signer, devnet("FiatTokenProxy"), implementation.target);
  await (await proxy.changeAdmin(Wallet.createRandom().address)).wait();
  const usdc = new Contract(proxy.target, token.abi, signer);
  const me = await signer.getAddress();
  for (const call of [
    ["initialize(string,string,string,uint8,address,address,address,address)", "USD Coin", "USDC", "USD", 6, me, me, me, me],
    ["initializeV2", "USD Coin"], ["initializeV2_1", me], ["initializeV2_2", [], "USDC"], ["configureMinter", me, usd(1_000_000)],
  ]) await (await usdc[call[0]](...call.slice(1))).wait();
  return usdc;
}

async function live(provider) {
  const [deployer, lender, borrower, stranger] = await Promise.all([0, 1, 2, 3].map((i) => provider.getSigner(i)));
  const wait = async (seconds) => {
    await provider.send("evm_increaseTime", [seconds]);
    await provider.send("evm_mine", []);
  };
  const now = async () => (await provider.getBlock("latest")).timestamp;
  const fails = async (contract, call, error) => {
    const data = await call.then(() => null, (e) => e.data ?? e.info?.error?.data ?? assert.fail(e.message));
    assert.equal(data && contract.interface.parseError(data)?.name, error);
  };
  const run = async (call) => (await call).wait();

  const usdc = await usdcOf(deployer);
  const attesters = [id("attester 1"), id("attester 2"), id("attester 3")].map((key) => new Wallet(key));
  attesters.sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const notary = id("notary");
  const backers = [...attesters.map((a) => zeroPadValue(a.address, 32)), notary];

  const nonce = await provider.getTransactionCount(deployer.address);
  const poolAddress = getCreateAddress({ from: deployer.address, nonce: nonce + 1 });
  const registry = await deploy(deployer, ours("NullifierRegistry"), deployer.address, 2 * day, 30 * day, [poolAddress]);
  const pool = await deploy(deployer, ours("CreditPool"), {
    asset: usdc.target, name: "Parlance credit USDC", symbol: "pcUSDC", registry: registry.target, owner: deployer.address,
    guardian: deployer.address, attesters: attesters.map((a) => a.address), threshold: 2, backers, caps: backers.map(() => usd(100_000)),
    terms: { grace: 7 * day, delinquency: 20 * day, installmentShare: 1_000, releaseTime: 14 * day, maxAge: 7 * day, delay: 2 * day, minLimit: usd(10) },
  });
  assert.equal(pool.target, poolAddress);

  // A lender's deposit.
  await run(usdc.mint(lender.address, usd(50_000)));
  await run(usdc.connect(lender).approve(pool.target, usd(50_000)));
  await run(pool.connect(lender).deposit(usd(50_000), lender.address));

  // An attestation, signed as wallets sign typed data; in another chain's domain it is refused.
  const domain = { name: "Parlance Credit", version: "1", chainId: 31337, verifyingContract: pool.target };
  const at = await now();
  const attestation = {
    id: id("attestation"), statement: id("statement"), borrower: borrower.address, limit: usd(10_000), rate: 1_200, cycle: 30 * day,
    scope: "0x7061726c616e6365", nullifier: id("account"), notaries: keccak256(concat([notary])), template: id("template"),
    observedAt: at - 3_600, issuedAt: at, expiry: at + 365 * day, epoch: 1,
  };
  const sign = (domain) => Promise.all(attesters.slice(0, 2).map((a) => a.signTypedData(domain, types, attestation)));
  const mine = pool.connect(borrower);
  await fails(pool, mine.open.staticCall(attestation, [notary], await sign({ ...domain, chainId: 1 })), "NotAttester");
  const signatures = await sign(domain);
  await fails(pool, pool.connect(stranger).open.staticCall(attestation, [notary], signatures), "WrongBorrower");
  await run(mine.open(attestation, [notary], signatures));
  await fails(pool, mine.open.staticCall(attestation, [notary], signatures), "AttestationUsed");
  assert.equal((await registry.entryOf(attestation.scope, attestation.nullifier)).line, 1n);

  // Draw, be late, cure, repay, close.
  await run(mine.draw(1, usd(10_000), borrower.address));
  assert.equal(await usdc.balanceOf(borrower.address), usd(10_000));
  await wait(47 * day);
  assert.equal(await pool.statusOf(1), 3n, "delinquent");
  assert.ok((await pool.totalAssets()) < usd(47_000) && (await pool.entryAssets()) > usd(50_150));
  await run(usdc.mint(borrower.address, usd(1_000)));
  await run(usdc.connect(borrower).approve(pool.target, usd(100_000)));
  await run(mine.repay(1, (await pool.dueOf(1)).amount + 1_000n));
  assert.equal(await pool.statusOf(1), 1n, "current");
  await run(mine.repayAll(1, usd(10_000)));
  await run(mine.close(1));
  assert.equal(await registry.isFree(attestation.scope, attestation.nullifier), false);
  await wait(30 * day);
  assert.equal(await registry.isFree(attestation.scope, attestation.nullifier), true);

  // The lender leaves with the interest: 10,000 at 12 % for 47 days.
  await run(pool.connect(lender).redeem(await pool.maxRedeem(lender.address), lender.address, lender.address));
  const earned = (await usdc.balanceOf(lender.address)) - usd(50_000);
  assert.ok(earned > 154_520_000n && earned < 154_540_000n, `earned ${earned}`);
}

async function main() {
  const anvil = startAnvil();
  let provider;
  try {
    provider = new JsonRpcProvider(await anvil.url, 31337, { staticNetwork: true, pollingInterval: 20, cacheTimeout: -1 });
    await live(provider);
    console.log("A line's life on anvil with Circle's USDC: as it should be");
  } finally {
    provider?.destroy();
    anvil.stop();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
