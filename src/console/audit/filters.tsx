// By whom, of which kind, when; and what came by a link: about one thing, or of one request.
import { valueIn } from '../parts.tsx'
import { Picker, type Receiver } from '../picker.tsx'
import { changeQuery } from '../router.tsx'
import { t } from '../texts.ts'
import type { Filter } from './filter.ts'

type FiltersProps = {
  filter: Filter
  person: Receiver | undefined
  choosePerson: (person: Receiver | undefined) => void
  /** What the object that is filtered by is called. */
  about: string
}

/** Another filter begins with its newest entries. */
const change = (changes: Record<string, string | undefined>) =>
  changeQuery({ ...changes, cursor: undefined })

export function Filters({ filter, person, choosePerson, about }: FiltersProps) {
  const choose = (name: string) => (event: Event) => change({ [name]: valueIn(event) })
  return (
    <search>
      <form class="filters" onSubmit={(event: Event) => event.preventDefault()}>
        <Picker
          label={t.audit.person}
          withTeams={false}
          chosen={person}
          choose={(chosen) => {
            choosePerson(chosen)
            change({ person: chosen?.id })
          }}
        />
        <label>
          {t.audit.kind}
          <select name="kind" value={filter.kind} onChange={choose('kind')}>
            <option value="">{t.audit.anyKind}</option>
            {Object.entries(t.audit.kinds).map(([kind, { title, events }]) => (
              <optgroup key={kind} label={title}>
                <option value={kind}>{t.audit.all(title)}</option>
                {Object.entries(events).map(([event, words]) => (
                  <option key={event} value={`${kind}.${event}`}>
                    {words}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
        {(['from', 'until'] as const).map((name) => (
          <label key={name}>
            {t.audit[name]}
            <input type="date" name={name} value={filter[name]} onChange={choose(name)} />
          </label>
        ))}
      </form>
      <p class="chips">
        {filter.about ? (
          <Chip words={t.audit.about(about)} drop={() => change({ about: undefined })} />
        ) : null}
        {filter.request ? (
          <Chip words={t.requestId(filter.request)} drop={() => change({ request: undefined })} />
        ) : null}
      </p>
    </search>
  )
}

const Chip = ({ words, drop }: { words: string; drop: () => void }) => (
  <span class="badge">
    {words}{' '}
    <button type="button" class="quiet" aria-label={t.audit.drop(words)} onClick={drop}>
      ×
    </button>
  </span>
)
