// What the directory may ask about the service itself: what it can do, which resources it has, and what they are made of.
import { groupAttributes, userAttributes } from './attributes.ts'
import { MAX_COUNT } from './params.ts'
import { urns } from './protocol.ts'

const no = { supported: false }
const yes = { supported: true }

export const toServiceProviderConfig = (base: string) => ({
  schemas: [urns.serviceProviderConfig],
  patch: yes,
  bulk: { ...no, maxOperations: 0, maxPayloadSize: 0 },
  filter: { ...yes, maxResults: MAX_COUNT },
  changePassword: no,
  sort: no,
  etag: yes,
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'SCIM_TOKEN',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
})

const resourceType = (name: 'User' | 'Group', schema: string, base: string) => ({
  schemas: [urns.resourceType],
  id: name,
  name,
  endpoint: `/${name}s`,
  schema,
  meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
})

export const toResourceTypes = (base: string) => [
  resourceType('User', urns.user, base),
  resourceType('Group', urns.group, base),
]

const schema = (
  name: 'User' | 'Group',
  id: string,
  attributes: readonly object[],
  base: string,
) => ({
  schemas: [urns.schema],
  id,
  name,
  attributes,
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
})

export const toSchemas = (base: string) => [
  schema('User', urns.user, userAttributes, base),
  schema('Group', urns.group, groupAttributes, base),
]
