// A flowgate whose people come from companies: three providers of different makes in front of two isolates.
import { afterAll, beforeAll } from 'vitest'
import { type Flowgate, startFlowgate } from './flowgate.ts'
import { type Account, type CompanyProvider, startProvider } from './provider.ts'
import { newVisitor, type Seen, signInBy, type Visitor } from './visitor.ts'
import { type Api, as, signIn } from './world.ts'

export type Company = {
  gate: Flowgate
  /** Lists groups; of another site than flowgate. */
  okta: CompanyProvider
  /** At flowgate's own host, with keys of another kind. */
  entra: CompanyProvider
  /** Lets in who is of `acme.test`, and knows whom the directory has provisioned. */
  strict: CompanyProvider
  root: Api
}

type Options = { bindings?: Record<string, string>; files?: boolean }

/** Made before the tests of a file, and gone after them. */
export function companyWorld({ bindings = {}, files = false }: Options = {}): Company {
  const world = {} as Company // filled before the first test
  beforeAll(async () => {
    const [okta, entra, strict] = await Promise.all([
      startProvider('okta', { alg: 'RS256' }),
      startProvider('entra', { alg: 'ES256', host: '127.0.0.1' }),
      startProvider('strict', { alg: 'EdDSA' }),
    ])
    const gate = await startFlowgate({
      isolates: 2,
      files,
      bindings: { OIDC_PROVIDERS: configured({ okta, entra, strict }), ...bindings },
    })
    Object.assign(world, { okta, entra, strict, gate, root: await signIn(gate) })
  }, 120_000)
  afterAll(async () => {
    await world.gate?.stop()
    await Promise.all([world.okta?.stop(), world.entra?.stop(), world.strict?.stop()])
  })
  return world
}

export const configured = ({
  okta,
  entra,
  strict,
}: Pick<Company, 'okta' | 'entra' | 'strict'>): string =>
  JSON.stringify([
    okta.settings({ name: 'Okta', groups_claim: 'groups', superuser_group: 'house' }),
    entra.settings({ name: 'Entra ID', groups_claim: 'groups' }),
    strict.settings({ allowed_domains: ['acme.test'], directory_claim: 'employee' }),
  ])

let count = 0
/** Somebody whom the provider knows, whom no other test has met. */
export function newcomer(provider: CompanyProvider, account: Account = {}): string {
  const login = `person-${++count}`
  provider.accounts.set(login, {
    email: `${login}@acme.test`,
    email_verified: true,
    preferred_username: login,
    name: `Person ${count}`,
    ...account,
  })
  return login
}

export type Person = { visitor: Visitor; seen: Seen; api: Api; name: string }

/** Somebody who has signed in by the provider. Throws where they are not let in. */
export async function personOf(
  { gate }: Company,
  provider: CompanyProvider,
  login: string,
  visitor = newVisitor(),
): Promise<Person> {
  const seen = await signInBy(visitor, gate.url, provider, login)
  if (seen.status !== 302) throw new Error(`${login}: ${seen.status} ${seen.body}`)
  const token = visitor.cookie('access_token_lf')?.value ?? ''
  const me = await as(gate, token).get('/api/v1/users/whoami')
  return { visitor, seen, api: as(gate, token, me.body.id), name: me.body.username }
}

export const codeOf = ({ body }: Seen): string => JSON.parse(body).code

/** How many users, sessions and bindings there are: nobody who is refused makes any. */
export async function standing({ gate: { db } }: Company): Promise<unknown> {
  const { rows } = await db.execute(`SELECT (SELECT count(*) FROM user) AS users,
    (SELECT count(*) FROM flowgate_session) AS sessions, (SELECT count(*) FROM flowgate_binding) AS bindings`)
  return rows[0]
}
