import { expect, test } from 'vitest'
import { parseEnv } from './env.ts'

const bindings = { LIBSQL_URL: 'http://127.0.0.1:8080', SECRET_KEY: 'k'.repeat(32) }
const limiter = { limit: async () => ({ success: true }) }

test('limits that are switched on, but without a limiter, are an error and not a quiet off', () => {
  const on = { ...bindings, RATE_LIMIT: 'on' }
  expect(() => parseEnv(on)).toThrow(/LOGIN_LIMITER/)
  const bound = { LOGIN_LIMITER: limiter, SIGNUP_LIMITER: limiter, KEY_LIMITER: limiter }
  for (const missing of Object.keys(bound))
    expect(() =>
      parseEnv({ ...on, ...bound, OPEN_LIMITER: limiter, [missing]: undefined }),
    ).toThrow(missing)
  expect(() => parseEnv({ ...on, ...bound })).toThrow(/OPEN_LIMITER/)
  expect(() => parseEnv({ ...bindings, RATE_LIMIT: 'no' })).toThrow(/RATE_LIMIT/)
  expect(parseEnv({ ...bindings, RATE_LIMIT: 'off' }).RATE_LIMIT).toBe('off')
  expect(parseEnv({ ...on, ...bound, OPEN_LIMITER: limiter }).RATE_LIMIT).toBe('on')
})

test('what is shared is a project of its own only where the operator says so', () => {
  const shared = (more: object) => parseEnv({ ...bindings, ...more }).SHARED_PROJECT
  expect([shared({}), shared({ SHARED_PROJECT: 'on' })]).toEqual(['off', 'on'])
  expect(() => shared({ SHARED_PROJECT: 'yes' })).toThrow(/SHARED_PROJECT must be 'on' or 'off'/)
})

test('only exact origins can be listed for CORS', () => {
  const origins = (CORS_ORIGINS: string) =>
    parseEnv({ ...bindings, RATE_LIMIT: 'off', CORS_ORIGINS }).CORS_ORIGINS
  expect(origins('')).toEqual([])
  expect(origins('https://a.test, http://localhost:3000')).toEqual([
    'https://a.test',
    'http://localhost:3000',
  ])
  for (const list of [
    '*',
    'a.test',
    'https://*.a.test',
    'https://a.test/',
    'http://a.test',
    'https://u@a.test',
  ])
    expect(() => origins(list)).toThrow(/CORS_ORIGINS/)
})

test('a time limit is a whole number of milliseconds within reason, as a number or as text', () => {
  expect(parseEnv({ ...bindings }).DATABASE_TIMEOUT_MS).toBe(10_000)
  expect(parseEnv({ ...bindings, DATABASE_TIMEOUT_MS: '1500' }).DATABASE_TIMEOUT_MS).toBe(1500)
  expect(parseEnv({ ...bindings, MIGRATION_STEP_TIMEOUT_MS: 500 }).MIGRATION_STEP_TIMEOUT_MS).toBe(
    500,
  )
  for (const wrong of ['', '10s', '0', '-1', '1.5', '1e9', 99, true])
    expect(() => parseEnv({ ...bindings, DATABASE_TIMEOUT_MS: wrong })).toThrow(
      /DATABASE_TIMEOUT_MS must be a/,
    )
})

test('the front end is told what a team sets, within reason', () => {
  const told = (more: object) => parseEnv({ ...bindings, ...more })
  expect(told({}).AUTO_SAVING_INTERVAL_MS).toBe(1000)
  for (const off of [0, '0'])
    expect(told({ AUTO_SAVING_INTERVAL_MS: off }).AUTO_SAVING_INTERVAL_MS).toBe(0)
  for (const wrong of ['', 'never', 99, '-1', 1.5, 3_600_001])
    expect(() => told({ AUTO_SAVING_INTERVAL_MS: wrong })).toThrow(
      /AUTO_SAVING_INTERVAL_MS must be 0 or a whole number/,
    )
  expect(told({ FRONTEND_VERSION: '1.6.5.dev3' }).FRONTEND_VERSION).toBe('1.6.5.dev3')
  for (const wrong of ['', 'v1', '1.6', '1.6.5 <b>', `1.6.5.${'x'.repeat(50)}`])
    expect(() => told({ FRONTEND_VERSION: wrong })).toThrow(/FRONTEND_VERSION must be a version/)
  for (const right of ['https://builder.example.com/x', 'http://localhost:3000'])
    expect(told({ LANGBUILDER_URL: `${right}/` }).LANGBUILDER_URL).toBe(right)
  for (const wrong of ['', 'http://builder.example.com', 'javascript:alert(1)', 'https://a b'])
    expect(() => told({ LANGBUILDER_URL: wrong })).toThrow(/LANGBUILDER_URL must be an address/)
  expect(told({}).ACCESS_COOKIE).toBe('readable')
  for (const wrong of ['', 'HttpOnly', true])
    expect(() => told({ ACCESS_COOKIE: wrong })).toThrow(/ACCESS_COOKIE must be/)
})

test('answers may be behind only as far as is said, and only with a replica', () => {
  const LIBSQL_REPLICA_URL = 'http://127.0.0.1:8081'
  const bound = (more: object) => parseEnv({ ...bindings, LIBSQL_REPLICA_URL, ...more }).CONSISTENCY
  expect([
    bound({}),
    bound({ CONSISTENCY: 'strict' }),
    bound({ CONSISTENCY: 'bounded:500' }),
  ]).toEqual([0, 0, 500])
  for (const CONSISTENCY of [
    '',
    'bounded',
    'bounded:99',
    'bounded:3600001',
    'bounded:1e3',
    'eventual',
  ])
    expect(() => bound({ CONSISTENCY })).toThrow(
      "CONSISTENCY must be 'strict' or 'bounded:<ms>', of 100 to 3600000 milliseconds",
    )
  expect(() => parseEnv({ ...bindings, CONSISTENCY: 'bounded:500' })).toThrow(
    /LIBSQL_REPLICA_URL is missing/,
  )
  expect(() => bound({ LIBSQL_REPLICA_URL: bindings.LIBSQL_URL })).toThrow(
    /LIBSQL_REPLICA_URL is LIBSQL_URL/,
  )
  expect(() => bound({ LIBSQL_REPLICA_URL: 'http://replica.test' })).toThrow(
    /LIBSQL_REPLICA_URL must start with/,
  )
})

test('the team of Cloudflare Access is a domain of its own, and goes with its audience tags', () => {
  const AUD = 'a'.repeat(64)
  const access = (CF_ACCESS_TEAM_DOMAIN?: string, CF_ACCESS_AUD?: string) => {
    const env = parseEnv({ ...bindings, CF_ACCESS_TEAM_DOMAIN, CF_ACCESS_AUD })
    return [env.CF_ACCESS_TEAM_DOMAIN, env.CF_ACCESS_AUD]
  }
  expect(access()).toEqual([undefined, undefined])
  const team = 'example.cloudflareaccess.com'
  for (const spelling of [team, `https://${team}`, `https://${team}/`])
    expect(access(spelling, AUD)).toEqual([`https://${team}`, [AUD]])
  expect(access('http://127.0.0.1:9', `${AUD}, b-${AUD}`)[1]).toEqual([AUD, `b-${AUD}`])
  for (const domain of [
    '',
    'example.com',
    `http://${team}`,
    `${team}.example.com`,
    `example.com/${team}`,
    `u@${team}`,
    `${team}:444`,
    'cloudflareaccess.com',
    `example.com#.cloudflareaccess.com`,
  ])
    expect(() => access(domain, AUD), domain).toThrow(/CF_ACCESS_TEAM_DOMAIN must be a domain/)
  for (const tags of ['', 'short', `${AUD},`, `${AUD} ${AUD}`, Array(21).fill(AUD).join()])
    expect(() => access(team, tags), tags).toThrow(/CF_ACCESS_AUD must list/)
  expect(() => access(team)).toThrow(/go together/)
  expect(() => access(undefined, AUD)).toThrow(/go together/)
})
