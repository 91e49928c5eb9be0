// /api/v1/rbac
import { type Context, Hono } from 'hono'
import { only, onlyReads, type SignedIn } from '../access/ask.ts'
import { requireAdmin } from '../access/caller.ts'
import { idempotent } from '../access/idempotent.ts'
import { answerLongList } from '../access/long-list.ts'
import { dashed } from '../db/values.ts'
import { body, path, query } from '../params.ts'
import { listAccess } from './access-list.ts'
import { createAssignment, deleteAssignment, updateAssignment } from './assignments.ts'
import { check } from './check.ts'
import { explain } from './explain.ts'
import {
  AccessQuery,
  AssignmentCreate,
  AssignmentFilter,
  AssignmentPath,
  AssignmentQuery,
  AssignmentUpdate,
  CheckBatch,
  CheckQuery,
  ExplainQuery,
  RoleCreate,
  RolePath,
  RoleUpdate,
} from './params.ts'
import { findAssignment, listAssignments, pageAssignments } from './query.ts'
import { createRole, deleteRole, findRole, listRoles, updateRole } from './roles.ts'
import { toAccess, toAssignmentRead, toExplanation, toRoleDetail, toRoleRead } from './view.ts'

/** What every signed-in user may ask: may I, and why. */
const checks = new Hono<SignedIn>()

  .get('/rbac/check-permission', query(CheckQuery), async (c) => {
    const { permission, scope_type, scope_id = null } = c.req.valid('query')
    const question = { permission, scopeType: scope_type, scopeId: scope_id }
    const [allowed] = await check(c.var.ask, [question])
    return c.json({ has_permission: allowed === true })
  })

  .post('/rbac/check-permissions', onlyReads, body(CheckBatch), async (c) => {
    const asked = c.req.valid('json').checks
    const questions = asked.map(({ action, resource_type, resource_id }) => ({
      permission: action,
      scopeType: resource_type,
      scopeId: resource_id,
    }))
    const answers = await check(c.var.ask, questions)
    const results = asked.map((question, i) => ({
      ...question,
      resource_id: dashed(question.resource_id),
      allowed: answers[i] === true,
    }))
    return c.json({ results })
  })

  .get('/rbac/explain', query(ExplainQuery), async (c) => {
    const asked = c.req.valid('query')
    return c.json(toExplanation(asked, await explain(c.var.ask, asked)))
  })

  .get('/rbac/access', query(AccessQuery), async (c) => {
    const asked = c.req.valid('query')
    return c.json(toAccess(asked, await listAccess(c.var.ask, asked)))
  })

const admin = only(requireAdmin)

const roles = new Hono<SignedIn>()

  .get('/rbac/roles', admin, (c) =>
    answerLongList(c, { read: (after) => listRoles(c.var.ask, after), toBody: toRoleRead }),
  )

  .post('/rbac/roles', admin, idempotent, body(RoleCreate), async (c) => {
    const role = await createRole(c.var.ask, c.req.valid('json'))
    return c.json(toRoleDetail(role), 201)
  })

  .get('/rbac/roles/:role_id', admin, path(RolePath), async (c) => {
    const role = await findRole(c.var.ask, c.req.valid('param').role_id)
    return c.json(toRoleDetail(role))
  })

  .patch('/rbac/roles/:role_id', admin, path(RolePath), body(RoleUpdate), async (c) => {
    const { role_id } = c.req.valid('param')
    const role = await updateRole(c.var.ask, role_id, c.req.valid('json'))
    return c.json(toRoleDetail(role))
  })

  .delete('/rbac/roles/:role_id', admin, path(RolePath), async (c) => {
    await deleteRole(c.var.ask, c.req.valid('param').role_id)
    return c.body(null, 204)
  })

const assignments = new Hono<SignedIn>()

  .get('/rbac/assignments', admin, query(AssignmentFilter), (c) => {
    const filter = c.req.valid('query')
    if (filter.page !== undefined || filter.size !== undefined) return answerPage(c, filter)
    return answerLongList<Assignment, Assignments>(c, {
      read: (after) => listAssignments(c.var.ask, filter, after),
      toBody: toAssignmentRead,
    })
  })

  .get('/rbac/assignments/:assignment_id', admin, path(AssignmentPath), async (c) => {
    const assignment = await findAssignment(c.var.ask, c.req.valid('param').assignment_id)
    return c.json(toAssignmentRead(assignment))
  })

  .post('/rbac/assignments', admin, idempotent, body(AssignmentCreate), async (c) => {
    const assignment = await createAssignment(c.var.ask, c.req.valid('json'))
    return c.json(toAssignmentRead(assignment), 201)
  })

  .patch(
    '/rbac/assignments/:assignment_id',
    admin,
    path(AssignmentPath),
    query(AssignmentQuery),
    body(AssignmentUpdate),
    async (c) => {
      const { assignment_id } = c.req.valid('param')
      const wish = c.req.valid('json')
      const { flows } = c.req.valid('query')
      const changed = await updateAssignment(c.var.ask, assignment_id, wish, { flows })
      return c.json(toAssignmentRead(changed.assignment), 200, flowsOwned(changed))
    },
  )

  .delete(
    '/rbac/assignments/:assignment_id',
    admin,
    path(AssignmentPath),
    query(AssignmentQuery),
    async (c) => {
      const { assignment_id } = c.req.valid('param')
      const left = await deleteAssignment(c.var.ask, assignment_id, c.req.valid('query'))
      return c.body(null, 204, flowsOwned(left))
    },
  )

type Assignment = ReturnType<typeof toAssignmentRead>
type Page = { items: Assignment[]; total: number; page: number; size: number; pages: number }
type Assignments = Assignment[] | Page

/** A page, in slices as the whole list is, for what others stored may be large. */
function answerPage(c: Context<SignedIn>, filter: AssignmentFilter) {
  const { page = 1, size = 50 } = filter
  let total = 0
  return answerLongList<Assignment, Assignments>(c, {
    async read(after, left) {
      const span = { after, take: left, skip: (page - 1) * size }
      const slice = await pageAssignments(c.var.ask, filter, span)
      total = slice.total
      return slice.found
    },
    toBody: toAssignmentRead,
    take: size,
    head: () => {
      const about = { total, page, size, pages: Math.ceil(total / size) }
      return `${JSON.stringify(about).slice(0, -1)},"items":[`
    },
    tail: ']}',
  })
}

/** Whoever is taken off a project still owns the flows there that are theirs by grants of their own. */
const flowsOwned = ({ owned }: { owned: number | null }): Record<string, string> =>
  owned === null ? {} : { 'flowgate-flows-owned': String(owned) }

export const rbac = new Hono<SignedIn>()
  .route('/', checks)
  .route('/', roles)
  .route('/', assignments)
