// Databases in memory, to find out what SQL really does before it runs anywhere else: what each revision
// leaves behind (when the bundle is built), and where a repair would lead.
import { type Client, createClient } from '@libsql/client'
import { type Revision, readRevision } from '../migrate/revision.ts'
import { type Schema, schemaQueries, toSchema } from '../migrate/schema.ts'

export type RevisionFile = { readonly tag: string; readonly when: number; readonly text: string }

export const openMemory = (): Client => createClient({ url: ':memory:' })

export async function readSchema(client: Client): Promise<Schema> {
  const results: Record<string, unknown>[][] = []
  for (const sql of schemaQueries)
    results.push((await client.execute(sql)).rows as unknown as Record<string, unknown>[])
  return toSchema(results)
}

/** Files, oldest first -> revisions with the schema that each leaves behind. Throws where drizzle could not tell two apart. */
export async function buildRevisions(files: readonly RevisionFile[]): Promise<Revision[]> {
  const client = openMemory()
  const revisions: Revision[] = []
  for (const { tag, when, text } of files) {
    const last = revisions.at(-1)
    if (last && Math.floor(when / 1000) <= Math.floor(last.when / 1000))
      throw new Error(
        `${tag}: its \`when\` in meta/_journal.json must be a second after ${last.tag}'s`,
      )
    const revision = readRevision(tag, text)
    await client.migrate([...revision.statements])
    const schema = await readSchema(client)
    const isSame = last && JSON.stringify(last.schema) === JSON.stringify(schema)
    revisions.push({ ...revision, when, schema: isSame ? last.schema : schema })
  }
  client.close()
  return revisions
}
