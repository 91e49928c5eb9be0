// Changing a project: its row, its parent, and which flows are in it, in one transaction.
import type { Ask } from '../access/ask.ts'
import { amend } from '../access/audit.ts'
import { ensureStarterProject, STARTER_PROJECT } from '../access/ownership.ts'
import { mayProject } from '../access/predicate.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { firstRefused, moveFlows, requireMovable } from '../flows/moving.ts'
import { namesTaken, renamedProject } from '../flows/names.ts'
import { mayMerge, tooLargeToMerge, written } from '../merge.ts'
import { planLists } from './lists.ts'
import { MAX_SETTINGS, type ProjectUpdate } from './params.ts'

/**
 * Changes the project; returns it for those who may read it. With a list of flows or components, those listed come
 * in, and those of this kind that are not listed go to the Starter Project of the project's user. Throws 403
 * without Update, then 404, then what is wrong with the parent or the lists; then nothing has changed.
 */
export async function updateProject(
  ask: Ask,
  id: string,
  input: ProjectUpdate,
): Promise<Row | undefined> {
  const mayUpdate = mayProject('Update', sql`${id}`)
  const mayRead = mayProject('Read', sql`${id}`)
  const parent = planParent(id, input.parent_id)
  const lists = planLists(id, input)
  const fits = sql`(SELECT ${mayMerge(sql`auth_settings`, input.auth_settings, MAX_SETTINGS)} FROM folder WHERE id = ${id})`
  const permitted = sql`${mayUpdate} AND ${parent.mayUpdate} AND ${parent.fits} AND ${lists.permitted} AND ${fits}`
  const { verdicts, refused, updated } = await ask.write(
    {
      starter: ensureStarterProject(
        ask.author,
        sql`(SELECT user_id FROM folder WHERE id = ${id} AND ${mayUpdate} AND ${lists.goesOut})`,
      ),
      verdicts: sql<Verdict>`SELECT ${mayUpdate} AS allowed, ${mayRead} AS readable, EXISTS (SELECT 1 FROM folder WHERE id = ${id}) AS found,
        ${parent.verdict}, ${lists.mayComeIn} AS may_come_in, ${lists.mayGoOut} AS may_go_out, ${fits} AS settings_fit`,
      refused: firstRefused(lists.wanted, sql`${id}`),
      // Before the flows, for what is permitted is asked of them where they are.
      change: amend(ask.author, 'project.update', {
        table: sql`folder`,
        id,
        when: permitted,
        ...columnsOf(id, input),
      }),
      moves: moveFlows(ask.author, lists.target, sql`${lists.moves} AND ${permitted}`),
      updated: sql`SELECT p.*, ${mayUpdate} AS may_update FROM folder p WHERE p.id = ${id} AND ${mayRead}`,
    },
    namesTaken,
  )
  const verdict = one(verdicts.rows)
  if (!verdict.allowed || (!verdict.found && !verdict.readable))
    throw new ApiError('forbidden', 'You do not have permission to update this project')
  if (!verdict.found) throw new ApiError('not_found', 'Project not found')
  requireParent(verdict)
  requireMovable(refused.rows)
  const [project] = updated.rows
  requireWays(verdict, project)
  if (!verdict.settings_fit) throw tooLargeToMerge('auth_settings', MAX_SETTINGS)
  return project
}

/** What an update asks for, as columns of `t`. */
function columnsOf(id: string, { name, description, parent_id, auth_settings }: ProjectUpdate) {
  return {
    set: {
      name: name === undefined ? undefined : renamedProject(id, name),
      description,
      parent_id,
    },
    unshown: { auth_settings: auth_settings && written(sql`t.auth_settings`, auth_settings) },
  }
}

type Verdict = Record<
  | 'allowed'
  | 'readable'
  | 'found'
  | 'parent_found'
  | 'parent_readable'
  | 'parent_allowed'
  | 'parent_fits'
  | 'may_come_in'
  | 'may_go_out'
  | 'settings_fit',
  number
>

function requireWays({ may_come_in, may_go_out }: Verdict, project: Row | undefined): void {
  if (may_come_in && may_go_out) return
  const name = may_come_in ? STARTER_PROJECT : project?.name
  const where = name === undefined ? 'this project' : `project '${name}'`
  throw new ApiError('forbidden', `You do not have permission to create flows in ${where}`)
}

/** What hanging the project under another takes: to change that other, which is not inside the project, or the project itself. */
function planParent(id: string, parentId: string | null | undefined) {
  if (!parentId)
    return {
      mayUpdate: sql`1`,
      fits: sql`1`,
      verdict: sql`1 AS parent_found, 1 AS parent_readable, 1 AS parent_allowed, 1 AS parent_fits`,
    }
  const found = sql`EXISTS (SELECT 1 FROM folder WHERE id = ${parentId})`
  const allowed = mayProject('Update', sql`${parentId}`)
  // UNION, not UNION ALL: it also ends in a database where there is a circle already.
  const fits = sql`NOT EXISTS (
    WITH RECURSIVE above(id) AS (SELECT ${parentId} UNION SELECT f.parent_id FROM above JOIN folder f ON f.id = above.id)
    SELECT 1 FROM above WHERE id = ${id})`
  return {
    mayUpdate: sql`(${found} AND ${allowed})`,
    fits,
    verdict: sql`${found} AS parent_found, ${mayProject('Read', sql`${parentId}`)} AS parent_readable,
      ${allowed} AS parent_allowed, ${fits} AS parent_fits`,
  }
}

function requireParent(verdict: Verdict): void {
  if (!verdict.parent_found && verdict.parent_readable)
    throw new ApiError('not_found', 'Parent project not found')
  if (!verdict.parent_found || !verdict.parent_allowed)
    throw new ApiError('forbidden', 'You do not have permission to update the parent project')
  if (!verdict.parent_fits)
    throw new ApiError('bad_request', 'A project cannot be inside itself: choose another parent')
}
