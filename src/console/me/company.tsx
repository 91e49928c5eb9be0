// The company's accounts that one signs in with: connected on the provider's own page, and let go here.
import { useState } from 'hono/jsx/dom'
import type { Binding } from '../bodies.ts'
import { BindingList } from '../company/bindings.tsx'
import { askBindings, bindable, connect, nameOf, unbind } from '../company/doing.ts'
import { Dialog } from '../dialog.tsx'
import { tell } from '../notices.tsx'
import { Failure, Pending } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { useSending } from '../sending.ts'
import { askSettings, type Provider } from '../settings.ts'
import { t } from '../texts.ts'

/** Nothing where no company is connected with flowgate. */
export function CompanySignIn() {
  const settings = useQuery('settings', askSettings)
  const providers = settings.data?.providers ?? []
  return providers.length > 0 ? <Accounts providers={providers} /> : null
}

function Accounts({ providers }: { providers: Provider[] }) {
  const found = useQuery('bindings', (signal) => askBindings(undefined, signal))
  const [asked, setAsked] = useState<Binding | undefined>(undefined)
  const bindings = found.data?.bindings
  const take = async (binding: Binding) => {
    await unbind(binding).finally(found.again)
    tell(t.company.taken(nameOf(binding, providers)))
  }
  return (
    <section aria-labelledby="company">
      <h2 id="company">{t.company.title}</h2>
      <Pending query={found} />
      {bindings?.length === 0 ? <p class="faint">{t.company.none}</p> : null}
      {bindings ? (
        <BindingList
          bindings={bindings}
          providers={providers}
          // What a directory provisions, superusers alone end.
          mayTake={({ issuer }) => issuer !== 'scim'}
          take={setAsked}
        />
      ) : null}
      <div class="acts">
        {bindable(providers).map((provider) => (
          <Connect key={provider.id} provider={provider} />
        ))}
      </div>
      {asked ? (
        <Dialog
          title={t.company.takeTitle(nameOf(asked, providers))}
          act={t.company.take}
          isDanger
          onAct={() => take(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>{t.company.as(asked.subject)}</p>
          <p>{t.company.takeHint}</p>
        </Dialog>
      ) : null}
    </section>
  )
}

function Connect({ provider }: { provider: Provider }) {
  const { isBusy, problem, send } = useSending(() => connect(provider))
  return (
    <form onSubmit={send}>
      <button type="submit" disabled={isBusy}>
        {t.company.connect(provider.name)}
      </button>
      {problem ? <Failure problem={problem} /> : null}
    </form>
  )
}
