// Opens a keystore v3 file, given on stdin, with Node's own scrypt and AES; prints the private key.
// Usage: node keystore.mjs <password>
import { createDecipheriv, scryptSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { concatHex, keccak256, toHex } from 'viem'

const { version, crypto } = JSON.parse(readFileSync(0, 'utf8'))
if (version !== 3 || crypto.kdf !== 'scrypt' || crypto.cipher !== 'aes-128-ctr') throw new Error('not as expected')
const { n, r, p, dklen, salt } = crypto.kdfparams
const derived = scryptSync(process.argv[2], Buffer.from(salt, 'hex'), dklen, { N: n, r, p, maxmem: 256 * n * r + 1e6 })
const mac = keccak256(concatHex([toHex(derived.subarray(16, 32)), `0x${crypto.ciphertext}`]))
if (mac !== `0x${crypto.mac}`) throw new Error('wrong password')
const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), Buffer.from(crypto.cipherparams.iv, 'hex'))
process.stdout.write(decipher.update(crypto.ciphertext, 'hex', 'hex'))
