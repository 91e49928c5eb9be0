import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findConnection, readDevVars } from './connection.ts'

test('.dev.vars is read as wrangler reads it, and an absent one is empty', () => {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-vars-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, '.dev.vars')
  writeFileSync(path, '# comment\nLIBSQL_URL="http://127.0.0.1:1"\nSECRET_KEY=abc=def\n')
  expect(readDevVars(path)).toEqual({ LIBSQL_URL: 'http://127.0.0.1:1', SECRET_KEY: 'abc=def' })
  expect(readDevVars(join(directory, 'none'))).toEqual({})
})

test('an option wins, and a malformed one is refused by name', () => {
  expect(findConnection({ url: 'https://db.test', token: 't' })).toEqual({
    url: 'https://db.test',
    authToken: 't',
  })
  expect(() => findConnection({ url: 'db.test' })).toThrow(/--url must start with/)
})
