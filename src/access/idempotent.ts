// `Idempotency-Key` on a POST that makes something: sent again with the same body, it makes nothing and
// answers what it answered first.
import type { Context, MiddlewareHandler } from 'hono'
import * as v from 'valibot'
import type { Open } from '../env.ts'
import { fingerprints } from '../identity/secrets.ts'
import type { Ask } from './ask.ts'
import { misused, type Once } from './once.ts'

const HEADER = 'Idempotency-Key'

/** What a handler behind `idempotent` finds; `once` is there where the caller sent a key. */
export type Idempotent = { Variables: Open['Variables'] & { once?: Once } }

const Header = v.object({
  [HEADER]: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'Any text of 1 to 255 visible ASCII characters, new for each request. Sent again with the same body ' +
          'within 24 hours, the request makes nothing and answers what it answered first, with ' +
          '`Idempotent-Replayed: true`.',
      ),
      v.maxLength(255),
      v.regex(/^[!-~]+$/),
    ),
  ),
})

const remember: MiddlewareHandler<Idempotent & { Variables: { ask?: Ask } }> = async (c, next) => {
  const once = await readOnce(c)
  if (!once) return next()
  c.set('once', once)
  if (c.var.ask) c.set('ask', c.var.ask.once(once))
  await next()
  if (once.replayed) c.header('Idempotent-Replayed', 'true')
}

/** Says in the API description what it reads, as a validator does. */
const described = { target: 'header', schema: Header } as const

/** For routes behind the sign-in: what their `ask` makes, it makes once. Comes after the judge of the route. */
export const idempotent = Object.assign(
  remember as MiddlewareHandler, // it takes a context with or without a caller
  described,
)

async function readOnce(
  c: Context<Idempotent & { Variables: { ask?: Ask } }>,
): Promise<Once | undefined> {
  const key = c.req.header(HEADER)
  if (key === undefined) return undefined
  if (!v.is(Header, { [HEADER]: key })) throw misused('must have 1 to 255 visible ASCII characters')
  const url = new URL(c.req.url)
  url.searchParams.delete('x-api-key')
  const route = `${c.req.method} ${url.pathname}${url.search}\n`
  const requests = await fingerprints(`request ${route}`, await readBody(c), c.var.env)
  const [current, ...before] = await Promise.all(
    requests.map(async (requestHash, n) => {
      // Among strangers a key is good with its body alone: nobody learns that somebody else has used it.
      const scope = c.var.ask ? '' : requestHash
      const keys = await fingerprints(`key ${scope} ${key}`, new Uint8Array(), c.var.env)
      return { keyHash: String(keys[n]), requestHash }
    }),
  )
  return current && { ...current, before, replayed: false }
}

/** A form's boundary differs each time that it is sent; the files in it and their names do not. */
async function readBody(c: Context): Promise<Uint8Array> {
  if (!/^multipart\//i.test(c.req.header('content-type') ?? ''))
    return new Uint8Array(await c.req.arrayBuffer())
  const form = await c.req.formData().catch(() => undefined) // whoever wants the files refuses it
  const files = (form?.getAll('file') ?? []).filter((file) => typeof file !== 'string')
  const list = JSON.stringify(files.map(({ name, size }) => [name, size]))
  return new Uint8Array(await new Blob([list, ...files]).arrayBuffer())
}
