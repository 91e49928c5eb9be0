// Passwords: scrypt in PHC form. The parameters stand in the hash, so they can rise later. Adopted
// databases bring bcrypt: it is verified, and replaced at the next login.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { verifyBcrypt } from './bcrypt.ts'

/** N = 2^14, r = 8, p = 1: about 30 ms of native code in workerd. */
const LN = 14
const R = 8
const P = 1

/** `$scrypt$ln=14,r=8,p=1$<salt>$<hash>`, base64 without padding. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, LN, R, P)
  return `$scrypt$ln=${LN},r=${R},p=${P}$${toBase64(salt)}$${toBase64(hash)}`
}

/**
 * True if the password belongs to the hash. Without a hash (unknown user) it does the same work and
 * answers false, so that a caller cannot measure who exists.
 */
export async function verifyPassword(
  password: string,
  stored: string | undefined,
): Promise<boolean> {
  if (stored && isBcrypt(stored)) return verifyBcrypt(password, stored)
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    stored ?? '',
  )
  const [, ln = LN, r = R, p = P, salt = '', hash = ''] = match ?? []
  const expected = Buffer.from(hash, 'base64')
  const actual = await derive(
    password,
    Buffer.from(salt, 'base64'),
    Number(ln),
    Number(r),
    Number(p),
  )
  return match !== null && expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** True for a hash that LangBuilder made. */
export const isBcrypt = (stored: string) => /^\$2[aby]\$\d\d\$/.test(stored)

function derive(password: string, salt: Buffer, ln: number, r: number, p: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(
      password.normalize('NFKC'),
      salt,
      32,
      { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r },
      (error, key) => (error ? reject(error) : resolve(key)),
    )
  })
}

const toBase64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
