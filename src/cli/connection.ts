// Which database a command talks to: the options, else the environment, else `.dev.vars` as wrangler reads it.
import { existsSync, readFileSync } from 'node:fs'
import type { DatabaseConfig } from '../db/client.ts'

/** Throws an Error that says how to name a database. */
export function findConnection(options: { url?: string; token?: string }): DatabaseConfig {
  const vars = readDevVars('.dev.vars')
  const url = options.url ?? process.env.LIBSQL_URL ?? vars.LIBSQL_URL
  if (!url)
    throw new Error(
      'No database: give --url, or set LIBSQL_URL in the environment or in .dev.vars (`npm start` writes that file).',
    )
  if (!/^(libsql|https?):\/\/./.test(url))
    throw new Error('--url must start with libsql://, https:// or http://')
  // A token belongs to the database it was given with: never send the one of .dev.vars elsewhere.
  const fallback = url === vars.LIBSQL_URL ? vars.LIBSQL_AUTH_TOKEN : undefined
  const authToken = options.token ?? process.env.LIBSQL_AUTH_TOKEN ?? fallback
  return { url, authToken }
}

/** `KEY=value` and `KEY="value"` lines. */
export function readDevVars(path: string): Record<string, string> {
  if (!existsSync(path)) return {}
  const lines = readFileSync(path, 'utf8').matchAll(/^\s*(\w+)\s*=\s*(["']?)(.*?)\2\s*$/gm)
  return Object.fromEntries([...lines].map(([, key, , value]) => [String(key), String(value)]))
}
