// Every route of the API has a place in the console, or a reason not to. A place is proven by what is sent to browsers:
// the console is bundled, so that what no page calls is left out, and the calls that remain in it are read off.
import { build } from 'vite'
import { beforeAll, expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { createApp } from '../src/app.ts'
import { describeApp } from '../src/reference/document.ts'

const builders = "LangBuilder's front end asks for it; there is nothing in it for people"
const programs = 'it answers programs; people are answered by `rbac`, in words'
const directories =
  'a company’s directory speaks it; its users and groups are in the console as users and teams'
const files = 'files come in by LangBuilder, where flows are made'

/** Why a route has no place. */
const elsewhere: Record<string, string> = {
  'GET /docs': 'it is a page itself',
  'GET /openapi.json': 'it describes the API to programs',
  'GET /.well-known/authzen-configuration': programs,
  'POST /access/v1/evaluation': programs,
  'POST /access/v1/evaluations': programs,
  'POST /access/v1/search/action': programs,
  'POST /access/v1/search/resource': programs,
  'POST /access/v1/search/subject': programs,
  'GET /api/v1/auth/providers':
    'settings.json has them, so that the sign-in page asks nothing more',
  'GET /api/v1/auth/{provider_id}/start': 'it is a link: the browser itself goes there',
  'GET /api/v1/auth/{provider_id}/callback': 'providers send browsers there',
  'GET /api/v1/auth/access/start': 'the sign-in page goes there as to any provider, by its id',
  'GET /scim/v2/ServiceProviderConfig': directories,
  'GET /scim/v2/ResourceTypes': directories,
  'GET /scim/v2/ResourceTypes/{id}': directories,
  'GET /scim/v2/Schemas': directories,
  'GET /scim/v2/Schemas/{id}': directories,
  'GET /scim/v2/Users': directories,
  'GET /scim/v2/Users/{id}': directories,
  'GET /scim/v2/Groups': directories,
  'GET /scim/v2/Groups/{id}': directories,
  'POST /scim/v2/Users': directories,
  'PUT /scim/v2/Users/{id}': directories,
  'PATCH /scim/v2/Users/{id}': directories,
  'DELETE /scim/v2/Users/{id}': directories,
  'POST /scim/v2/Groups': directories,
  'PUT /scim/v2/Groups/{id}': directories,
  'PATCH /scim/v2/Groups/{id}': directories,
  'DELETE /scim/v2/Groups/{id}': directories,
  'GET /api/v1/auto_login': builders,
  'GET /api/v1/config': builders,
  'GET /api/v1/store/check/': builders,
  'GET /api/v1/store/check/api_key': builders,
  'GET /api/v1/store/tags': builders,
  'GET /api/v1/variables/': builders,
  'POST /api/v1/api_key/store': 'the store whose key it keeps is LangBuilder’s',
  'GET /api/v1/files/profile_pictures/list': 'there are no pictures to choose from',
  'GET /api/v1/files/profile_pictures/{folder}/{name}': 'it is the same picture for all',
  'GET /api/v1/flows/basic_examples/': builders,
  'GET /api/v1/flows/public_flow/{flow_id}': 'strangers see it, who are not in the console',
  'POST /api/v1/flows/batch/': files,
  'POST /api/v1/flows/upload/': files,
  'POST /api/v1/projects/upload/': files,
  'GET /api/v1/projects/download/{project_id}': 'flows are chosen and downloaded in the list',
  'POST /api/v1/projects/': 'projects are made in LangBuilder, as flows are',
  'PATCH /api/v1/projects/{project_id}': 'projects are changed in LangBuilder, as flows are',
  'DELETE /api/v1/projects/{project_id}': 'projects are deleted in LangBuilder, as they are made',
  'PATCH /api/v1/flows/{flow_id}/shares/{share_id}': 'a share is ended and given anew',
  'PATCH /api/v1/projects/{project_id}/shares/{share_id}': 'a share is ended and given anew',
  'POST /api/v1/rbac/check-permissions': 'lists say with each row what may be done with it',
  'PATCH /api/v1/rbac/assignments/{assignment_id}': 'a grant is ended and given anew',
  'GET /api/v1/rbac/assignments/{assignment_id}': 'the list of grants has the whole of each',
}

let routes: string[]
let places: string[]
beforeAll(async () => {
  routes = listDescribed()
  places = placesIn(await bundleConsole(), routes)
})

test('every route has a place in the console or a reason not to', () => {
  const lost = routes.filter((route) => !places.includes(route) && !(route in elsewhere))
  expect(lost).toEqual([])
})

test('no reason is given for what has a place, or is no route', () => {
  const idle = Object.keys(elsewhere).filter((route) => places.includes(route))
  const gone = Object.keys(elsewhere).filter((route) => !routes.includes(route))
  expect({ idle, gone }).toEqual({ idle: [], gone: [] })
})

test('whatever the console calls is a route', () => {
  expect(places.length).toBeGreaterThan(20)
  expect(places.filter((place) => !routes.includes(place))).toEqual([])
})

test('calls are read off however they are spelled, and nothing else is taken for one', () => {
  const source = `
    const a = () => v1.flows[":flow_id"].shares.$get({}); v1.flows.index.$post();
    client.health.ready.$get(); fetch("/api/v1/refresh", { method: "POST", headers: {} });
    fetch("/health"); fetch("/console/settings.json", { signal }); link.href = "/api/v1/audit";
    v1$1.rbac["check-permission"].$get({ query }); ask("/api/v1/logout", { headers: {} });`
  expect(placesIn(source, routes)).toEqual([
    'GET /api/v1/flows/{flow_id}/shares',
    'POST /api/v1/flows/',
    'GET /health/ready',
    'GET /api/v1/rbac/check-permission',
    'POST /api/v1/refresh',
    'GET /health',
    'POST /api/v1/logout',
  ])
})

/** `GET /api/v1/flows/` and all the others, as /openapi.json names them. */
function listDescribed(): string[] {
  const { paths } = describeApp(createApp(revisions).routes)
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

/** As src/cli/files.ts bundles it, but for names, which are kept. */
async function bundleConsole(): Promise<string> {
  const built = await build({
    root: 'src/console',
    configFile: false,
    logLevel: 'warn',
    build: { write: false, minify: false, modulePreload: { polyfill: false }, target: 'es2022' },
  })
  const parts = 'output' in built ? built.output : []
  return parts.map((part) => (part.type === 'chunk' ? part.code : '')).join('\n')
}

/** Routes that the source calls: by the typed client, or by a function that is given the path as it is. */
function placesIn(source: string, routes: readonly string[]): string[] {
  const typed = [
    ...source.matchAll(
      /\b(v1|client)(?:\$\d+)?((?:\.\w+|\["[^"]+"\])+)\.\$(get|post|put|patch|delete)\(/g,
    ),
  ].map(([, root, chain = '', method = '']) => {
    const parts = [...chain.matchAll(/\.(\w+)|\["([^"]+)"\]/g)].map(([, plain, quoted]) =>
      String(plain ?? quoted).replace(/^:(.*)$/, '{$1}'),
    )
    const path = parts.filter((part) => part !== 'index').join('/')
    const call = `${method.toUpperCase()} ${root === 'v1' ? '/api/v1/' : '/'}${path}`
    return routes.includes(`${call}/`) ? `${call}/` : call
  })
  const plain = [
    ...source.matchAll(/\w\(\s*"(\/(?:api|access|health)[^"]*)"(?:,\s*\{([^}]*))?/g),
  ].map(([, path, init]) => {
    const [only, another] = routes.filter((route) => route.endsWith(` ${path}`))
    const method = /method: "(\w+)"/.exec(init ?? '')?.[1]
    return !method && only && !another ? only : `${method ?? 'GET'} ${path}`
  })
  return [...typed, ...plain]
}
