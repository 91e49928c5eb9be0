// Putting flows into projects: what it takes, and how a refusal reads. Without Read on a project a
// hidden and a missing id get the same answer, which does not name it.
import { type SQL, sql } from 'drizzle-orm'
import { mayProject, type Permission } from '../access/predicate.ts'
import { dashed } from '../db/values.ts'
import { ApiError } from '../errors.ts'

/** Uploading into a project also changes it, as in LangBuilder; creating never goes without Create. */
const required = { create: ['Create'], import: ['Create', 'Update'] } as const
export type Way = keyof typeof required

/** SQL boolean: may flows be put into the project? False where there is none. */
export const mayEnter = (project: SQL, way: Way = 'create'): SQL => sql`(EXISTS (
  SELECT 1 FROM folder d WHERE d.id = ${project}) AND ${permits(project, required[way])})`

/** SQL boolean: may flows be put into each of these projects? */
export const mayEnterAll = (projects: readonly string[], way: Way): SQL => sql`NOT EXISTS (
  SELECT 1 FROM json_each(${JSON.stringify(projects)}) t WHERE NOT ${mayEnter(sql`t.value`, way)})`

type Destination = {
  id: string
  name: string | null
  found: number
  readable: number
  allowed: number
}

/** The rows that `requireDestinations` judges, one per project. */
export const destinations = (projects: readonly string[], way: Way = 'create') =>
  sql<Destination>`SELECT t.value AS id, d.name, d.id IS NOT NULL AS found,
      ${mayProject('Read', sql`t.value`)} AS readable, ${permits(sql`t.value`, required[way])} AS allowed
    FROM json_each(${JSON.stringify(projects)}) t LEFT JOIN folder d ON d.id = t.value`

/** Throws 404 for a missing project that the caller could read, 403 for any other that they may not put flows into. */
export function requireDestinations(rows: readonly Destination[], way: Way = 'create'): void {
  const refused = rows.find((row) => !row.found || !row.allowed)
  if (!refused) return
  if (!refused.found && refused.readable)
    throw new ApiError('not_found', `Project with ID ${dashed(refused.id)} not found`)
  const project = refused.readable ? `project '${refused.name}'` : 'this project'
  const action = way === 'create' ? 'create flows in' : 'import flows into'
  throw new ApiError('forbidden', `You do not have permission to ${action} ${project}`)
}

const permits = (project: SQL, permissions: readonly Permission[]): SQL =>
  sql`(${sql.join(
    permissions.map((permission) => mayProject(permission, project)),
    sql` AND `,
  )})`
