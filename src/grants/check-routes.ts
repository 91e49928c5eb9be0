// /api/v1/rbac/check-permission(s), explain, access: may I, and why.
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { fromReplica, onlyReads, type SignedIn } from '../access/signed-in.ts'
import { dashed } from '../db/values.ts'
import { body, query } from '../params.ts'
import { arrayOf, flag, id, nullable, object, text } from '../wire.ts'
import { listAccess } from './access-list.ts'
import { check } from './check.ts'
import { explain } from './explain.ts'
import { AccessQuery, CheckBatch, CheckQuery, ExplainQuery } from './params.ts'
import { AccessBody, ExplanationBody, toAccess, toExplanation } from './view.ts'

const CheckResult = object({
  action: text,
  resource_type: text,
  resource_id: nullable(id),
  allowed: flag,
})

/** What every signed-in user may ask: may I, and why. */
export const checks = new Hono<SignedIn>()

  .get(
    '/rbac/check-permission',
    about({
      summary: 'May I?',
      gives: object({ has_permission: flag }),
    }),
    fromReplica,
    query(CheckQuery),
    async (c) => {
      const { permission, scope_type, scope_id = null } = c.req.valid('query')
      const question = { permission, scopeType: scope_type, scopeId: scope_id }
      const [allowed] = await check(c.var.ask, [question])
      return c.json({ has_permission: allowed === true })
    },
  )

  .post(
    '/rbac/check-permissions',
    about({
      summary: 'May I, for up to 100 questions at once',
      gives: object({ results: arrayOf(CheckResult) }),
    }),
    onlyReads,
    fromReplica,
    body(CheckBatch),
    async (c) => {
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
    },
  )

  .get(
    '/rbac/explain',
    about({
      summary: 'May they, and which grant decides: for oneself or as admin',
      gives: ExplanationBody,
      errors: ['forbidden', 'not_found'],
    }),
    fromReplica,
    query(ExplainQuery),
    async (c) => {
      const asked = c.req.valid('query')
      return c.json(toExplanation(asked, await explain(c.var.ask, asked)))
    },
  )

  .get(
    '/rbac/access',
    about({
      summary: 'Who can do what with it, and through which grant: for admins and Owners',
      gives: AccessBody,
      errors: ['forbidden', 'not_found'],
    }),
    fromReplica,
    query(AccessQuery),
    async (c) => {
      const asked = c.req.valid('query')
      return c.json(toAccess(asked, await listAccess(c.var.ask, asked)))
    },
  )
