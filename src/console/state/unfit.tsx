// What is wrong with the database and what a person does about it: where nobody can sign in, and on the page of the state.
import type { Readiness } from '../bodies.ts'
import { useStore } from '../store.ts'
import { t } from '../texts.ts'
import { type Trouble, trouble } from './trouble.ts'

/** In a line, what it is, and what to do. */
export const linesOf = (code: string) => t.state.troubles[code] ?? t.state.other

/** Above the box to sign in, for as long as it is so. */
export function Unfit() {
  const wrong = useStore(trouble)
  return (
    <div role="status">
      {wrong ? (
        <section class="box warning">
          <h2>{linesOf(wrong.code)[0]}</h2>
          <Lines wrong={wrong} />
          <p class="faint">{t.state.looking}</p>
        </section>
      ) : null}
    </div>
  )
}

export function Lines({ wrong: { code, detail, readiness } }: { wrong: Trouble }) {
  const [, means, todo] = linesOf(code)
  return (
    <>
      {readiness ? <Revisions readiness={readiness} /> : null}
      <dl>
        <dt>{t.state.means}</dt>
        <dd>{means}</dd>
        {detail ? (
          <>
            <dt>{t.state.says}</dt>
            <dd>{detail}</dd>
          </>
        ) : null}
        <dt>{t.state.todo}</dt>
        <dd>{todo}</dd>
      </dl>
    </>
  )
}

/** The number that a revision begins with, which counts from 0000. */
const numberOf = (revision: string | null) =>
  revision === null ? 0 : Number.parseInt(revision, 10) + 1

function Revisions({ readiness: { revision, head, code } }: { readiness: Readiness }) {
  const [done, all] = [numberOf(revision), numberOf(head)]
  const goesOn = code === undefined || code === 'migration_running'
  return (
    <>
      <p>{t.state.revision(revision, head)}</p>
      {goesOn && done < all ? (
        <progress aria-label={t.state.progress} value={done} max={all} />
      ) : null}
    </>
  )
}
