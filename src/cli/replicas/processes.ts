// What runs on this machine, for whoever is to be told which process is which.
import { execFileSync } from 'node:child_process'

type Process = {
  readonly pid: number
  /** The name of its file. */
  readonly program: string
  /** Whether one of its arguments is this, or an option's value. */
  isGiven(text: string): boolean
}

/** All of them; none where there is no `ps`. */
export function listProcesses(): Process[] {
  return list().flatMap((line) => {
    const [pid, command, ...args] = line.trim().split(/\s+/)
    if (!pid || !command) return []
    return {
      pid: Number(pid),
      program: command.split('/').at(-1) ?? '',
      isGiven: (text) => args.some((arg) => arg === text || arg.endsWith(`=${text}`)),
    }
  })
}

function list(): string[] {
  try {
    // As wide as the commands are, or those with long paths are cut.
    return execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  } catch {
    return []
  }
}
