// Small things that every page shows alike.
import type { Child } from 'hono/jsx'
import type { Problem } from './problem.ts'
import type { Query } from './query.ts'
import { t } from './texts.ts'

/** What went wrong, with its request id, and another try where that makes sense. */
export function Failure({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <div class="failure" role="alert">
      <p>{problem.message}</p>
      {problem.requestId ? <p class="faint">{t.requestId(problem.requestId)}</p> : null}
      {again ? (
        <button type="button" onClick={again}>
          {t.again}
        </button>
      ) : null}
    </div>
  )
}

/** A list with nothing in it says what to do next. */
export function Empty({ title, children }: { title: string; children?: Child }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

/** As long as there is no answer: that it is awaited, or what went wrong. */
export function Pending({ query, again = query.again }: PendingProps) {
  const { data, problem, isLoading } = query
  if (problem) return <Failure problem={problem} again={again} />
  return data === undefined && isLoading ? <p aria-busy="true">{t.loading}</p> : null
}

type PendingProps = { query: Query<unknown>; again?: () => void }

/** The head of a list; `acts` names the column of what can be done, which needs no title to be seen. */
export function Columns({ titles, acts }: { titles: string[]; acts: string }) {
  return (
    <thead>
      <tr>
        {titles.map((title) => (
          <th key={title} scope="col">
            {title}
          </th>
        ))}
        <th scope="col">
          <span class="unseen">{acts}</span>
        </th>
      </tr>
    </thead>
  )
}

type TextFieldProps = {
  label: string
  name: string
  maxlength: number
  required?: boolean
  value: string
  set: (value: string) => void
}

export function TextField({ label, set, ...more }: TextFieldProps) {
  return (
    <label>
      {label}
      <input {...more} onInput={(event: Event) => set(valueIn(event))} />
    </label>
  )
}

/** The number of a page as it stands in an address. */
export const pageIn = (text: string | null): number => Math.max(1, Math.trunc(Number(text)) || 1)

const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const steps = [
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
] as const

function sinceNow(time: Date): string {
  const seconds = (time.getTime() - Date.now()) / 1000
  const [unit, length] = steps.findLast(([, length]) => Math.abs(seconds) >= length) ?? [
    'minute',
    60,
  ]
  const count = Math.round(seconds / length)
  return unit === 'day' && Math.abs(count) > 30 ? exact.format(time) : relative.format(count, unit)
}

/** A time exactly, as the API or the database writes it; UTC where it does not say. */
export function exactTime(at: string): string {
  const time = new Date(/[zZ]|[+-]\d\d:\d\d$/.test(at) ? at : `${at.replace(' ', 'T')}Z`)
  return Number.isNaN(time.getTime()) ? at : exact.format(time)
}

/** A moment as people say it; exactly, where one points at it. */
export function Moment({ at }: { at: string | null | undefined }) {
  if (!at) return <span class="faint">{t.unknownTime}</span>
  const time = new Date(at)
  return (
    <time datetime={at} title={exact.format(time)}>
      {sinceNow(time)}
    </time>
  )
}

const all = ['Create', 'Read', 'Update', 'Delete']

/** What somebody may do, in words. */
export const wordsOfActions = (actions: readonly string[]): string => {
  if (all.every((action) => actions.includes(action))) return t.everything
  return actions.length === 0 ? t.nothing : actions.join(', ')
}

/** What an input, a select or a checkbox holds when it tells of a change. */
export function valueIn({ target }: Event): string {
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return target.value
  return ''
}
