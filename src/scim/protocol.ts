// The words of SCIM 2.0 (RFC 7643, RFC 7644): what its messages are called, and what it says of a request that is wrong.
import { ApiError, type Code } from '../errors.ts'

export const MEDIA_TYPE = 'application/scim+json'

const core = 'urn:ietf:params:scim:schemas:core:2.0'
const messages = 'urn:ietf:params:scim:api:messages:2.0'
export const urns = {
  user: `${core}:User`,
  group: `${core}:Group`,
  schema: `${core}:Schema`,
  resourceType: `${core}:ResourceType`,
  serviceProviderConfig: `${core}:ServiceProviderConfig`,
  list: `${messages}:ListResponse`,
  error: `${messages}:Error`,
} as const

const codes = {
  invalidFilter: 'bad_request',
  invalidPath: 'bad_request',
  invalidSyntax: 'bad_request',
  invalidValue: 'bad_request',
  mutability: 'bad_request',
  noTarget: 'bad_request',
  uniqueness: 'conflict',
} as const satisfies Record<string, Code>
export type ScimType = keyof typeof codes

/** An error that the standard has a word for. */
export class Refusal extends ApiError {
  readonly scimType: ScimType
  constructor(scimType: ScimType, detail: string) {
    super(codes[scimType], detail)
    this.scimType = scimType
  }
}

/** A page of resources, counted from 1. */
export const toList = (resources: readonly object[], total: number, startIndex: number) => ({
  schemas: [urns.list],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
})
