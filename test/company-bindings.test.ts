// Whose an account of a company is here, where somebody says so who is signed in: for themselves, or as a superuser.
import { describe, expect, test } from 'vitest'
import { codeOf, companyWorld, newcomer, personOf } from './support/company.ts'
import type { CompanyProvider } from './support/provider.ts'
import { newVisitor, type Seen, signInBy, travel, type Visitor } from './support/visitor.ts'
import { type Api, call, createUser, expectStatus, signIn } from './support/world.ts'

const world = companyWorld()
const bindingsOf = async (api: Api, id = '') =>
  (await api.get(`/api/v1/bindings${id && `?user_id=${id}`}`)).body.bindings
const queryOf = (binding: { user_id: string; issuer: string; subject: string }) =>
  `/api/v1/bindings?${new URLSearchParams({
    user_id: binding.user_id,
    issuer: binding.issuer,
    subject: binding.subject,
  })}`

/** Signs in by password, with the cookies of it. */
async function local(name: string): Promise<{ api: Api; visitor: Visitor }> {
  await createUser(world.gate, world.root, name)
  return { visitor: newVisitor(), api: await again(name) }
}
const again = (name: string): Promise<Api> => signIn(world.gate, name, `${name}-password`)

const askToBind = (api: Api, visitor: Visitor, { id }: CompanyProvider): Promise<Seen> =>
  visitor.ask(`${world.gate.url}/api/v1/auth/${id}/bind`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.token}` },
  })

async function wayToBind(api: Api, visitor: Visitor, provider: CompanyProvider, login: string) {
  const asked = await askToBind(api, visitor, provider)
  expect(asked.status).toBe(200)
  return travel(visitor, JSON.parse(asked.body).url, login)
}

describe('oneself', () => {
  test('binds an account at its provider, and comes in by it as who one is', async () => {
    const { gate, okta } = world
    const { api, visitor } = await local('ada')
    const login = newcomer(okta)
    const seen = await visitor.ask(await wayToBind(api, visitor, okta, login))
    expect({ status: seen.status, to: seen.headers.get('location') }).toEqual({
      status: 302,
      to: '/console/me',
    })
    expect(seen.headers.getSetCookie().join()).not.toMatch(/access_token|refresh_token/)
    expect(await bindingsOf(api)).toMatchObject([{ provider: 'okta', subject: login }])
    expect((await personOf(world, okta, login)).api.userId).toBe(api.userId)
    // Once more is no harm.
    expect((await visitor.ask(await wayToBind(api, visitor, okta, login))).status).toBe(302)
    expect(await bindingsOf(api)).toHaveLength(1)
    const { rows } = await gate.db.execute({
      sql: 'SELECT action FROM flowgate_audit WHERE target_id = ? AND target_type = ?',
      args: [api.userId.replaceAll('-', ''), 'binding'],
    })
    expect(rows.map(({ action }) => action)).toEqual(['binding.create'])
  })

  test('asks the provider to let them sign in anew, whoever its browser is', async () => {
    const { okta } = world
    const { api, visitor } = await local('prompted')
    const login = newcomer(okta)
    const { url } = JSON.parse((await askToBind(api, visitor, okta)).body)
    expect(new URL(url).searchParams.get('prompt')).toBe('login')
    expect((await visitor.ask(await travel(visitor, url, login))).status).toBe(302)
  })

  test('binds none that is somebody’s already: 409, and it stays theirs', async () => {
    const { okta } = world
    const owner = await personOf(world, okta, newcomer(okta))
    const { api, visitor } = await local('thief')
    const seen = await visitor.ask(await wayToBind(api, visitor, okta, owner.name))
    expect({ status: seen.status, code: codeOf(seen) }).toEqual({ status: 409, code: 'conflict' })
    expect(await bindingsOf(api)).toEqual([])
    expect((await personOf(world, okta, owner.name)).api.userId).toBe(owner.api.userId)
  })

  test('has signed out meanwhile: 400, and nobody is bound or signed in', async () => {
    const { gate, okta } = world
    const { api, visitor } = await local('gone')
    const login = newcomer(okta)
    const callback = await wayToBind(api, visitor, okta, login)
    await expectStatus(200, api.post('/api/v1/logout'))
    const seen = await visitor.ask(callback)
    expect({ status: seen.status, code: codeOf(seen) }).toEqual({
      status: 400,
      code: 'sign_in_stale',
    })
    expect(seen.headers.getSetCookie().join()).not.toMatch(/access_token|refresh_token/)
    const back = await again('gone')
    expect(await bindingsOf(back)).toEqual([])
    // Nor does another session of theirs do.
    expect((await visitor.ask(callback)).status).toBe(400)
    const other = await wayToBind(back, newVisitor(), okta, login)
    expect((await visitor.ask(other)).status).toBe(400)
    const { rows } = await gate.db.execute({
      sql: 'SELECT 1 FROM flowgate_binding WHERE subject = ?',
      args: [login],
    })
    expect(rows).toEqual([])
  })

  test('takes a session younger than 15 minutes, and neither a key nor nobody', async () => {
    const { gate, okta } = world
    const { api, visitor } = await local('late')
    const made = await expectStatus(200, api.post('/api/v1/api_key/', { name: 'k' }))
    const address = '/api/v1/auth/okta/bind'
    const byKey = { 'x-api-key': made.body.api_key }
    expect((await call(gate, 'POST', address, undefined, byKey)).status).toBe(403)
    expect((await call(gate, 'POST', address)).status).toBe(403)
    const user = api.userId.replaceAll('-', '')
    await gate.db.execute({
      sql: "UPDATE flowgate_session SET created_at = datetime('now', '-16 minutes') WHERE user_id = ?",
      args: [user],
    })
    const asked = await askToBind(api, visitor, okta)
    expect(asked.status).toBe(403)
    expect(visitor.cookie('flowgate_visit')).toBe(undefined)
    expect((await askToBind(await again('late'), visitor, okta)).status).toBe(200)
  })

  test('lets an account go, which is a stranger’s then; never the last way in', async () => {
    const { okta, entra } = world
    const { api, visitor } = await local('leaver')
    const login = newcomer(okta)
    await visitor.ask(await wayToBind(api, visitor, okta, login))
    const [binding] = await bindingsOf(api)
    await expectStatus(204, api.delete(queryOf(binding)))
    await expectStatus(404, api.delete(queryOf(binding)))
    const stranger = await personOf(world, okta, login)
    expect(stranger.api.userId).not.toBe(api.userId)
    const [only] = await bindingsOf(stranger.api)
    await expectStatus(409, stranger.api.delete(queryOf(only)))
    const second = newcomer(entra)
    await stranger.visitor.ask(await wayToBind(stranger.api, stranger.visitor, entra, second))
    await expectStatus(204, stranger.api.delete(queryOf(only)))
    expect((await personOf(world, entra, second)).api.userId).toBe(stranger.api.userId)
  })
})

describe('a superuser', () => {
  test('binds, sees and unbinds anybody; nobody else does', async () => {
    const { okta, root, gate } = world
    const { api } = await local('bound')
    const { api: other } = await local('other')
    const subject = newcomer(okta)
    const body = { user_id: api.userId, provider: 'okta', subject }
    await expectStatus(403, other.post('/api/v1/bindings', body))
    await expectStatus(403, api.post('/api/v1/bindings', body))
    const made = (await expectStatus(201, root.post('/api/v1/bindings', body))).body
    expect(made).toMatchObject({ provider: 'okta', issuer: okta.issuer, subject })
    await expectStatus(409, root.post('/api/v1/bindings', { ...body, user_id: other.userId }))
    expect((await personOf(world, okta, subject)).api.userId).toBe(api.userId)
    expect(await bindingsOf(root, api.userId)).toEqual([made])
    await expectStatus(403, other.get(`/api/v1/bindings?user_id=${api.userId}`))
    await expectStatus(403, other.delete(queryOf(made)))
    await expectStatus(204, root.delete(queryOf(made)))
    expect(await bindingsOf(api)).toEqual([])
    const nobody = '00000000-0000-4000-8000-000000000000'
    await expectStatus(404, root.post('/api/v1/bindings', { ...body, user_id: nobody }))
    await expectStatus(404, root.post('/api/v1/bindings', { ...body, provider: 'nowhere' }))
    // What hangs on a user goes with them.
    const doomed = newcomer(okta)
    await expectStatus(201, root.post('/api/v1/bindings', { ...body, subject: doomed }))
    await expectStatus(200, root.delete(`/api/v1/users/${api.userId}`))
    const after = await signInBy(newVisitor(), gate.url, okta, doomed)
    expect(after.status).toBe(302)
    expect((await root.get(`/api/v1/users/?user_id=${api.userId}`)).body.users).toEqual([])
  })
})
