// One permission across the roles: a tick where a role holds it.
import { t } from '../texts.ts'
import type { Whole } from './doing.ts'

type PermissionProps = { name: string; permission: string; roles: Whole[]; compares: boolean }

/** Who of them holds it; of two, where they differ. */
export function PermissionRow({ name, permission, roles, compares }: PermissionProps) {
  const holders = roles.filter(({ permissions }) => permissions.includes(permission))
  const [only] = holders
  const differs = compares && holders.length === 1
  return (
    <tr class={differs ? 'differs' : undefined}>
      <th scope="row">{name}</th>
      {roles.map((role) => (
        <td key={role.id} data-label={role.name}>
          {holders.includes(role) ? (
            <Mark sign="✓" words={t.roles.yes} />
          ) : (
            <Mark sign="–" words={t.roles.no} />
          )}
        </td>
      ))}
      {compares ? (
        <td data-label={t.roles.difference}>
          {differs && only ? (
            <strong>{t.roles.only(only.name)}</strong>
          ) : (
            <span class="faint">{t.roles.same}</span>
          )}
        </td>
      ) : null}
    </tr>
  )
}

function Mark({ sign, words }: { sign: string; words: string }) {
  return (
    <>
      <span class="mark" aria-hidden="true">
        {sign}
      </span>
      <span class="unseen">{words}</span>
    </>
  )
}
