// /api/v1/rbac
import { Hono } from 'hono'
import { body, path, query } from '../../params.ts'
import type { SignedIn } from '../authenticate.ts'
import { AssignmentCreate, AssignmentFilter, AssignmentPath, AssignmentUpdate } from './params.ts'
import {
  createAssignment,
  deleteAssignment,
  listAssignments,
  listRoles,
  updateAssignment,
} from './query.ts'
import { toAssignmentRead, toRoleRead } from './view.ts'

export const rbac = new Hono<SignedIn>()

  .get('/rbac/roles', async (c) => {
    const roles = await listRoles(c.var.db, c.var.credential)
    return c.json(roles.map(toRoleRead))
  })

  .get('/rbac/assignments', query(AssignmentFilter), async (c) => {
    const assignments = await listAssignments(c.var.db, c.var.credential, c.req.valid('query'))
    return c.json(assignments.map(toAssignmentRead))
  })

  .post('/rbac/assignments', body(AssignmentCreate), async (c) => {
    const assignment = await createAssignment(c.var.db, c.var.credential, c.req.valid('json'))
    return c.json(toAssignmentRead(assignment), 201)
  })

  .patch(
    '/rbac/assignments/:assignment_id',
    path(AssignmentPath),
    body(AssignmentUpdate),
    async (c) => {
      const { assignment_id } = c.req.valid('param')
      const assignment = await updateAssignment(
        c.var.db,
        c.var.credential,
        assignment_id,
        c.req.valid('json').role_name,
      )
      return c.json(toAssignmentRead(assignment))
    },
  )

  .delete('/rbac/assignments/:assignment_id', path(AssignmentPath), async (c) => {
    await deleteAssignment(c.var.db, c.var.credential, c.req.valid('param').assignment_id)
    return c.body(null, 204)
  })
