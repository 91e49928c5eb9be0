// What is asked before something is done with an account: what it means for whom, and whether the keys go too.
import { useState } from 'hono/jsx/dom'
import { Dialog } from '../dialog.tsx'
import { t } from '../texts.ts'

export type Question = {
  title: string
  lines: string[]
  act: string
  /** Sessions end with it, and so may the API keys. */
  withKeys?: boolean
  run: (keys: boolean) => Promise<unknown>
}

/** Shows a question in front of the page. */
export type AskFirst = (question: Question) => void

export function QuestionDialog({ question, onClose }: { question: Question; onClose: () => void }) {
  const [keys, setKeys] = useState(false)
  const { title, lines, act, withKeys, run } = question
  return (
    <Dialog title={title} act={act} isDanger onAct={() => run(keys)} onClose={onClose}>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {withKeys ? <WithKeys value={keys} change={setKeys} /> : null}
    </Dialog>
  )
}

export function WithKeys({ value, change }: { value: boolean; change: (keys: boolean) => void }) {
  return (
    <label class="tickbox">
      <input type="checkbox" name="keys" checked={value} onChange={() => change(!value)} />
      {t.person.withKeys}
    </label>
  )
}
