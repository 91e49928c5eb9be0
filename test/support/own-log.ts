// A failing test shows what the Workers of its own database logged, and nobody else's.
import { onTestFailed } from 'vitest'
import type { LogLine } from './flowgate.ts'

const LINES = 50

/** Logs of the flowgates that the tests of a file share, while these run. */
const shared = new Set<LogLine[]>()

export function shareLog(logs: LogLine[]): void {
  shared.add(logs)
}

export function endLog(logs: LogLine[]): void {
  shared.delete(logs)
}

/** For the test that is running: should it fail, the end of a log that is its own. */
export function showIfFailed(logs: LogLine[], from = 0): void {
  onTestFailed(() => {
    const lines = logs.slice(from)
    if (lines.length === 0) return
    const shown = lines.slice(-LINES).map((line) => JSON.stringify(line))
    const cut = lines.length - shown.length
    console.error([...(cut > 0 ? [`(${cut} lines before)`] : []), ...shown].join('\n'))
  })
}

/** The same for what its file shares, from now on. */
export function showSharedIfFailed(): void {
  for (const logs of shared) showIfFailed(logs, logs.length)
}
