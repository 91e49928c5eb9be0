// A small world to look at, built over HTTP as an admin would build it.
import { existsSync, writeFileSync } from 'node:fs'

type Login = { username: string; password: string }
type Body = Record<string, unknown>

const PASSWORD = 'flowgate-demo'
const flow = (name: string, description: string, ...nodes: string[]) => ({
  name,
  description,
  nodes,
})

const world = {
  projects: {
    'Customer Support': [
      flow(
        'Ticket triage',
        'Sorts incoming tickets by topic and urgency',
        'ChatInput',
        'Prompt',
        'Classifier',
        'ChatOutput',
      ),
      flow(
        'Refund assistant',
        'Checks an order against the refund policy',
        'ChatInput',
        'OrderLookup',
        'Prompt',
        'ChatOutput',
      ),
      flow(
        'Knowledge base answers',
        'Answers from the help centre, with links',
        'ChatInput',
        'Retriever',
        'Prompt',
        'ChatOutput',
      ),
      flow(
        'Escalation summary',
        'Summarises a thread for the next person',
        'Webhook',
        'Summarizer',
        'EmailOutput',
      ),
    ],
    'Sales Research': [
      flow(
        'Lead enrichment',
        'Fills in company size, sector and contacts',
        'Webhook',
        'WebSearch',
        'Parser',
        'CrmWriter',
      ),
      flow(
        'Call notes to CRM',
        'Turns a transcript into fields',
        'FileInput',
        'Transcriber',
        'Extractor',
        'CrmWriter',
      ),
      flow(
        'Proposal draft',
        'First draft from notes and the price list',
        'ChatInput',
        'Retriever',
        'Prompt',
        'ChatOutput',
      ),
      flow(
        'Competitor watch',
        'A weekly digest of changes on their pages',
        'Schedule',
        'WebSearch',
        'Summarizer',
        'EmailOutput',
      ),
    ],
    'Document Pipeline': [
      flow(
        'Invoice extraction',
        'Reads invoices into line items',
        'FileInput',
        'Ocr',
        'Extractor',
        'JsonOutput',
      ),
      flow(
        'Contract comparison',
        'Shows what changed between two versions',
        'FileInput',
        'Splitter',
        'Prompt',
        'ChatOutput',
      ),
      flow(
        'Meeting minutes',
        'Minutes and actions from a recording',
        'FileInput',
        'Transcriber',
        'Summarizer',
        'ChatOutput',
      ),
      flow(
        'Translation review',
        'Back-translates and marks differences',
        'ChatInput',
        'Translator',
        'Comparer',
        'ChatOutput',
      ),
    ],
  } as Record<string, ReturnType<typeof flow>[]>,
  users: [
    {
      username: 'gina',
      about: 'Global Admin',
      grant: { role_name: 'Admin', scope_type: 'Global' },
    },
    {
      username: 'eddy',
      about: 'Editor of Customer Support',
      grant: { role_name: 'Editor', scope_type: 'Project', on: 'Customer Support' },
    },
    {
      username: 'vera',
      about: 'Viewer of one flow',
      grant: { role_name: 'Viewer', scope_type: 'Flow', on: 'Invoice extraction' },
    },
    { username: 'nils', about: 'nothing granted', grant: undefined },
  ],
}

/** Builds the demo world unless `marker` says that it was built before. */
export async function seedDemo(url: string, superuser: Login, marker: string): Promise<void> {
  if (existsSync(marker)) return
  process.stdout.write('Seeding a demo world ')
  const root = await login(url, superuser)
  const ids = new Map<string, string>()
  for (const [project, flows] of Object.entries(world.projects)) {
    const { id } = await send(url, 'POST', '/api/v1/projects/', { name: project }, root)
    ids.set(project, String(id))
    for (const { name, description, nodes } of flows) {
      const made = await send(
        url,
        'POST',
        '/api/v1/flows/',
        { name, description, folder_id: id, data: toGraph(nodes) },
        root,
      )
      ids.set(name, String(made.id))
    }
    process.stdout.write('.')
  }
  for (const { username, grant } of world.users) {
    const user = await send(url, 'POST', '/api/v1/users/', { username, password: PASSWORD })
    await send(url, 'PATCH', `/api/v1/users/${user.id}`, { is_active: true }, root)
    if (grant) {
      const { on, ...role } = grant as { on?: string; role_name: string; scope_type: string }
      const scope_id = on === undefined ? null : ids.get(on)
      await send(
        url,
        'POST',
        '/api/v1/rbac/assignments',
        { user_id: user.id, ...role, scope_id },
        root,
      )
    }
    process.stdout.write('.')
  }
  writeFileSync(marker, new Date().toISOString())
  process.stdout.write(' done\n')
}

/** The logins, and what the listing really answers to each of them, as a table; then a curl to paste. */
export async function describeDemo(url: string, superuser: Login): Promise<string> {
  const people = [
    { ...superuser, about: 'superuser' },
    ...world.users.map(({ username, about }) => ({ username, about, password: PASSWORD })),
  ]
  const rows = [['user', 'password', 'is', 'sees']]
  let curl = ''
  for (const { username, password, about } of people) {
    const token = await login(url, { username, password }).catch(() => undefined)
    if (!token) continue
    rows.push([username, password, about, describeFlows(await listNames(url, token))])
    if (username === 'vera')
      curl = `curl -s '${url}/api/v1/flows/?header_flows=true' -H 'authorization: Bearer ${token}'`
  }
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const table = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('   ')
      .trimEnd(),
  )
  return `${table.join('\n')}\n\nWhat vera sees (the token lives for an hour):\n\n${curl}\n`
}

function describeFlows(names: string[]): string {
  if (names.length === 0) return 'no flow'
  if (names.length <= 4) return names.join(', ')
  return `${names.length} flows: ${names.slice(0, 2).join(', ')} ...`
}

async function listNames(url: string, token: string): Promise<string[]> {
  const flows = (await send(
    url,
    'GET',
    '/api/v1/flows/?header_flows=true',
    undefined,
    token,
  )) as unknown as Body[]
  return flows.map((flow) => String(flow.name)).sort()
}

function toGraph(types: string[]): Body {
  const nodes = types.map((type, i) => ({
    id: `${type}-${i}`,
    type: 'genericNode',
    position: { x: 320 * i, y: 0 },
    data: { type },
  }))
  const edges = nodes
    .slice(1)
    .map((node, i) => ({ id: `e${i}`, source: nodes[i]?.id, target: node.id }))
  return { nodes, edges, viewport: { x: 0, y: 0, zoom: 1 } }
}

async function login(url: string, { username, password }: Login): Promise<string> {
  const response = await fetch(`${url}/api/v1/login`, {
    method: 'POST',
    body: new URLSearchParams({ username, password }),
  })
  const body = (await response.json()) as Body
  if (!response.ok)
    throw new Error(`login of ${username}: ${response.status} ${JSON.stringify(body.detail)}`)
  return String(body.access_token)
}

async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<Body> {
  const response = await fetch(url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Body
}
