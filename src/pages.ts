// Files that stand beside the Worker: the console at /console/, and the reference of the API. They are built by
// src/cli/files.ts, kept by the platform, and sent by the Worker itself, so that they carry the same headers wherever it runs.
import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono/tiny'
import { about } from './about.ts'
import { type Open, parseEnv } from './env.ts'
import { ApiError } from './errors.ts'
import { offeredBy } from './providers.ts'

/** No script, style, picture or address but our own, none within the page, and no page around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const YEAR_S = 31_536_000

/** The reference is all there is on its page: no script, nothing from elsewhere. */
const REFERENCE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

/** The platform's store of files; a deployment without it has none of these pages. */
type Files = { fetch(url: string): Promise<Response> }

const filesOf = ({ env }: Context): Files | undefined => {
  const files: unknown = (env as { ASSETS?: unknown }).ASSETS // bindings are what wrangler.toml says
  return typeof (files as Files | undefined)?.fetch === 'function' ? (files as Files) : undefined
}

/** Throws 404 where there is none of that name. */
async function readFile(c: Context, name: string): Promise<Response> {
  const file = await filesOf(c)?.fetch(`https://files/${name}`)
  if (!file?.ok) throw new ApiError('not_found', 'Not Found')
  return file
}

/** Any address below /console/ is a page of the console, which tells them apart itself, unless it looks like a file. */
const nameOf = (path: string): string => {
  const name = path.slice('/console/'.length)
  return /\.\w+$/.test(name) ? name : 'index.html'
}

const sendFile: MiddlewareHandler<Open> = async (c) => {
  const { method, path } = c.req
  if (method !== 'GET' && method !== 'HEAD')
    throw new ApiError('method_not_allowed', 'Method Not Allowed. Use GET, HEAD.')
  const name = nameOf(path)
  const file = await readFile(c, name)
  c.header('content-security-policy', POLICY)
  c.header('content-type', file.headers.get('content-type') ?? 'application/octet-stream')
  const isHashed = /-[0-9a-f]{8}\.\w+$/.test(name)
  c.header('cache-control', isHashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache')
  return c.body(file.body ?? '')
}

/** Open to everybody: the files are the same for all, and say nothing. */
export const consolePages = new Hono<Open>()
  .all('/console/settings.json', (c) => {
    const env = parseEnv(c.env)
    return c.json({
      langbuilder_url: env.LANGBUILDER_URL ?? null,
      teams: env.TEAMS,
      providers: offeredBy(env),
      password_login: env.PASSWORD_LOGIN === 'on',
    })
  })
  .all('/', (c) => c.redirect('/console/', 302))
  .all('/console', (c) => c.redirect('/console/', 302))
  .all('/console/*', sendFile)

/** Open to everybody too: what the API takes and gives, and nothing that is in it. */
export const reference = new Hono<Open>()
  .get(
    '/openapi.json',
    about({
      summary: 'This description',
      open: true,
      reads: 'nothing',
      tagged: true,
      errors: ['not_found'],
      gives: {
        schema: {
          type: 'object',
          required: ['openapi', 'info', 'paths', 'components'],
          examples: [{ openapi: '3.1.0', info: {}, paths: {}, components: {} }],
        },
      },
    }),
    async (c) => {
      c.header('content-type', 'application/json')
      return c.body((await readFile(c, 'openapi.json')).body ?? '')
    },
  )
  .get(
    '/docs',
    about({
      summary: 'The API reference to read',
      open: true,
      reads: 'nothing',
      tagged: true,
      errors: ['not_found'],
      archive: 'text/html',
    }),
    async (c) => {
      c.header('content-security-policy', REFERENCE_POLICY)
      c.header('content-type', 'text/html; charset=UTF-8')
      return c.body((await readFile(c, 'docs.html')).body ?? '')
    },
  )
