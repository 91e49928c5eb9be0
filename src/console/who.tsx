// The name of a person or a team: for admins, who may look at it, the way to their page.
import { useCaller } from './caller.ts'
import { Link } from './router.tsx'
import { t } from './texts.ts'

export function Who({ id, name }: { id: string; name: string }) {
  if (!useCaller()?.isAdmin) return <>{name}</>
  return (
    <Link to={`/people/${id}`} name={name}>
      {name}
    </Link>
  )
}

type Of = {
  user_id: string | null
  username: string | null
  team_id?: string | null
  team?: string | null | undefined
}

/** Whose a grant is. */
export function Holder({ user_id, username, team_id, team }: Of) {
  const isAdmin = useCaller()?.isAdmin
  if (user_id && username) return <Who id={user_id} name={username} />
  if (!team_id) return <>{t.flows.nobody}</>
  const name = t.access.team(team ?? '')
  if (!isAdmin) return <>{name}</>
  return <Link to={`/teams/${team_id}`}>{name}</Link>
}
