// How it stands with the service and its database: for admins in whole, for everybody what is public anyway.
import type { Child } from 'hono/jsx'
import { useEffect } from 'hono/jsx/dom'
import { read, v1 } from '../api.ts'
import type { Readiness } from '../bodies.ts'
import { type Caller, useCaller } from '../caller.ts'
import { Failure } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { useStore } from '../store.ts'
import { t } from '../texts.ts'
import { measure } from './measure.ts'
import { askReadiness, codeOf, type Trouble, trouble } from './trouble.ts'
import { Lines, linesOf } from './unfit.tsx'

export function StatePage() {
  const caller = useCaller()
  const wrong = useStore(trouble)
  const found = useQuery('readiness', askReadiness)
  // The strip has looked meanwhile: what it found is newer.
  useEffect(() => {
    if (found.data) found.again()
  }, [wrong?.code, wrong?.readiness?.revision])
  return (
    <>
      <div class="head">
        <h1>{t.state.title}</h1>
        <button type="button" onClick={found.again}>
          {t.state.look}
        </button>
      </div>
      <div class="boxes">
        <Verdict readiness={found.data} wrong={wrong} />
        {found.problem && !wrong ? <Failure problem={found.problem} again={found.again} /> : null}
        {found.data?.verdict === 'at_head' ? <Slow names={found.data.slow ?? []} /> : null}
        {caller?.isAdmin ? <Admins caller={caller} /> : null}
        <Versions head={found.data?.head} />
      </div>
    </>
  )
}

function Box({ title, children }: { title: string; children?: Child }) {
  return (
    <section class="box" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** What is wrong goes before what was well a moment ago. */
function Verdict({
  readiness,
  wrong,
}: {
  readiness: Readiness | undefined
  wrong: Trouble | undefined
}) {
  const shown = wrong ?? (readiness && { code: codeOf(readiness), readiness })
  if (!shown) return <p aria-busy="true">{t.loading}</p>
  const isWell = !wrong && readiness?.status === 'ready'
  return (
    <Box title={t.state.database}>
      <p class={isWell ? 'answer yes' : 'answer no'}>{linesOf(shown.code)[0]}</p>
      {shown.readiness ? <p>{t.state.verdict(shown.readiness.verdict)}</p> : null}
      <Lines wrong={shown} />
    </Box>
  )
}

function Slow({ names }: { names: string[] }) {
  return (
    <Box title={t.state.slow}>
      <p>{names.length > 0 ? t.state.slowHint : t.state.noSlow}</p>
      {names.length > 0 ? (
        <ul>
          {names.map((name) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      ) : null}
    </Box>
  )
}

async function count(caller: Caller, signal: AbortSignal): Promise<[string, number][]> {
  const init = { init: { signal } }
  const [flows, grants, people] = await Promise.all([
    read<{ total: number }>(
      v1.flows.index.$get({ query: { paged: 'all', header_flows: 'true', size: '1' } }, init),
    ),
    read<{ total: number }>(v1.rbac.assignments.$get({ query: { page: '1', size: '1' } }, init)),
    // The list of all people is the superusers'.
    caller.is_superuser
      ? read<{ total_count: number }>(v1.users.index.$get({ query: { limit: '1' } }, init))
      : undefined,
  ])
  return [
    [t.state.flows, flows.total],
    [t.state.grants, grants.total],
    ...(people ? [[t.state.people, people.total_count] as [string, number]] : []),
  ]
}

function Admins({ caller }: { caller: Caller }) {
  const counts = useQuery(`counts ${caller.id}`, (signal) => count(caller, signal))
  const away = useQuery('distance', measure)
  return (
    <>
      <Box title={t.state.reach}>
        <p role="status">
          {away.data ? t.state.reachOf(away.data.database, away.data.service) : null}
          {away.isLoading && !away.data ? t.state.measuring : null}
        </p>
        {away.problem ? <Failure problem={away.problem} again={away.again} /> : null}
      </Box>
      <Box title={t.state.counts}>
        {counts.problem ? <Failure problem={counts.problem} again={counts.again} /> : null}
        <Facts of={(counts.data ?? []).map(([what, n]) => [what, n.toLocaleString('en')])} />
      </Box>
    </>
  )
}

const Facts = ({ of }: { of: [what: string, value: string][] }) => (
  <dl>
    {of.map(([what, value]) => (
      <div key={what}>
        <dt>{what}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)

/** The name of the script changes with what is in it. */
const build = /-([A-Z0-9]{8})\.js/.exec(import.meta.url)?.[1]

function Versions({ head }: { head: string | undefined }) {
  const said = useQuery('version', (signal) =>
    read<{ version: string }>(v1.version.$get({}, { init: { signal } })),
  )
  const health = useQuery('health', async (signal) => {
    const response = await fetch('/health_check', { signal })
    return response.json() as Promise<{ status?: string; db?: string }> // src/health.ts writes it
  })
  const { status, db } = health.data ?? {}
  const facts: [string, string | undefined][] = [
    [t.state.head, head],
    [t.state.consoleBuild, build],
    [t.state.frontend, said.data?.version],
    [t.state.frontendHealth, status === 'nok' ? db : status],
  ]
  return (
    <Box title={t.state.versions}>
      <Facts of={facts.map(([what, value]) => [what, value ?? '…'])} />
    </Box>
  )
}
