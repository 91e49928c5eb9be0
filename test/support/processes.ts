// What the processes of a test cost, as Linux counts it: CPU time, which a loaded machine does not change much.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** False where nobody counts. */
export const isCounted = existsSync('/proc/self/stat')

const TICKS_PER_S = 100

/** Name, parent and all else of a process; undefined once it is gone. The name may hold blanks. */
function stat(pid: string): { name: string; fields: string[] } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const end = text.lastIndexOf(')')
    return { name: text.slice(text.indexOf('(') + 1, end), fields: text.slice(end + 2).split(' ') }
  } catch {
    return undefined
  }
}

/** Processes of this name that this one started. */
export const childrenNamed = (name: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    const found = /^\d+$/.test(pid) ? stat(pid) : undefined
    return found?.name === name && found.fields[1] === String(process.pid)
  })

/** Seconds of CPU that it has used so far, in itself and for itself. */
export function cpuSeconds(pid: string): number {
  const fields = stat(pid)?.fields ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S
}
