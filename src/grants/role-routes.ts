// /api/v1/rbac/roles, for admins.
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { requireAdmin } from '../access/caller.ts'
import { idempotent } from '../access/idempotent.ts'
import { answerLongList } from '../access/long-list.ts'
import { only, type SignedIn } from '../access/signed-in.ts'
import { body, path } from '../params.ts'
import { arrayOf } from '../wire.ts'
import { RoleCreate, RolePath, RoleUpdate } from './params.ts'
import { createRole, deleteRole, findRole, listRoles, updateRole } from './roles.ts'
import { toRoleDetail, toRoleRead } from './view.ts'

const admin = only(requireAdmin)

export const roles = new Hono<SignedIn>()

  .get(
    '/rbac/roles',
    about({
      summary: 'List the roles',
      gives: arrayOf(toRoleRead),
      errors: ['forbidden'],
    }),
    admin,
    (c) => answerLongList(c, { read: (after) => listRoles(c.var.ask, after), toBody: toRoleRead }),
  )

  .post(
    '/rbac/roles',
    about({
      summary: 'Make a custom role',
      status: 201,
      gives: toRoleDetail,
      errors: ['forbidden', 'conflict'],
    }),
    admin,
    idempotent,
    body(RoleCreate),
    async (c) => {
      const role = await createRole(c.var.ask, c.req.valid('json'))
      return c.json(toRoleDetail(role), 201)
    },
  )

  .get(
    '/rbac/roles/:role_id',
    about({
      summary: 'Read a role and what it holds',
      gives: toRoleDetail,
      errors: ['forbidden', 'not_found'],
    }),
    admin,
    path(RolePath),
    async (c) => {
      const role = await findRole(c.var.ask, c.req.valid('param').role_id)
      return c.json(toRoleDetail(role))
    },
  )

  .patch(
    '/rbac/roles/:role_id',
    about({
      summary: 'Change a custom role',
      gives: toRoleDetail,
      errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
    }),
    admin,
    path(RolePath),
    body(RoleUpdate),
    async (c) => {
      const { role_id } = c.req.valid('param')
      const role = await updateRole(c.var.ask, role_id, c.req.valid('json'))
      return c.json(toRoleDetail(role))
    },
  )

  .delete(
    '/rbac/roles/:role_id',
    about({
      summary: 'Delete a custom role that is not in use',
      errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
    }),
    admin,
    path(RolePath),
    async (c) => {
      await deleteRole(c.var.ask, c.req.valid('param').role_id)
      return c.body(null, 204)
    },
  )
