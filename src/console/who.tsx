// The name of a person: for admins, who may look at it, the way to their page.
import { useCaller } from './caller.ts'
import { Link } from './router.tsx'

export function Who({ id, name }: { id: string; name: string }) {
  if (!useCaller()?.isAdmin) return <>{name}</>
  return (
    <Link to={`/people/${id}`} name={name}>
      {name}
    </Link>
  )
}
