// The permissions that roles hold, by what they are for.
const scopes = ['Flow', 'Project']
const actions = ['Read', 'Create', 'Update', 'Delete']

/** Those that the API knows, and any that the roles of an adopted database hold besides. */
export function permissionsOf(roles: { permissions: string[] }[]): [string, string[]][] {
  const held = roles.flatMap(({ permissions }) => permissions.map((one) => one.split(':', 1)[0]))
  return [...new Set([...scopes, ...held])].map((scope = '') => {
    const others = roles.flatMap(({ permissions }) =>
      permissions
        .filter((one) => one.startsWith(`${scope}:`))
        .map((one) => one.slice(scope.length + 1)),
    )
    return [scope, [...new Set([...(scopes.includes(scope) ? actions : []), ...others])]]
  })
}
