// The console's files, at /console/: built by src/cli/console.ts, kept by the platform beside the Worker, and sent by
// the Worker itself, so that they carry the same headers wherever it runs.
import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono/tiny'
import { type Open, parseEnv } from './env.ts'
import { ApiError } from './errors.ts'

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

/** The platform's store of files; a build without the console has none. */
type Files = { fetch(url: string): Promise<Response> }

const filesOf = ({ env }: Context): Files | undefined => {
  const files: unknown = (env as { ASSETS?: unknown }).ASSETS // bindings are what wrangler.toml says
  return typeof (files as Files | undefined)?.fetch === 'function' ? (files as Files) : undefined
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
  const file = await filesOf(c)?.fetch(`https://console/${name}`)
  if (!file?.ok) throw new ApiError('not_found', 'Not Found')
  c.header('content-security-policy', POLICY)
  c.header('content-type', file.headers.get('content-type') ?? 'application/octet-stream')
  const isHashed = /-[0-9a-f]{8}\.\w+$/.test(name)
  c.header('cache-control', isHashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache')
  return c.body(file.body ?? '')
}

/** Open to everybody: the files are the same for all, and say nothing. */
export const consolePages = new Hono<Open>()
  .all('/console/settings.json', (c) => {
    const { LANGBUILDER_URL, TEAMS } = parseEnv(c.env)
    return c.json({ langbuilder_url: LANGBUILDER_URL ?? null, teams: TEAMS })
  })
  .all('/', (c) => c.redirect('/console/', 302))
  .all('/console', (c) => c.redirect('/console/', 302))
  .all('/console/*', sendFile)
