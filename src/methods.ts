// Which methods a URL knows: what `Allow` says of it, and whether its other spelling is a route.
import type { Context, Hono, MiddlewareHandler } from 'hono'
import type { RouterRoute } from 'hono/types'
import type { Open } from './env.ts'
import { ApiError, toResponse } from './errors.ts'

/** Of a path, the methods of its route; none where there is none. `HEAD` is where `GET` is. */
export type MethodsAt = (path: string) => readonly string[]

/** Reads the routes of an app, once the map is complete. */
export function methodsOf(app: Pick<Hono<Open>, 'routes'>): MethodsAt {
  let known: Route[] | undefined
  return (path) => {
    known ??= listRoutes(app.routes)
    return findMethods(known, path)
  }
}

/** Names the methods of the very route that was asked for, and no others: 405 with them, 204 for OPTIONS. */
export const namingMethods = (methodsAt: MethodsAt): MiddlewareHandler<Open> =>
  async function namingMethods(c, next) {
    await next()
    const isOptions = c.req.method === 'OPTIONS'
    const isAnswered = isOptions ? ![204, 404].includes(c.res.status) : c.res.status !== 404
    if (c.error || isAnswered) return
    const methods = methodsAt(c.req.path)
    if (methods.length === 0 || methods.includes(c.req.method)) return
    const allow = methods.join(', ')
    c.res = isOptions
      ? new Response(null, { status: 204 })
      : toResponse(c, new ApiError('method_not_allowed', `Method Not Allowed. Use ${allow}.`))
    c.res.headers.set('allow', allow)
  }

/** `/flows` <-> `/flows/`: 307 to the spelling that is a route, where this one is not. */
export function redirectToOtherSpelling(methodsAt: MethodsAt, c: Context): Response | undefined {
  const { pathname, search } = new URL(c.req.url)
  const other = pathname.endsWith('/') ? pathname.slice(0, -1) : `${pathname}/`
  const isRoute = methodsAt(pathname).length === 0 && methodsAt(other).includes(c.req.method)
  return isRoute ? c.redirect(other + search, 307) : undefined
}

type Route = { readonly segments: readonly string[]; readonly methods: readonly string[] }

/** By path, each with its methods in the order of the map. */
function listRoutes(routes: readonly RouterRoute[]): Route[] {
  const byPath = new Map<string, Set<string>>()
  for (const { method, path } of routes) {
    if (method === 'ALL') continue
    const methods = byPath.get(path) ?? new Set()
    byPath.set(path, methods.add(method))
    if (method === 'GET') methods.add('HEAD')
  }
  return [...byPath].map(([path, methods]) => ({
    segments: path.split('/'),
    methods: [...methods],
  }))
}

/** `users/whoami` is itself, and not a user with that id: the path with the fewest parameters is meant. */
function findMethods(known: readonly Route[], path: string): readonly string[] {
  const asked = path.split('/')
  const parameters = ({ segments }: Route) => segments.filter((part) => part.startsWith(':')).length
  const [meant] = known
    .filter(({ segments }) => isSame(segments, asked))
    .sort((a, b) => parameters(a) - parameters(b))
  return meant?.methods ?? []
}

const isSame = (segments: readonly string[], asked: readonly string[]) =>
  segments.length === asked.length &&
  segments.every((part, n) => part === asked[n] || (part.startsWith(':') && asked[n] !== ''))
