// What a run prints: a line per file, whole failures with the log of their own database, and how many
// cases the long proof went through. What passing tests say on the way is expected, and hides the rest.
import { DefaultReporter, type TestRunEndReason } from 'vitest/node'

type ConsoleLog = Parameters<DefaultReporter['onUserConsoleLog']>[0]
type TaskState = Parameters<DefaultReporter['onUserConsoleLog']>[1]
type Ended = Parameters<DefaultReporter['onTestRunEnd']>

export class QuietReporter extends DefaultReporter {
  readonly #cases = new Map<string, number>()

  override onUserConsoleLog(log: ConsoleLog, taskState?: TaskState): void {
    const task = log.taskId === undefined ? undefined : this.ctx.state.idMap.get(log.taskId)
    if (task?.file.projectName === 'proof' && taskState !== 'failed') this.#count(log.content)
    // A file that warns while it is loaded says why it tests nothing.
    const isWarning = log.type === 'stderr' && task?.type !== 'test'
    super.onUserConsoleLog(log, isWarning ? 'failed' : taskState)
  }

  override onTestRunEnd(modules: Ended[0], errors: Ended[1], reason: TestRunEndReason): void {
    for (const [part, cases] of this.#cases) this.log(` proof  ${part}: ${cases} cases`)
    super.onTestRunEnd(modules, errors, reason)
  }

  #count(text: string): void {
    for (const [, part = '', cases] of text.matchAll(countLine))
      this.#cases.set(part, (this.#cases.get(part) ?? 0) + Number(cases))
  }
}

/** As test/proof/engine/pool.ts prints it. */
const countLine = /\{"event":"proof","part":"([^"]*)","cases":(\d+)/g
