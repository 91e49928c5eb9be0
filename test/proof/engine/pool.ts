// Runs cases side by side, each worker over a server of its own: most of a case's time is waiting.
import { startDatabase, type TestDatabase } from '../../support/database.ts'

/** Runs `run` once per case, `width` at a time. The first failure stops the rest and is thrown. */
export async function forEachCase<Case>(
  cases: readonly Case[],
  width: number,
  run: (database: TestDatabase, one: Case) => Promise<void>,
): Promise<void> {
  const queue = [...cases]
  let failure: unknown
  const workers = Array.from({ length: Math.min(width, queue.length) }, async () => {
    const database = await startDatabase()
    try {
      for (let one = queue.shift(); one !== undefined && !failure; one = queue.shift()) {
        await database.reset()
        await run(database, one)
      }
    } catch (error) {
      failure ??= error
    } finally {
      await database.stop()
    }
  })
  await Promise.all(workers)
  if (failure) throw failure
}

/** Counts are printed, so that a run can be quoted. */
export const count = (part: string, cases: number) =>
  console.log(JSON.stringify({ event: 'proof', part, cases }))
