// What the API description says about roles and grants.
import { type About, listOf } from '../../wire.ts'
import { toAssignmentRead, toRoleRead } from './view.ts'

export const aboutRbac: About = {
  'GET /api/v1/rbac/roles': {
    summary: 'List the roles',
    gives: listOf(toRoleRead),
    errors: ['forbidden'],
  },
  'GET /api/v1/rbac/assignments': {
    summary: 'List grants',
    gives: listOf(toAssignmentRead),
    errors: ['forbidden'],
  },
  'POST /api/v1/rbac/assignments': {
    summary: 'Grant a role',
    status: 201,
    gives: toAssignmentRead,
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  },
  'PATCH /api/v1/rbac/assignments/:assignment_id': {
    summary: 'Give a grant another role',
    gives: toAssignmentRead,
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  },
  'DELETE /api/v1/rbac/assignments/:assignment_id': {
    summary: 'Revoke a grant',
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
}
