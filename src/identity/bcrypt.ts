// Verifies bcrypt, which adopted databases bring, and makes none: Provos and Mazières, "A Future-Adaptable Password
// Scheme" (1999), over Schneier's Blowfish (1994). Blowfish's tables are the first digits of pi, and are counted out when
// the first hash is verified: carried along, as libraries do, they are what the bundle has no room for.
import { timingSafeEqual } from 'node:crypto'

const ROUNDS = 16
const BOX = 256
const P_WORDS = ROUNDS + 2
const WORDS = P_WORDS + 4 * BOX

/** Blowfish's state: the subkeys, and behind them the four boxes. */
type State = Int32Array

/** Keys that are longer are cut: bcrypt takes no more. */
const MAX_KEY_BYTES = 72
const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** "OrpheanBeholderScryDoubt". */
const TEXT = [0x4f727068, 0x65616e42, 0x65686f6c, 0x64657253, 0x63727944, 0x6f756274]
const HASH_BYTES = 23

/** So many rounds of the key schedule, about 5 ms, before whatever else waits gets its turn. */
const ROUNDS_AT_ONCE = 64

const FORM = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/

/** True if the password belongs to the hash; false for whatever is none. With a cost of 12 it takes about 0.3 s. */
export async function verifyBcrypt(password: string, stored: string): Promise<boolean> {
  const [, cost = '', salt = '', hash = ''] = FORM.exec(stored) ?? []
  if (!hash || Number(cost) < 4 || Number(cost) > 31) return false
  const state = await expensive(keyOf(password), wordsOf(decode(salt)), 2 ** Number(cost))
  return timingSafeEqual(encipherText(state), decode(hash).subarray(0, HASH_BYTES))
}

/** The key, with the zero byte that ends it, as the words that the subkeys are mixed with: it is repeated to fill them. */
function keyOf(password: string): Int32Array {
  const bytes = Buffer.from(`${password}\0`).subarray(0, MAX_KEY_BYTES)
  return wordsOf(Uint8Array.from({ length: 4 * P_WORDS }, (_, i) => bytes[i % bytes.length] ?? 0))
}

const wordsOf = (bytes: Uint8Array): Int32Array =>
  Int32Array.from({ length: bytes.length >> 2 }, (_, i) => Buffer.from(bytes).readInt32BE(4 * i))

/** bcrypt's base64: an alphabet of its own, without padding. */
function decode(text: string): Buffer {
  let bits = ''
  for (const char of text) bits += ALPHABET.indexOf(char).toString(2).padStart(6, '0')
  const bytes = bits.match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}

const NOTHING = new Int32Array(4)

/** The key schedule that is made dear: key and salt in turn, `rounds` times each. */
async function expensive(key: Int32Array, salt: Int32Array, rounds: number): Promise<State> {
  const state = firstState()
  schedule(state, key, salt)
  const saltKey = Int32Array.from({ length: P_WORDS }, (_, i) => salt[i & 3] ?? 0)
  for (let round = 1; round <= rounds; round++) {
    schedule(state, key, NOTHING)
    schedule(state, saltKey, NOTHING)
    if (round % ROUNDS_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve))
  }
  return state
}

/** Mixes the key into the subkeys, and fills the state anew with what it enciphers of itself and the salt. */
function schedule(state: State, key: Int32Array, salt: Int32Array): void {
  for (let i = 0; i < P_WORDS; i++) state[i] = at(state, i) ^ at(key, i)
  const block = new Int32Array(2)
  for (let i = 0; i < WORDS; i += 2) {
    block[0] = at(block, 0) ^ at(salt, i & 2)
    block[1] = at(block, 1) ^ at(salt, (i & 2) + 1)
    encipher(state, block)
    state[i] = at(block, 0)
    state[i + 1] = at(block, 1)
  }
}

/** Typed arrays have a number wherever one of these looks. */
const at = (words: Int32Array, i: number) => words[i] as number

/** Blowfish on one block of two words, in place. */
function encipher(state: State, block: Int32Array): void {
  let left = at(block, 0)
  let right = at(block, 1)
  for (let i = 0; i < ROUNDS; i += 2) {
    left ^= at(state, i)
    right ^= mixed(state, left) ^ at(state, i + 1)
    left ^= mixed(state, right)
  }
  block[0] = right ^ at(state, ROUNDS + 1)
  block[1] = left ^ at(state, ROUNDS)
}

const mixed = (state: State, word: number): number =>
  ((((at(state, P_WORDS + (word >>> 24)) + at(state, P_WORDS + BOX + ((word >>> 16) & 255))) | 0) ^
    at(state, P_WORDS + 2 * BOX + ((word >>> 8) & 255))) +
    at(state, P_WORDS + 3 * BOX + (word & 255))) |
  0

/** What the hash holds: the text, enciphered 64 times. */
function encipherText(state: State): Buffer {
  const bytes = Buffer.alloc(4 * TEXT.length)
  for (let i = 0; i < TEXT.length; i += 2) {
    const block = Int32Array.from(TEXT.slice(i, i + 2))
    for (let time = 0; time < 64; time++) encipher(state, block)
    bytes.writeInt32BE(at(block, 0), 4 * i)
    bytes.writeInt32BE(at(block, 1), 4 * i + 4)
  }
  return bytes.subarray(0, HASH_BYTES)
}

let counted: State | undefined

/** Blowfish's state before any key: the fractional part of pi. */
function firstState(): State {
  counted ??= wordsOf(Buffer.from(digitsOfPi(32 * WORDS), 'hex'))
  return counted.slice()
}

/** So many bits of pi behind the point, as hex digits, by Machin's formula. */
function digitsOfPi(bits: number): string {
  const spare = 64n
  const one = 1n << (BigInt(bits) + spare)
  const pi = 4n * (4n * arctanOfOneBy(5n, one) - arctanOfOneBy(239n, one))
  return ((pi - 3n * one) >> spare).toString(16).padStart(bits / 4, '0')
}

/** arctan(1 / x), in units of 1 / `one`. */
function arctanOfOneBy(x: bigint, one: bigint): bigint {
  let sum = 0n
  let sign = 1n
  for (let power = one / x, n = 1n; power > 0n; power /= x * x, n += 2n, sign = -sign)
    sum += (sign * power) / n
  return sum
}
