// A new API key: the form, and the only look at it that there will ever be.
import { useState } from 'hono/jsx/dom'
import type { MadeKey } from '../bodies.ts'
import { OnlyLook } from '../only-look.tsx'
import { Failure, valueIn } from '../parts.tsx'
import { asProblem, type Problem } from '../problem.ts'
import { t } from '../texts.ts'
import { UntilField } from '../until.tsx'
import { makeKey, type Wanted } from './account.ts'

const nothing: Wanted = { name: '', until: '', may: 'all' }

/** `mayDecide`: the caller may make keys that ask about others. */
export function NewKey({ mayDecide, again }: { mayDecide: boolean; again: () => void }) {
  const [wanted, setWanted] = useState(nothing)
  const [made, setMade] = useState<MadeKey | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const kinds = mayDecide ? (['all', 'read', 'decide'] as const) : (['all', 'read'] as const)
  const change = (field: Partial<Wanted>) => setWanted({ ...wanted, ...field })
  const submit = async (event: Event) => {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    setProblem(undefined)
    try {
      setMade(await makeKey(wanted))
      setWanted(nothing)
      again()
    } catch (error) {
      setProblem(asProblem(error))
    }
    setBusy(false)
  }
  return (
    <form class="box" aria-labelledby="new-key" onSubmit={submit}>
      <h2 id="new-key">{t.me.newKey}</h2>
      <label>
        {t.me.keyName}
        <input
          name="key-name"
          required
          maxlength={255}
          autocomplete="off"
          placeholder={t.me.keyNameHint}
          value={wanted.name}
          onInput={(event: Event) => change({ name: valueIn(event) })}
        />
      </label>
      <label>
        {t.me.mayWhat}
        <select
          name="may"
          value={wanted.may}
          onChange={(event: Event) =>
            change({ may: kinds.find((kind) => kind === valueIn(event)) ?? 'all' })
          }
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {t.me.may[kind]}
            </option>
          ))}
        </select>
      </label>
      <UntilField name="key-until" value={wanted.until} set={(until) => change({ until })} />
      {problem ? <Failure problem={problem} /> : null}
      <button type="submit" class="main" disabled={isBusy}>
        {isBusy ? t.working : t.me.make}
      </button>
      {made ? (
        <OnlyLook
          title={t.me.madeTitle(made.name ?? t.me.unnamed)}
          hint={t.me.madeHint}
          label={t.me.key}
          name="key"
          value={made.api_key}
          onClose={() => setMade(undefined)}
        />
      ) : null}
    </form>
  )
}
