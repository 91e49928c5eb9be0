// Holds what the tests are answered against /openapi.json, whatever they are about. It reads nothing itself and
// changes nothing: the head of an answer is looked at when it comes, the body when the test has read it as a whole.
import { description, faultOfBody, faultsOfHead } from './described.ts'

/** A longer body is some list that a test of long lists looks at itself. */
const MAX_LENGTH = 1_000_000

const deviations = new Set<string>()

/** What was answered since the last call and is not described, once each. */
export function takeDeviations(): string[] {
  const found = [...deviations]
  deviations.clear()
  return found
}

/** The same response, watched. */
export async function recorded(url: string, method = 'GET', response: Response): Promise<Response> {
  const document = await description()
  const asked = { method: method.toUpperCase(), path: new URL(url).pathname }
  const note = (fault: string) =>
    deviations.add(`${asked.method} ${asked.path} -> ${response.status}: ${fault}`)
  for (const fault of faultsOfHead(document, asked, response)) note(fault)
  const look = (text: string) => {
    const fault =
      text.length > MAX_LENGTH ? undefined : faultOfBody(document, asked, response, text)
    if (fault !== undefined) note(fault)
    return text
  }
  const text = response.text.bind(response)
  const arrayBuffer = response.arrayBuffer.bind(response)
  return Object.assign(response, {
    text: async () => look(await text()),
    json: async () => JSON.parse(look(await text())),
    arrayBuffer: async () => {
      const bytes = await arrayBuffer()
      look(new TextDecoder().decode(bytes))
      return bytes
    },
  })
}

const origins = new Set<string>()
const bare = globalThis.fetch

/** From now on also what tests fetch at this origin by themselves is held against the description. */
export function recordAt(origin: string): void {
  origins.add(origin)
  globalThis.fetch = fetchRecorded
}

/** Whoever gets this port next is somebody else. */
export const forget = (origin: string) => origins.delete(origin)

/** As clients do: a connection may be closed while it is not used, so what only reads is asked once more on another. */
const isRead = ({ method = 'GET' }: RequestInit = {}) => method === 'GET' || method === 'HEAD'

async function fetchRecorded(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const response = await bare(input, init).catch((error) => {
    if (isRead(init) && error.cause?.code === 'UND_ERR_SOCKET') return bare(input, init)
    throw error
  })
  const url = input instanceof Request ? input.url : String(input)
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
  return origins.has(new URL(url).origin)
    ? recorded(response.url || url, method, response)
    : response
}
