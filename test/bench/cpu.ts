// What a process has computed, by the kernel's own account: it says more than time on a machine that others use too.
import { readdirSync, readFileSync } from 'node:fs'

/** Processes whose command line holds the text. None where there is no /proc. */
export function processesWith(text: string): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => commandOf(pid).includes(text))
  } catch {
    return []
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended
  }
}

/** The server at this address, without whatever holds its leash. */
export const listeningOn = (host: string): number[] =>
  processesWith(host).filter((pid) => !/leash|tsx|npm/.test(commandOf(pid)))

/** It was started by this process. */
export const isChild = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')[1] === String(process.pid)

/** Milliseconds that they have computed so far, all their threads together. */
export function cpuOf(pids: number[]): number {
  const threads = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}/schedstat`),
  )
  const ns = threads.map((file) => Number(readFileSync(file, 'utf8').split(' ')[0]))
  return ns.reduce((sum, n) => sum + n, 0) / 1e6
}
