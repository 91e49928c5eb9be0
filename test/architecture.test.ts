// The shape of the source: which folder may import which, no circles, and what reaches the bundle.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const KIB = 1024

/** folder -> what it may import; files directly in src go by their own name. */
const arrows: Record<string, string[]> = {
  'errors.ts': [],
  'etags.ts': [],
  'origins.ts': [],
  'names.ts': [],
  'times.ts': [],
  db: ['errors.ts', 'names.ts'],
  'addresses.ts': [],
  'providers.ts': ['addresses.ts'],
  'env.ts': ['db', 'errors.ts', 'names.ts', 'providers.ts'],
  'outline.ts': [],
  'graph.ts': ['outline.ts'],
  'fields.ts': ['names.ts', 'times.ts'],
  'params.ts': ['errors.ts', 'fields.ts', 'graph.ts', 'outline.ts', 'containers.ts'],
  'merge.ts': ['db', 'errors.ts', 'graph.ts', 'params.ts', 'containers.ts'],
  'patch.ts': ['merge.ts', 'params.ts', 'containers.ts'],
  migrate: ['db', 'errors.ts'],
  'wire.ts': ['db', 'graph.ts', 'times.ts'],
  'about.ts': ['errors.ts', 'wire.ts'],
  'defence.ts': ['etags.ts', 'errors.ts', 'env.ts', 'origins.ts'],
  'cookies.ts': ['addresses.ts', 'env.ts'],
  'session-cookies.ts': ['cookies.ts', 'env.ts', 'identity'],
  'pages.ts': ['about.ts', 'env.ts', 'errors.ts', 'providers.ts'],
  'consistency.ts': ['cookies.ts', 'db', 'env.ts', 'identity'],
  identity: ['addresses.ts', 'db', 'errors.ts', 'names.ts', 'origins.ts'],
  access: ['identity', 'db', 'errors.ts', 'env.ts', 'names.ts'],
  search: ['access', 'db', 'errors.ts'],
  flows: [
    'etags.ts',
    'search',
    'access',
    'identity',
    'db',
    'errors.ts',
    'env.ts',
    'fields.ts',
    'graph.ts',
    'merge.ts',
    'outline.ts',
    'params.ts',
    'patch.ts',
    'wire.ts',
    'about.ts',
    'containers.ts',
  ],
  // A project is shown with its flows: their view and their reads are not written twice.
  projects: [
    'flows',
    'search',
    'access',
    'db',
    'errors.ts',
    'env.ts',
    'fields.ts',
    'merge.ts',
    'params.ts',
    'patch.ts',
    'wire.ts',
    'about.ts',
    'containers.ts',
  ],
  users: [
    'access',
    'identity',
    'db',
    'session-cookies.ts',
    'defence.ts',
    'errors.ts',
    'env.ts',
    'fields.ts',
    'merge.ts',
    'names.ts',
    'params.ts',
    'patch.ts',
    'wire.ts',
    'about.ts',
    'containers.ts',
  ],
  // Whom a directory knows comes into being as whoever signs up does.
  company: [
    'users',
    'access',
    'identity',
    'db',
    'addresses.ts',
    'cookies.ts',
    'session-cookies.ts',
    'defence.ts',
    'errors.ts',
    'env.ts',
    'fields.ts',
    'names.ts',
    'params.ts',
    'providers.ts',
    'wire.ts',
    'about.ts',
    'containers.ts',
  ],
  keys: [
    'access',
    'identity',
    'db',
    'errors.ts',
    'fields.ts',
    'params.ts',
    'wire.ts',
    'about.ts',
    'containers.ts',
  ],
  sessions: [
    'access',
    'identity',
    'db',
    'errors.ts',
    'fields.ts',
    'params.ts',
    'wire.ts',
    'about.ts',
  ],
  teams: [
    'access',
    'db',
    'errors.ts',
    'fields.ts',
    'names.ts',
    'params.ts',
    'wire.ts',
    'about.ts',
    'containers.ts',
  ],
  grants: [
    'access',
    'db',
    'errors.ts',
    'fields.ts',
    'names.ts',
    'params.ts',
    'times.ts',
    'wire.ts',
    'about.ts',
    'containers.ts',
  ],
  audit: ['access', 'db', 'fields.ts', 'params.ts', 'wire.ts', 'about.ts'],
  // Asks for others what the listing asks for its caller.
  authzen: [
    'addresses.ts',
    'flows',
    'access',
    'identity',
    'db',
    'errors.ts',
    'env.ts',
    'fields.ts',
    'names.ts',
    'params.ts',
    'wire.ts',
    'about.ts',
    'containers.ts',
  ],
  // Makes and deletes users and teams as they are made and deleted elsewhere.
  scim: [
    'etags.ts',
    'users',
    'teams',
    'access',
    'db',
    'defence.ts',
    'errors.ts',
    'env.ts',
    'fields.ts',
    'names.ts',
    'params.ts',
    'times.ts',
    'wire.ts',
    'about.ts',
    'containers.ts',
  ],
  // Describes every subject, and knows none of them.
  reference: ['about.ts', 'errors.ts', 'params.ts', 'patch.ts', 'wire.ts'],
  'methods.ts': ['errors.ts', 'env.ts'],
  'frontend.ts': [
    'access',
    'defence.ts',
    'errors.ts',
    'env.ts',
    'fields.ts',
    'params.ts',
    'wire.ts',
    'methods.ts',
    'about.ts',
  ],
  'faults.ts': ['errors.ts', 'params.ts', 'migrate', 'db'],
  'gates.ts': [
    'access',
    'company',
    'identity',
    'consistency.ts',
    'defence.ts',
    'migrate',
    'db',
    'env.ts',
    'errors.ts',
  ],
  'health.ts': ['about.ts', 'migrate', 'env.ts', 'wire.ts'],
  'containers.ts': ['fields.ts', 'graph.ts'],
  'app.ts': [
    'frontend.ts',
    'methods.ts',
    'defence.ts',
    'keys',
    'flows',
    'projects',
    'users',
    'company',
    'sessions',
    'grants',
    'teams',
    'audit',
    'authzen',
    'scim',
    'migrate',
    'errors.ts',
    'env.ts',
    'faults.ts',
    'gates.ts',
    'health.ts',
    'pages.ts',
  ],
  'index.ts': ['app.ts', 'migrations'],
  // Types alone: test/console-files.test.ts looks at what is in its bundle.
  console: ['app.ts'],
  cli: ['app.ts', 'reference', 'migrations', 'migrate', 'db', 'identity', 'names.ts'],
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (f) => /\.tsx?$/.test(f) && !f.endsWith('.test.ts'),
)
const room = (path: string) =>
  path.startsWith('..') ? 'migrations' : (path.split('/')[0] as string)
const imports = files.map((file) => ({
  file,
  targets: [...readFileSync(join('src', file), 'utf8').matchAll(/from '(\.[^']+)'/g)].map(
    ([, target]) => normalize(join(dirname(file), target as string)),
  ),
}))

test('every import follows an arrow of the map', () => {
  const strangers = imports.flatMap(({ file, targets }) =>
    targets
      .filter(
        (target) => room(target) !== room(file) && !arrows[room(file)]?.includes(room(target)),
      )
      .map((target) => `${file} -> ${target}`),
  )
  expect(strangers).toEqual([])
  expect(files.map(room).filter((name) => !arrows[name])).toEqual([])
})

test('SQL is written by db/sql.ts, which types what stands in it: nothing else outside of db/ knows drizzle', () => {
  const knows = (file: string) => readFileSync(join('src', file), 'utf8').includes("'drizzle-orm")
  expect(files.filter((file) => room(file) !== 'db' && knows(file))).toEqual([])
})

test('no file imports itself in a circle', () => {
  const graph = new Map(imports.map(({ file, targets }) => [file, targets]))
  // Whatever leads into no circle is walked once, not by each of the paths that lead to it.
  const walked = new Set<string>()
  const visit = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [[...path, file].join(' -> ')]
    if (walked.has(file)) return []
    const circles = (graph.get(file) ?? []).flatMap((target) => visit(target, [...path, file]))
    walked.add(file)
    return circles
  }
  expect(files.flatMap((file) => visit(file, [])).slice(0, 1)).toEqual([])
})

/** Every word of the console is in one file, so that it can be read and translated as one. */
const MAY_BE_LONG = ['console/texts.ts']

test('no source file is longer than 250 lines', () => {
  const long = files.filter(
    (file) =>
      !MAY_BE_LONG.includes(file) &&
      readFileSync(join('src', file), 'utf8').split('\n').length > 251,
  )
  expect(long).toEqual([])
})

test('the bundle is at most 160 KiB gzip, and needs of Node only what workerd has natively', () => {
  const bundle = readFileSync('dist/index.js')
  expect(statSync('dist/index.js').size).toBeGreaterThan(0)
  expect(gzipSync(bundle).length / KIB).toBeLessThanOrEqual(160)
  const needed = [...bundle.toString().matchAll(/from\s*"(node:[^"]+|[a-z][^"./]*)"/g)].map(
    ([, name]) => name,
  )
  // The exit of `process` ends a request whose listing failed.
  const native = ['node:crypto', 'node:buffer', 'node:process', 'node:zlib']
  expect(needed.filter((name) => !native.includes(String(name)))).toEqual([])
})
