// A directory that provisions people, and a provider that signs them in: one user by either, out at once when the
// directory says so; and what a binding brought goes with it.
import { expect, test } from 'vitest'
import { codeOf, companyWorld, newcomer, personOf } from './support/company.ts'
import { newVisitor, signInBy } from './support/visitor.ts'
import { type Api, as, createUser, expectStatus } from './support/world.ts'

const SCIM_TOKEN = 'the-directory-of-these-tests-shows-this'
const world = companyWorld({ bindings: { SCIM_TOKEN } })
const USERS = '/scim/v2/Users'
const GROUPS = '/scim/v2/Groups'
const directory = (): Api => as(world.gate, SCIM_TOKEN)

const bindingOf = (user_id: string, issuer: string, subject: string) =>
  `/api/v1/bindings?${new URLSearchParams({ user_id, issuer, subject })}`

async function provision(userName: string, externalId: string): Promise<string> {
  const made = await expectStatus(201, directory().post(USERS, { userName, externalId }))
  return made.body.id
}

test('whom the directory provisions signs in as that user, and is out at the next request when it says so', async () => {
  const { gate, strict } = world
  const id = await provision('vera', 'employee-1')
  const login = newcomer(strict, { employee: 'employee-1', preferred_username: 'not vera' })
  const vera = await personOf(world, strict, login)
  expect([vera.api.userId, vera.name]).toEqual([id, 'vera'])
  const key = (await expectStatus(200, vera.api.post('/api/v1/api_key/', { name: 'k' }))).body
  const withKey = () =>
    gate.fetch('/api/v1/users/whoami', { headers: { 'x-api-key': key.api_key } })
  expect((await withKey()).status).toBe(200)
  const change = (active: boolean) =>
    directory().patch(`${USERS}/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', value: { active } }],
    })
  expect((await change(false)).status).toBeLessThan(300)
  expect((await vera.api.get('/api/v1/users/whoami')).status).toBe(401)
  expect((await withKey()).status).toBe(403)
  const refused = await signInBy(newVisitor(), gate.url, strict, login)
  expect([refused.status, codeOf(refused)]).toEqual([403, 'sign_in_refused'])
  expect((await change(true)).status).toBeLessThan(300)
  expect((await personOf(world, strict, login)).api.userId).toBe(id)
})

test('nobody leaves the directory by themselves, and nobody is provisioned twice', async () => {
  const { root, strict } = world
  const id = await provision('ines', 'employee-2')
  const ines = await personOf(world, strict, newcomer(strict, { employee: 'employee-2' }))
  const path = bindingOf(id, 'scim', 'employee-2')
  expect((await ines.api.delete(path)).status).toBe(403)
  expect((await directory().get(`${USERS}/${id}`)).status).toBe(200)
  const again = { user_id: id, provider: 'scim', subject: 'employee-2b' }
  expect((await root.post('/api/v1/bindings', again)).status).toBe(409)
  const group = await expectStatus(
    201,
    directory().post(GROUPS, {
      displayName: 'Ships',
      externalId: 'ships',
      members: [{ value: id }],
    }),
  )
  await expectStatus(204, root.delete(path))
  expect((await directory().get(`${USERS}/${id}`)).status).toBe(404)
  expect((await root.get(`/api/v1/teams/${group.body.id}/members`)).body).toEqual([])
})

test('a superuser hands a user who is there to the directory', async () => {
  const { gate, root } = world
  const local = await createUser(gate, root, 'local')
  const taken = await directory().post(USERS, { userName: 'local', externalId: 'employee-3' })
  expect([taken.status, taken.body.scimType]).toEqual([409, 'uniqueness'])
  await expectStatus(
    201,
    root.post('/api/v1/bindings', {
      user_id: local.userId,
      provider: 'scim',
      subject: 'employee-3',
    }),
  )
  const found = await directory().get(
    `${USERS}?filter=${encodeURIComponent('userName eq "local"')}`,
  )
  expect(found.body.Resources).toMatchObject([{ id: local.userId, externalId: 'employee-3' }])
})

test('what came by a binding goes with it: groups of its provider, and being a superuser', async () => {
  const { root, okta } = world
  const team = (
    await expectStatus(
      201,
      root.post('/api/v1/teams/', { name: 'House', external_name: 'okta:house' }),
    )
  ).body.id
  const login = newcomer(okta, { groups: ['house'] })
  const { api } = await personOf(world, okta, login)
  const isSuperuser = async () =>
    (await root.get(`/api/v1/users/?user_id=${api.userId}`)).body.users[0].is_superuser
  const members = async () => (await root.get(`/api/v1/teams/${team}/members`)).body.length
  expect([await isSuperuser(), await members()]).toEqual([true, 1])
  const [binding] = (await root.get(`/api/v1/bindings?user_id=${api.userId}`)).body.bindings
  await expectStatus(204, root.delete(bindingOf(api.userId, binding.issuer, binding.subject)))
  expect([await isSuperuser(), await members()]).toEqual([false, 0])
})
