// sqld in the moods that a database has elsewhere: with limits, blocked, behind tokens.
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort, type Sqld, startSqld } from '../../src/cli/sqld.ts'

/** What sqld keeps for each namespace, as its admin interface names it. */
type Rules = {
  max_row_size?: number
  max_db_size?: string
  block_reads?: boolean
  block_writes?: boolean
  block_reason?: string
  txn_timeout_s?: number
}

export type RuledSqld = Sqld & { rule(rules: Rules): Promise<void> }

/** Its rules are those of a namespace, and sqld takes the namespace from the first part of the host. */
export async function startRuledSqld(directory: string, rules: Rules): Promise<RuledSqld> {
  const admin = `127.0.0.1:${await freePort()}`
  const sqld = await startSqld(directory, {
    more: ['--enable-namespaces', '--admin-listen-addr', admin],
  })
  const namespace = `http://${admin}/v1/namespaces/127`
  await post(`${namespace}/create`, rules)
  return {
    ...sqld,
    async rule(changed) {
      const config = (await (await fetch(`${namespace}/config`)).json()) as Rules
      await post(`${namespace}/config`, { ...config, ...changed })
    },
  }
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`sqld refused ${url}: ${answer.status} ${await answer.text()}`)
}

export type TokenSqld = Sqld & { token(access: 'rw' | 'ro', more?: { exp?: number }): string }

/** Lets nobody in without a token that it has signed. */
export async function startTokenSqld(directory: string): Promise<TokenSqld> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'key.pem')
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }))
  const sqld = await startSqld(directory, { more: ['--auth-jwt-key-file', file] })
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  return {
    ...sqld,
    token(access, more = {}) {
      const text = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode({ a: access, ...more })}`
      return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
    },
  }
}

/** The same for one test, in a directory of its own: it stops when the test is over. */
export async function forTest<T extends Sqld>(
  start: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-sqld-'))
  const sqld = await start(directory)
  onTestFinished(async () => {
    await sqld.stop('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  return sqld
}
