// What sqld says that it read: free of noise, unlike any clock.

type Value = { value?: string | number }
type Statement = { sql?: string; sql_id?: number; args?: Value[] }
type Request = {
  type: string
  sql?: string
  sql_id?: number
  stmt?: Statement
  batch?: { steps: { stmt: Statement }[] }
}
type Result = { rows_read?: number }
type Answer = {
  results?: { response?: { result?: Result & { step_results?: (Result | null)[] } } }[]
}

/** Rows read by all statements of these answers of sqld (bodies of `/v2/pipeline`). */
export const rowsRead = (answers: readonly string[]): number =>
  readsOf(answers).reduce((sum, reads) => sum + reads, 0)

function readsOf(answers: readonly string[]): number[] {
  return answers
    .flatMap((body) => (JSON.parse(body) as Answer).results ?? [])
    .flatMap(({ response }) => response?.result?.step_results ?? response?.result ?? [])
    .map((step) => step?.rows_read ?? 0)
}

/** The statements of one request, alone or in a batch, each with its arguments and the rows that it read. */
export function statementsOf(body: string, answer: string) {
  const { requests } = JSON.parse(body) as { requests: Request[] }
  const stored = new Map(
    requests.filter((r) => r.type === 'store_sql').map((r) => [r.sql_id, r.sql]),
  )
  const statements = requests.flatMap(
    ({ stmt, batch }) => stmt ?? batch?.steps.map((step) => step.stmt) ?? [],
  )
  const reads = readsOf([answer])
  return statements.map((stmt, n) => ({
    sql: stmt.sql ?? stored.get(stmt.sql_id) ?? '',
    args: (stmt.args ?? []).map((arg) => arg.value ?? null),
    rowsRead: reads[n] ?? 0,
  }))
}
