// What is looked for in the audit, as it stands in the address bar.
import { v1 } from '../api.ts'

/** `kind` is a subject (`grant`) or one event of it (`grant.create`); `about` is `flow:<id>`; days are the browser's own. */
export type Filter = {
  person: string
  kind: string
  about: string
  request: string
  from: string
  until: string
  cursor: string
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const forms = {
  person: new RegExp(`^${UUID}$`),
  kind: /^[a-z]{1,20}(?:\.[a-z_]{1,30})?$/,
  about: new RegExp(`^[a-z]{1,20}:${UUID}$`),
  request: /^[\w-]{1,64}$/,
  from: /^\d{4}-\d\d-\d\d$/,
  until: /^\d{4}-\d\d-\d\d$/,
  cursor: /^[^\s]{1,1000}$/,
}

/** Anything may stand in an address: what has not the form of it is not looked for. */
export function readFilter(query: URLSearchParams): Filter {
  const read = (name: keyof typeof forms) => {
    const given = query.get(name) ?? ''
    return forms[name].test(given) ? given : ''
  }
  return {
    person: read('person'),
    kind: read('kind'),
    about: read('about'),
    request: read('request'),
    from: read('from'),
    until: read('until'),
    cursor: read('cursor'),
  }
}

export const isFiltered = ({ cursor: _, ...filter }: Filter) => Object.values(filter).some(Boolean)

/** When the day begins that is so many days after this one, where the browser is; undefined of no day. */
function startOf(day: string, later = 0): string | undefined {
  const start = new Date(`${day}T00:00:00`)
  start.setDate(start.getDate() + later)
  return day === '' || Number.isNaN(start.getTime()) ? undefined : start.toISOString()
}

/** One page of the audit, newest first. */
export function askAudit(filter: Filter, size: number, signal: AbortSignal): Promise<Response> {
  const [type, id] = filter.about.split(':')
  const isEvent = filter.kind.includes('.')
  const asked = {
    actor_id: filter.person,
    action: isEvent ? filter.kind : undefined,
    target_type: type || (isEvent ? undefined : filter.kind),
    target_id: id,
    request_id: filter.request,
    since: startOf(filter.from),
    until: startOf(filter.until, 1),
    cursor: filter.cursor,
  }
  const query = Object.fromEntries(Object.entries(asked).filter(([, value]) => value))
  return v1.audit.$get({ query: { ...query, size: String(size) } }, { init: { signal } })
}
