// The READMEs are true where that is cheap to check: routes, codes, bindings, scripts, files, links.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { createApp } from '../src/app.ts'
import { commands } from '../src/cli/commands.ts'
import { problems } from '../src/errors.ts'
import { exitCodes } from '../src/migrate/verdicts.ts'

const beside = ['src', 'test', 'migrations'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(^|[\\/])README\.md$/.test(path))
    .map((path) => join(folder, path)),
)
const readmes = new Map(
  ['README.md', ...beside].map((path) => [path, readFileSync(path, 'utf8')] as const),
)
const everything = [...readmes.values()].join('\n')

/** What stands under that heading, in whichever README has it. */
const section = (title: string) => everything.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
const rowsOf = (text: string) => text.split('\n').filter((line) => line.startsWith('| '))

test('the table of endpoints names every route, and no other', () => {
  const told = rowsOf(section('Endpoints')).flatMap((row) =>
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
    const row = rowsOf(section('Errors')).find((line) => line.includes(`\`${code}\``))
    expect([code, row?.split('|')[2]?.trim()]).toEqual([code, String(status)])
  }
})

test('the table of bindings names every binding', () => {
  const env = readFileSync('src/env.ts', 'utf8')
  const bindings = [...env.matchAll(/^ {4}([A-Z_]+): v\./gm)].map(([, name]) => name)
  expect(bindings.length).toBeGreaterThan(7)
  for (const name of bindings) expect(section('Configuration')).toContain(`\`${name}\``)
})

test.each([...readmes])('%s names scripts, commands and files that exist', (path, text) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const named = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => String(name))
  const isThere = (file: string) => existsSync(file) || existsSync(join(dirname(path), file))
  expect(named(/npm run ([\w:]+)/g).filter((name) => !(name in scripts))).toEqual([])
  expect(named(/npm run db -- (\w+)/g).filter((name) => !(name in commands))).toEqual([])
  // From the top or from beside the README: `results/`, `src/app.ts`; no pattern and no URL.
  const files = named(/`([\w-][\w./-]*(?:\/|\.ts|\.sql|\.md))`/g)
  expect(files.filter((file) => !isThere(file))).toEqual([])
})

/** As GitHub makes an anchor of a heading. */
const toAnchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => toAnchor(String(heading)))
const linksOf = (text: string) =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => String(target))
    .filter((target) => !target.includes(':'))

test.each([...readmes])('%s links to files and headings that exist', (path, text) => {
  const isThere = (target: string) => {
    const [file = '', anchor] = target.split('#')
    const place = file === '' ? path : join(dirname(path), file)
    if (!existsSync(place)) return false
    return anchor === undefined || anchorsOf(readFileSync(place, 'utf8')).includes(anchor)
  }
  expect(linksOf(text).filter((target) => !isThere(target))).toEqual([])
})

test('README.md links to every other README', () => {
  const linked = linksOf(readmes.get('README.md') ?? '').map((target) => target.split('#')[0])
  expect(linked).toEqual(expect.arrayContaining(beside))
})

/** Of prose, lists and tables; code is left out. */
const sentencesOf = (text: string) =>
  text
    .replace(/^```[\s\S]*?^```$/gm, '\n\n')
    .split(/\n\s*\n|\n\s*[-#]+ |[|]|(?<=[.!?:;])\s/)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())

test('no sentence stands in two READMEs', () => {
  const homes = new Map<string, string[]>()
  for (const [path, text] of readmes)
    for (const sentence of new Set(sentencesOf(text).filter(({ length }) => length > 60)))
      homes.set(sentence, [...(homes.get(sentence) ?? []), path])
  expect([...homes].filter(([, paths]) => paths.length > 1)).toEqual([])
})

test.each([...readmes])('%s has at most 200 lines', (_, text) => {
  expect(text.split('\n').length - 1).toBeLessThanOrEqual(200)
})

test('the runbook names every verdict with its exit code and what a request gets', () => {
  const rows = rowsOf(section('Verdicts and runbook'))
  for (const [verdict, exit] of Object.entries(exitCodes)) {
    const row = rows.find((line) => line.startsWith(`| \`${verdict}\` `))
    expect([verdict, row?.split('|')[2]?.trim()]).toEqual([verdict, String(exit)])
  }
  const told = rows.map((row) => row.split('|')[3] ?? '').join()
  const codes = Object.keys(problems).filter((code) => /^(schema|migration)_/.test(code))
  expect(codes.filter((code) => !told.includes(code))).toEqual([])
})
