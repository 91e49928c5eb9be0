// What the API description says about roles and grants.
import { type About, flag, id, listOf, nullable, object, pageOf, text } from '../wire.ts'
import { Shared, toMyShare, toShareRead } from './share-view.ts'
import { AccessBody, ExplanationBody, toAssignmentRead, toRoleDetail, toRoleRead } from './view.ts'

const CheckResult = object({
  action: text,
  resource_type: text,
  resource_id: nullable(id),
  allowed: flag,
})

export const aboutRbac: About = {
  'GET /api/v1/rbac/roles': {
    summary: 'List the roles',
    gives: listOf(toRoleRead),
    errors: ['forbidden'],
  },
  'GET /api/v1/rbac/assignments': {
    summary: 'List grants, all of them or, with `page` or `size`, by the page',
    gives: {
      schema: { oneOf: [listOf(toAssignmentRead).schema, pageOf(toAssignmentRead).schema] },
    },
    errors: ['forbidden'],
  },
  'GET /api/v1/rbac/assignments/:assignment_id': {
    summary: 'Read a grant',
    gives: toAssignmentRead,
    errors: ['forbidden', 'not_found'],
  },
  'POST /api/v1/rbac/assignments': {
    summary: 'Grant a role',
    status: 201,
    gives: toAssignmentRead,
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  },
  'PATCH /api/v1/rbac/assignments/:assignment_id': {
    summary: 'Give a grant another role',
    headers: ['Flowgate-Flows-Owned'],
    gives: toAssignmentRead,
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  },
  'DELETE /api/v1/rbac/assignments/:assignment_id': {
    summary: 'Revoke a grant',
    headers: ['Flowgate-Flows-Owned'],
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  'POST /api/v1/rbac/roles': {
    summary: 'Make a custom role',
    status: 201,
    gives: toRoleDetail,
    errors: ['forbidden', 'conflict'],
  },
  'GET /api/v1/rbac/roles/:role_id': {
    summary: 'Read a role and what it holds',
    gives: toRoleDetail,
    errors: ['forbidden', 'not_found'],
  },
  'PATCH /api/v1/rbac/roles/:role_id': {
    summary: 'Change a custom role',
    gives: toRoleDetail,
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  },
  'DELETE /api/v1/rbac/roles/:role_id': {
    summary: 'Delete a custom role that is not in use',
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  },
  'GET /api/v1/rbac/check-permission': {
    summary: 'May I?',
    gives: object({ has_permission: flag }),
  },
  'POST /api/v1/rbac/check-permissions': {
    summary: 'May I, for up to 100 questions at once',
    gives: object({ results: listOf(CheckResult) }),
  },
  'GET /api/v1/rbac/explain': {
    summary: 'May they, and which grant decides: for oneself or as admin',
    gives: ExplanationBody,
    errors: ['forbidden', 'not_found'],
  },
  'GET /api/v1/rbac/access': {
    summary: 'Who can do what with it, and through which grant: for admins and Owners',
    gives: AccessBody,
    errors: ['forbidden', 'not_found'],
  },
}

const shares = (thing: 'flow' | 'project', path: string): About => ({
  [`GET ${path}/shares`]: {
    summary: `List who holds what on the ${thing}`,
    gives: listOf(toShareRead),
    errors: ['forbidden', 'not_found'],
  },
  [`POST ${path}/shares`]: {
    summary: `Share the ${thing} with a user or a team; \`warnings\` say what that replaces`,
    status: 201,
    gives: Shared,
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  [`PATCH ${path}/shares/:share_id`]: {
    summary: 'Give a share another role or another end',
    gives: Shared,
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  },
  [`DELETE ${path}/shares/:share_id`]: {
    summary: 'End a share',
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
})

export const aboutShares: About = {
  ...shares('flow', '/api/v1/flows/:flow_id'),
  ...shares('project', '/api/v1/projects/:project_id'),
  'GET /api/v1/me/shared': {
    summary: 'List what others share with the caller, by whom, until when, through which team',
    gives: listOf(toMyShare),
  },
  'GET /api/v1/me/granted': {
    summary: 'List what the caller shares with others',
    gives: listOf(toMyShare),
  },
}
