// What only admins are told, because it costs a look into the rows: how far away the database is, and how much is in it.
import { read, v1 } from '../api.ts'
import type { Caller } from '../caller.ts'
import { Failure } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { t } from '../texts.ts'
import { Box, Facts } from './box.tsx'
import { measure } from './measure.ts'

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

export function Admins({ caller }: { caller: Caller }) {
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
