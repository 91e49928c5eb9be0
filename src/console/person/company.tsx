// The company's accounts that somebody signs in with, as superusers see and change them.
import { useState } from 'hono/jsx/dom'
import type { Binding, Named } from '../bodies.ts'
import { BindingList } from '../company/bindings.tsx'
import { askBindings, bind, bindable, unbind } from '../company/doing.ts'
import { tell } from '../notices.tsx'
import { Failure, Pending, TextField, valueIn } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { useSending } from '../sending.ts'
import { askSettings, type Provider } from '../settings.ts'
import { t } from '../texts.ts'
import type { AskFirst } from './question.tsx'

type CompanyProps = { person: Named; round: number; ask: AskFirst }

/** Nothing where no company is connected with flowgate. */
export function Company(props: CompanyProps) {
  const settings = useQuery('settings', askSettings)
  const providers = settings.data?.providers ?? []
  return providers.length > 0 ? <Accounts {...props} providers={providers} /> : null
}

function Accounts({ person, round, ask, providers }: CompanyProps & { providers: Provider[] }) {
  const found = useQuery(`bindings ${round}`, (signal) => askBindings(person.id, signal))
  const bindings = found.data?.bindings
  const take = (binding: Binding, name: string) =>
    ask({
      title: t.company.takeFrom(person.username, name),
      lines: [t.company.as(binding.subject), t.company.takeFromHint],
      act: t.company.take,
      run: async () => {
        await unbind(binding).finally(found.again)
        tell(t.company.takenFrom(person.username, name))
      },
    })
  const choice = bindable(providers)
  return (
    <section class="box" aria-labelledby="company">
      <h2 id="company">{t.company.title}</h2>
      <Pending query={found} />
      {bindings?.length === 0 ? <p>{t.company.noneOf}</p> : null}
      {bindings ? <BindingList bindings={bindings} providers={providers} take={take} /> : null}
      {choice.length > 0 ? <Add person={person} choice={choice} again={found.again} /> : null}
    </section>
  )
}

type AddProps = { person: Named; choice: Provider[]; again: () => void }

function Add({ person, choice, again }: AddProps) {
  const [provider, setProvider] = useState(choice[0]?.id ?? '')
  const [subject, setSubject] = useState('')
  const { isBusy, problem, send } = useSending(async () => {
    await bind(person.id, provider, subject.trim())
    setSubject('')
    again()
    tell(t.company.added(person.username))
  })
  return (
    <form class="box" aria-labelledby="bind" onSubmit={send}>
      <h3 id="bind">{t.company.add}</h3>
      <label>
        {t.company.provider}
        <select
          name="provider"
          value={provider}
          onChange={(event: Event) => setProvider(valueIn(event))}
        >
          {choice.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <TextField
        label={t.company.subject}
        name="subject"
        maxlength={255}
        required
        value={subject}
        set={setSubject}
      />
      <p class="faint">{t.company.subjectHint}</p>
      {problem ? <Failure problem={problem} /> : null}
      <button type="submit" disabled={isBusy || subject.trim() === ''}>
        {isBusy ? t.working : t.company.add}
      </button>
    </form>
  )
}
