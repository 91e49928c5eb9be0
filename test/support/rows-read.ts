// What sqld says that it read: free of noise, unlike any clock.

type Answer = {
  results?: {
    response?: { result?: { rows_read?: number; step_results?: ({ rows_read?: number } | null)[] } }
  }[]
}

/** Rows read by all statements of these answers of sqld (bodies of `/v2/pipeline`). */
export function rowsRead(answers: readonly string[]): number {
  return answers
    .flatMap((body) => (JSON.parse(body) as Answer).results ?? [])
    .flatMap(({ response }) => response?.result?.step_results ?? [response?.result])
    .reduce((sum, step) => sum + (step?.rows_read ?? 0), 0)
}

/** The same, statement by statement. */
export const rowsReadBySteps = (answers: readonly string[]): number[] =>
  answers
    .flatMap((body) => (JSON.parse(body) as Answer).results ?? [])
    .flatMap(({ response }) => response?.result?.step_results ?? [])
    .map((step) => step?.rows_read ?? 0)
