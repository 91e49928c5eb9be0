// How it stands with the service and its database: for admins in whole, for everybody what is public anyway.
import { useEffect } from 'hono/jsx/dom'
import { read } from '../api.ts'
import type { Readiness } from '../bodies.ts'
import { useCaller } from '../caller.ts'
import { Failure } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { useStore } from '../store.ts'
import { t } from '../texts.ts'
import { Admins } from './admins.tsx'
import { Box, Facts } from './box.tsx'
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
      <p class="faint">{t.state.purpose}</p>
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

/** The name of the script changes with what is in it. */
const build = /-([0-9a-f]{8})\.js/.exec(import.meta.url)?.[1]

function Versions({ head }: { head: string | undefined }) {
  // Not by the client of the API: an answer that needs no database says nothing of it.
  const said = useQuery('version', (signal) =>
    read<{ version: string }>(fetch('/api/v1/version', { signal })),
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
