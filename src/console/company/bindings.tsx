// The accounts of a company that somebody signs in with, each of which can be taken away.
import type { Binding } from '../bodies.ts'
import { Moment } from '../parts.tsx'
import type { Provider } from '../settings.ts'
import { t } from '../texts.ts'
import { nameOf } from './doing.ts'

type BindingsProps = {
  bindings: Binding[]
  providers: Provider[]
  mayTake?: (binding: Binding) => boolean
  take: (binding: Binding, name: string) => void
}

export function BindingList({ bindings, providers, mayTake = () => true, take }: BindingsProps) {
  return (
    <ul class="plain parted">
      {bindings.map((binding) => {
        const name = nameOf(binding, providers)
        return (
          <li key={`${binding.issuer} ${binding.subject}`}>
            <div>
              <p>{name}</p>
              <p class="faint words">
                {t.company.as(binding.subject)}, <Moment at={binding.created_at} />
              </p>
            </div>
            {mayTake(binding) ? (
              <button
                type="button"
                aria-label={t.company.takeOne(name, binding.subject)}
                onClick={() => take(binding, name)}
              >
                {t.company.take}
              </button>
            ) : null}
          </li>
        )
      })}
    </ul>
  )
}
