// What each role allows: permissions down, roles across, and with two of them where they differ.
import { useState } from 'hono/jsx/dom'
import { tellProblem } from '../notices.tsx'
import { changeQuery } from '../router.tsx'
import { t } from '../texts.ts'
import { remove, type Whole } from './doing.ts'
import { PermissionRow } from './permission-row.tsx'
import { permissionsOf } from './permissions.ts'

type GridProps = {
  roles: Whole[]
  compares: boolean
  isOld: boolean
  edit: (role: Whole) => void
  again: () => void
}

export function Grid({ roles, compares, isOld, edit, again }: GridProps) {
  return (
    <div class="wide">
      <table class="rows grid" aria-busy={isOld ? 'true' : undefined}>
        <thead>
          <tr>
            <th scope="col">{t.roles.permission}</th>
            {roles.map(({ id, name, is_system_role }) => (
              <th key={id} scope="col">
                <span class="words">{name}</span>
                {is_system_role ? <span class="badge">{t.roles.system}</span> : null}
              </th>
            ))}
            {compares ? <th scope="col">{t.roles.difference}</th> : null}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t.roles.about}</th>
            {roles.map(({ id, name, description }) => (
              <td key={id} data-label={name} class="faint">
                {description ?? ''}
              </td>
            ))}
            {compares ? <td /> : null}
          </tr>
        </tbody>
        {permissionsOf(roles).map(([scope, names]) => (
          <tbody key={scope}>
            <tr>
              <th scope="rowgroup" colSpan={roles.length + (compares ? 2 : 1)}>
                <strong>{t.roles.scopes[scope] ?? scope}</strong>
              </th>
            </tr>
            {names.map((name) => (
              <PermissionRow
                key={name}
                name={name}
                permission={`${scope}:${name}`}
                roles={roles}
                compares={compares}
              />
            ))}
          </tbody>
        ))}
        <tbody>
          <tr>
            <th scope="row">{t.roles.used}</th>
            {roles.map(({ id, name, grants }) => (
              <td key={id} data-label={name}>
                {grants > 0 ? (
                  <button type="button" onClick={() => changeQuery({ of: id, n: undefined })}>
                    {t.grants.total(grants)}
                  </button>
                ) : (
                  <span class="faint">{t.grants.total(0)}</span>
                )}
              </td>
            ))}
            {compares ? <td /> : null}
          </tr>
          <tr>
            <th scope="row">{t.flows.more}</th>
            {roles.map((role) => (
              <td key={role.id} data-label={role.name}>
                {role.is_system_role ? (
                  <span class="faint">{t.roles.fixed}</span>
                ) : (
                  <Doing role={role} edit={edit} again={again} />
                )}
              </td>
            ))}
            {compares ? <td /> : null}
          </tr>
        </tbody>
      </table>
    </div>
  )
}

type DoingProps = Pick<GridProps, 'edit' | 'again'> & { role: Whole }

function Doing({ role, edit, again }: DoingProps) {
  const [isBusy, setBusy] = useState(false)
  // Once it has succeeded the role is gone from here: a second time would only say so in place of the way back.
  const erase = () => {
    setBusy(true)
    remove(role, again).catch((error: unknown) => {
      setBusy(false)
      tellProblem(error)
    })
  }
  return (
    <span class="both">
      <button type="button" aria-label={t.roles.editOf(role.name)} onClick={() => edit(role)}>
        {t.roles.edit}
      </button>
      <button
        type="button"
        aria-label={t.teams.removeOf(role.name)}
        disabled={isBusy}
        onClick={erase}
      >
        {t.flows.remove}
      </button>
    </span>
  )
}
