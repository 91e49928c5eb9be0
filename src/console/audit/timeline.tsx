// What was recorded, day by day: who did what, and what it was before.
import type { AuditEntry } from '../bodies.ts'
import { exactTime } from '../parts.tsx'
import { Link } from '../router.tsx'
import { t } from '../texts.ts'
import type { Names, Part } from './names.ts'
import { tellEntry } from './words.ts'

const dayOf = new Intl.DateTimeFormat('en', { dateStyle: 'full' })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

export function Timeline({ entries, names, isOld }: TimelineProps) {
  const days = Map.groupBy(entries, ({ at }) => dayOf.format(new Date(at)))
  return (
    <div class="timeline" aria-busy={isOld ? 'true' : undefined}>
      {[...days].map(([day, entries]) => (
        <section key={day} aria-label={day}>
          <h2>{day}</h2>
          <ol class="plain">
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} names={names} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}

type TimelineProps = { entries: AuditEntry[]; names: Names; isOld: boolean }

function Entry({ entry, names }: { entry: AuditEntry; names: Names }) {
  const { at, target_type, target_id, request_id } = entry
  const { sentence, changes } = tellEntry(entry, names)
  return (
    <li>
      <time datetime={at} title={exactTime(at)}>
        {clock.format(new Date(at))}
      </time>
      <div>
        <p>
          <Words parts={sentence} />
        </p>
        {changes.length > 0 ? (
          <ul class="plain">
            {changes.map(({ field, from, to }) => (
              <li key={field}>
                <span class="faint">{field}: </span>
                {from === undefined ? null : (
                  <>
                    <del>
                      <Words parts={[from]} />
                    </del>
                    {' → '}
                  </>
                )}
                <Words parts={[to]} />
              </li>
            ))}
          </ul>
        ) : null}
      </div>
      <p class="more">
        {target_id ? (
          <Link to={`/audit?about=${target_type}:${target_id}`}>{t.audit.history}</Link>
        ) : null}
        {request_id ? <Link to={`/audit?request=${request_id}`}>{t.audit.together}</Link> : null}
      </p>
    </li>
  )
}

function Words({ parts }: { parts: Part[] }) {
  return (
    <>
      {parts.map((part) => {
        if (typeof part === 'string') return part
        if (part.to === undefined) return <strong>{part.text}</strong>
        return (
          <Link to={part.to} name={part.text}>
            {part.text}
          </Link>
        )
      })}
    </>
  )
}
