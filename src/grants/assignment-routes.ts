// /api/v1/rbac/assignments, for admins.
import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { requireAdmin } from '../access/caller.ts'
import { idempotent } from '../access/idempotent.ts'
import { answerLongList } from '../access/long-list.ts'
import { only, type SignedIn } from '../access/signed-in.ts'
import { body, path, query } from '../params.ts'
import { arrayOf, pageOf } from '../wire.ts'
import { createAssignment, deleteAssignment, updateAssignment } from './assignments.ts'
import {
  AssignmentCreate,
  AssignmentFilter,
  AssignmentPath,
  AssignmentQuery,
  AssignmentUpdate,
} from './params.ts'
import { findAssignment, listAssignments, pageAssignments } from './query.ts'
import { toAssignmentRead } from './view.ts'

const admin = only(requireAdmin)

export const assignments = new Hono<SignedIn>()

  .get(
    '/rbac/assignments',
    about({
      summary:
        'List grants, all or, with `page` or `size`, by the page; `teams` adds those of the teams of `user_id`, `created_by` gave them to others',
      gives: {
        schema: { oneOf: [arrayOf(toAssignmentRead).schema, pageOf(toAssignmentRead).schema] },
      },
      errors: ['forbidden'],
    }),
    admin,
    query(AssignmentFilter),
    (c) => {
      const filter = c.req.valid('query')
      if (filter.page !== undefined || filter.size !== undefined) return answerPage(c, filter)
      return answerLongList<Assignment, Assignments>(c, {
        read: (after) => listAssignments(c.var.ask, filter, after),
        toBody: toAssignmentRead,
      })
    },
  )

  .get(
    '/rbac/assignments/:assignment_id',
    about({
      summary: 'Read a grant',
      gives: toAssignmentRead,
      errors: ['forbidden', 'not_found'],
    }),
    admin,
    path(AssignmentPath),
    async (c) => {
      const assignment = await findAssignment(c.var.ask, c.req.valid('param').assignment_id)
      return c.json(toAssignmentRead(assignment))
    },
  )

  .post(
    '/rbac/assignments',
    about({
      summary: 'Grant a role',
      status: 201,
      gives: toAssignmentRead,
      errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
    }),
    admin,
    idempotent,
    body(AssignmentCreate),
    async (c) => {
      const assignment = await createAssignment(c.var.ask, c.req.valid('json'))
      return c.json(toAssignmentRead(assignment), 201)
    },
  )

  .patch(
    '/rbac/assignments/:assignment_id',
    about({
      summary: 'Give a grant another role',
      headers: ['Flowgate-Flows-Owned'],
      gives: toAssignmentRead,
      errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
    }),
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
    about({
      summary: 'Revoke a grant',
      headers: ['Flowgate-Flows-Owned'],
      errors: ['bad_request', 'forbidden', 'not_found'],
    }),
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
