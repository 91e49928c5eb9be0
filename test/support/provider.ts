// A company's OpenID provider on loopback: oidc-provider as it is published, with its own login page, behind a front of
// ours that counts what is asked, and can be slow, silent, gone, or lie.
import { randomBytes } from 'node:crypto'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  request as send,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { type KeySet, newKeys } from './provider-keys.ts'

export type Said = { status: number; headers: IncomingHttpHeaders; body: string }

/** What becomes of a request: `silent` is never answered, `cut` ends without a word; another answer, or a change to the provider's own. */
export type Turn =
  | 'forward'
  | 'silent'
  | 'cut'
  | Partial<Said>
  | ((said: Said) => Said | Promise<Said>)

/** What the provider knows of somebody; `sub` is what they type as their login. */
export type Account = { [claim: string]: unknown }

export type CompanyProvider = {
  readonly id: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** One of OIDC_PROVIDERS. */
  settings(more?: object): object
  readonly accounts: Map<string, Account>
  /** Those that it signs with now. */
  readonly keys: KeySet
  /** How often a path was asked for since `reset`. */
  count(path: string): number
  reset(): void
  /** The front's way with each request, until the next. */
  decide(turn: (path: string) => Turn): void
  /** The same provider with keys of its own making, and none of those before. */
  rotate(): Promise<void>
  /** Nothing listens, until `up`. */
  down(): Promise<void>
  up(): Promise<void>
  /** Every code and token that it has given out, and its client's secret: they are to be seen nowhere. */
  readonly secrets: Set<string>
  stop(): Promise<void>
}

type Options = { host?: 'localhost' | '127.0.0.1'; alg?: 'RS256' | 'ES256' | 'EdDSA' }

/** Its pages are of another site where `host` is not what flowgate is called. */
export async function startProvider(
  id: string,
  { host = 'localhost', alg = 'RS256' }: Options = {},
): Promise<CompanyProvider> {
  const clientId = `flowgate-at-${id}`
  const clientSecret = `secret-of-${id}-${randomBytes(24).toString('hex')}`
  const accounts = new Map<string, Account>()
  const secrets = new Set([clientSecret])
  const counts = new Map<string, number>()
  let decide: (path: string) => Turn = () => 'forward'
  let provide: RequestListener = () => {}
  const inner = await listen(createServer((incoming, outgoing) => provide(incoming, outgoing)))
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const path = new URL(incoming.url ?? '/', 'http://any').pathname
    counts.set(path, (counts.get(path) ?? 0) + 1)
    const turn = decide(path)
    const sent = await readAll(incoming)
    if (turn === 'silent') return
    if (turn === 'cut') return void incoming.socket.destroy()
    const said: Said =
      typeof turn === 'object'
        ? { status: 200, headers: { 'content-type': 'application/json' }, body: '', ...turn }
        : await forward(portOf(inner), incoming, sent)
    note(said, secrets)
    const told = typeof turn === 'function' ? await turn(said) : said
    note(told, secrets)
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = told.headers
    outgoing.writeHead(told.status, headers).end(told.body)
  }
  const front = await listen(
    createServer((incoming, outgoing) => {
      answer(incoming, outgoing).catch(() => incoming.socket.destroy())
    }),
  )
  const port = portOf(front)
  const issuer = `http://${host}:${port}`
  const made = { id, issuer, clientId, clientSecret, accounts, secrets }
  let keys = await newKeys(alg)
  const furnish = () => {
    provide = providerOf(made, keys).callback()
  }
  furnish()
  return {
    ...made,
    settings: (more = {}) => ({
      id,
      issuer,
      client_id: clientId,
      client_secret: clientSecret,
      ...more,
    }),
    get keys() {
      return keys
    },
    count: (path) => counts.get(path) ?? 0,
    reset: () => counts.clear(),
    decide(turn) {
      decide = turn
    },
    async rotate() {
      keys = await newKeys(alg)
      furnish()
    },
    down: () => close(front),
    async up() {
      await listen(front, port)
    },
    async stop() {
      await Promise.all([close(front), close(inner)])
    },
  }
}

type Made = Pick<CompanyProvider, 'id' | 'issuer' | 'clientId' | 'clientSecret' | 'accounts'>

const SCOPE = 'openid profile email'

function providerOf({ id, issuer, clientId, clientSecret, accounts }: Made, keys: KeySet) {
  const callback = `/api/v1/auth/${id}/callback`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`http://127.0.0.1${callback}`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        id_token_signed_response_alg: keys.alg,
      },
    ],
    jwks: { keys: keys.private },
    scopes: SCOPE.split(' '),
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username', 'groups', 'hd', 'employee'],
    },
    conformIdTokenClaims: false,
    // Browsers tell hosts apart, not ports.
    cookies: {
      keys: [clientSecret],
      names: { session: `_${id}`, interaction: `_${id}_interaction`, resume: `_${id}_resume` },
    },
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true, methods: ['S256'] },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
    findAccount: (_: unknown, sub: string) => {
      const account = accounts.get(sub)
      return account && { accountId: sub, claims: () => ({ ...account, sub }) }
    },
    // As companies do, it does not ask its people whether they agree.
    async loadExistingGrant({ oidc }: { oidc: { session: { accountId: string } } }) {
      const grant = new provider.Grant({ accountId: oidc.session.accountId, clientId })
      grant.addOIDCScope(SCOPE)
      await grant.save()
      return grant
    },
  })
  // Where flowgate listens is known only once it knows where this does: any port, but the very path.
  provider.Client.prototype.redirectUriAllowed = (uri) =>
    /^http:\/\/127\.0\.0\.1:\d+$/.test(uri.slice(0, -callback.length)) && uri.endsWith(callback)
  return provider
}

async function forward(port: number, incoming: IncomingMessage, body: string): Promise<Said> {
  const { url, method, headers } = incoming
  return new Promise((resolve, reject) => {
    const asked = send({ host: '127.0.0.1', port, path: url, method, headers }, async (said) => {
      resolve({ status: said.statusCode ?? 0, headers: said.headers, body: await readAll(said) })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

function note({ headers: { location }, body }: Said, secrets: Set<string>): void {
  const code = location && URL.parse(location, 'http://any')?.searchParams.get('code')
  if (code) secrets.add(code)
  for (const [, token] of body.matchAll(/"(?:id_token|access_token)":"([^"]{20,})"/g))
    secrets.add(String(token))
}

async function readAll(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

const listen = (server: Server, port = 0): Promise<Server> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
