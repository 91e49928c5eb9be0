// A company's directory as it speaks to flowgate: SCIM by a token of its own.
import { expect } from 'vitest'
import type { Flowgate } from './flowgate.ts'
import { type Answer, call } from './world.ts'

export const SCIM_TOKEN = 'the-token-of-a-directory-that-only-tests-know'
export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

export type Directory = ReturnType<typeof directoryOf>

export function directoryOf(gate: Flowgate) {
  const send = async (method: string, path: string, body?: unknown, headers = {}) => {
    const answer = await call(gate, method, `/scim/v2${path}`, body, {
      authorization: `Bearer ${SCIM_TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      ...headers,
    })
    if (answer.status !== 204 && answer.status !== 304)
      expect(answer.headers.get('content-type')).toBe('application/scim+json')
    return answer
  }
  const operations = (list: unknown[]) => ({ schemas: [PATCH], Operations: list })
  return {
    send,
    get: (path: string, headers = {}) => send('GET', path, undefined, headers),
    post: (path: string, body: unknown) => send('POST', path, body),
    put: (path: string, body: unknown, headers = {}) => send('PUT', path, body, headers),
    patch: (path: string, list: unknown[], headers = {}) =>
      send('PATCH', path, operations(list), headers),
    remove: (path: string, headers = {}) => send('DELETE', path, undefined, headers),
    search: async (what: 'Users' | 'Groups', filter: string, more = '') =>
      (await send('GET', `/${what}?filter=${encodeURIComponent(filter)}${more}`)).body,
    /** As Entra ID makes users. */
    async user(name: string, more = {}): Promise<string> {
      const { status, body } = await send('POST', '/Users', {
        schemas: [USER],
        userName: name,
        externalId: `ext-${name}`,
        active: true,
        ...more,
      })
      expect([status, body.detail]).toEqual([201, undefined])
      return body.id
    },
    async group(displayName: string, members: string[] = []): Promise<string> {
      const { status, body } = await send('POST', '/Groups', {
        schemas: [GROUP],
        displayName,
        members: members.map((value) => ({ value })),
      })
      expect([status, body.detail]).toEqual([201, undefined])
      return body.id
    },
  }
}

/** Of an error in SCIM's form: that it is one, with its status, its type, and what it says. */
export const refusal = ({ status, body }: Answer) => {
  expect(body.schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:Error'])
  expect(body.status).toBe(String(status))
  expect(
    Object.keys(body).filter((key) => !/^(schemas|status|scimType|detail)$/.test(key)),
  ).toEqual([])
  return [status, body.scimType, body.detail]
}
