// The ways in by a company's account: links, for it is another page that they lead to.
import type { Provider } from '../settings.ts'
import { t } from '../texts.ts'

/** As the API takes it (src/company/params.ts): an address that it does not is none to come back to. */
const KNOWN = /^\/console(\/[\w-]+)*\/?(\?[\w=&%.*+~-]*)?$/

function here(): string {
  const { pathname, search } = window.location
  const to = pathname + search
  return KNOWN.test(to) && to.length <= 500 ? to : '/console/'
}

type WaysProps = {
  providers: Provider[]
  /** In another tab, where this page must stay as it is. */
  isAside?: boolean
}

export function Ways({ providers, isAside = false }: WaysProps) {
  const to = isAside ? '/console/back' : here()
  return (
    <ul class="plain ways">
      {providers.map(({ id, name }) => (
        <li key={id}>
          <a
            class="way"
            href={`/api/v1/auth/${id}/start?to=${encodeURIComponent(to)}`}
            {...(isAside ? { target: '_blank', rel: 'noopener' } : {})}
          >
            {t.company.signInWith(name)}
          </a>
        </li>
      ))}
    </ul>
  )
}
