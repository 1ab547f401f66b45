// Signs pseudo-random requests of every kind with viem and prints them as one JSON array; the Rust test `interop.rs`
// decodes and signs the same bytes and compares. Usage: node viem.mjs <seed> <number of rounds>
import { hashTypedData, keccak256, serializeTransaction, toHex } from 'viem'
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'

const [seed = '1', rounds = '8'] = process.argv.slice(2)

// Bytes from a hash chain: reproducible, and not from a generator that the Rust side shares.
let state = keccak256(toHex(`parlance ${seed}`))
function bytes(length) {
  let out = '0x'
  while (out.length < 2 + 2 * length) {
    state = keccak256(state)
    out += state.slice(2)
  }
  return out.slice(0, 2 + 2 * length)
}
const number = (length) => BigInt(bytes(length))
const below = (bound) => Number(number(6) % BigInt(bound))
const pick = (list) => list[below(list.length)]
const chance = () => below(2) === 0

const CHAINS = [1, 10, 137, 8453, 42161, 11155111, 31337]

function common() {
  return {
    chainId: pick(CHAINS),
    nonce: below(1 << 20),
    gas: 21_000n + number(3),
    to: bytes(20),
    value: pick([0n, 1n, number(4), number(8), number(12)]),
    data: pick(['0x', bytes(4), bytes(1 + below(200))]),
  }
}

function accessList() {
  return Array.from({ length: below(3) }, () => ({
    address: bytes(20),
    storageKeys: Array.from({ length: below(3) }, () => bytes(32)),
  }))
}

const fees = () => {
  const maxPriorityFeePerGas = number(4)
  return { maxPriorityFeePerGas, maxFeePerGas: maxPriorityFeePerGas + number(5) }
}

async function transaction(account, tx) {
  const signed = await account.signTransaction(tx)
  return { kind: 'transaction', name: tx.type, unsigned: serializeTransaction(tx), signed, hash: keccak256(signed) }
}

const TYPES = {
  Person: [
    { name: 'name', type: 'string' },
    { name: 'wallets', type: 'address[]' },
  ],
  Mail: [
    { name: 'from', type: 'Person' },
    { name: 'to', type: 'Person[]' },
    { name: 'contents', type: 'string' },
    { name: 'attachment', type: 'bytes' },
    { name: 'id', type: 'bytes32' },
    { name: 'tag', type: 'bytes4' },
    { name: 'amount', type: 'uint256' },
    { name: 'delta', type: 'int128' },
    { name: 'small', type: 'uint8' },
    { name: 'urgent', type: 'bool' },
    { name: 'grid', type: 'uint16[2][]' },
  ],
}

function typedData() {
  const person = () => ({
    name: pick(['Cow', 'Bob', 'Ünïcödé 🐄', '']),
    wallets: Array.from({ length: below(3) }, () => bytes(20)),
  })
  const domain = { name: 'Ether Mail', version: '1', chainId: BigInt(pick(CHAINS)), verifyingContract: bytes(20) }
  if (chance()) delete domain.version
  if (chance()) domain.salt = bytes(32)
  const message = {
    from: person(),
    to: Array.from({ length: below(3) }, person),
    contents: pick(['Hello, Bob!', '', 'line\nbreak "quoted" \\ 日本']),
    attachment: bytes(below(70)),
    id: bytes(32),
    tag: bytes(4),
    amount: pick([0n, (1n << 256n) - 1n, number(32), number(2)]),
    delta: pick([0n, -1n, -(1n << 127n), (1n << 127n) - 1n, -number(10)]),
    small: below(256),
    urgent: chance(),
    grid: Array.from({ length: below(3) }, () => [below(65536), below(65536)]),
  }
  return { domain, types: TYPES, primaryType: 'Mail', message }
}

const DOMAIN = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
  { name: 'salt', type: 'bytes32' },
]

async function typed(account, data) {
  const types = { EIP712Domain: DOMAIN.filter(({ name }) => name in data.domain), ...data.types }
  return {
    kind: 'typed_data',
    name: data.primaryType,
    json: JSON.stringify({ ...data, types }, plain),
    digest: hashTypedData(data),
    signature: await account.signTypedData(data),
  }
}

async function message(account, raw) {
  return { kind: 'message', name: 'EIP-191', bytes: raw, signature: await account.signMessage({ message: { raw } }) }
}

async function authorization(account) {
  const [chainId, address, nonce] = [pick([0, ...CHAINS]), bytes(20), below(1 << 20)]
  const signed = await account.signAuthorization({ chainId, address, nonce })
  return {
    kind: 'authorization', name: 'EIP-7702', chainId, address, nonce,
    r: BigInt(signed.r), s: BigInt(signed.s), yParity: signed.yParity,
  }
}

const plain = (_, value) => (typeof value === 'bigint' ? value.toString() : value)

const cases = []
for (let round = 0; round < Number(rounds); round++) {
  const key = bytes(32)
  const account = privateKeyToAccount(key)
  const other = privateKeyToAccount(bytes(32))
  const signedBy = (who) => who.signAuthorization({ chainId: pick([0, ...CHAINS]), address: bytes(20), nonce: below(99) })
  const made = [
    await transaction(account, { type: 'legacy', ...common(), gasPrice: number(5) }),
    await transaction(account, { type: 'eip2930', ...common(), gasPrice: number(5), accessList: accessList() }),
    await transaction(account, { type: 'eip1559', ...common(), ...fees(), accessList: accessList() }),
    await transaction(account, { type: 'eip1559', ...common(), ...fees(), to: undefined, data: bytes(1 + below(99)) }),
    await transaction(account, {
      type: 'eip7702', ...common(), ...fees(), accessList: accessList(),
      authorizationList: [await signedBy(other), ...(chance() ? [await signedBy(account)] : [])],
    }),
    await typed(account, typedData()),
    await message(account, toHex(pick(['hello', 'Sign in to example.com\n\nNonce: 4711', 'größer 日本 🐄', '']))),
    await message(account, bytes(1 + below(31))),
    await message(account, bytes(64 + below(500))),
    await authorization(account),
  ]
  for (const one of made) cases.push({ key, address: account.address, ...one })
}

// BIP-44 addresses, so that the agents' path is checked by another implementation as well.
const mnemonic = 'test test test test test test test test test test test junk'
for (const path of ["m/44'/60'/0'/0/0", "m/44'/60'/0'/0/1", "m/44'/60'/1'/0/0"]) {
  cases.push({ kind: 'account', name: path, mnemonic, address: mnemonicToAccount(mnemonic, { path }).address })
}

process.stdout.write(JSON.stringify(cases, plain))
