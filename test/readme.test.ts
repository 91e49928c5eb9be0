// The README is true where that is cheap to check: routes, codes, bindings, scripts, files.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { createApp } from '../src/app.ts'
import { problems } from '../src/errors.ts'

const readme = readFileSync('README.md', 'utf8')
const section = (title: string) => readme.split(`\n## ${title}`)[1]?.split('\n## ')[0] ?? ''

test('the table of endpoints names every route, and no other', () => {
  const rows = section('Endpoints')
    .split('\n')
    .filter((line) => line.startsWith('| '))
  const told = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/((?:[A-Z]+, )*[A-Z]+) `([^`]+)`/g)].flatMap(
      ([, methods, path]) =>
        String(methods)
          .split(', ')
          .map((method) => `${method} ${path}`),
    ),
  )
  const real = createApp(revisions).routes.filter(
    (route) => route.method !== 'ALL' && !route.path.includes('folders'),
  )
  expect([...new Set(told)].sort()).toEqual(
    [...new Set(real.map((r) => `${r.method} ${r.path}`))].sort(),
  )
})

test('the table of errors names every code with its status', () => {
  for (const [code, [status]] of Object.entries(problems)) {
    const row = section('Errors')
      .split('\n')
      .find((line) => line.includes(`\`${code}\``))
    expect([code, row?.split('|')[2]?.trim()]).toEqual([code, String(status)])
  }
})

test('the table of bindings names every binding', () => {
  const env = readFileSync('src/env.ts', 'utf8')
  const bindings = [...env.matchAll(/^ {4}([A-Z_]+): v\./gm)].map(([, name]) => name)
  expect(bindings.length).toBeGreaterThan(7)
  for (const name of bindings) expect(section('Configuration')).toContain(`\`${name}\``)
})

test('scripts and files that it mentions exist', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const [, name] of readme.matchAll(/npm run ([\w:]+)/g))
    expect(scripts).toHaveProperty([String(name)])
  for (const [, file] of readme.matchAll(/`((?:test|src)\/[\w./-]+\.ts)`/g))
    expect([file, existsSync(String(file))]).toEqual([file, true])
})
