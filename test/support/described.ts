// What /openapi.json says about an answer: the operation by method and path, and whether status, headers and
// body are as it describes them. Schemas are compiled once per process, and only those that are met.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { revisions } from '../../migrations/bundle.ts'
import { createApp } from '../../src/app.ts'
import { type Document, describeApp, type Operation } from '../../src/reference/document.ts'
import type { Schema } from '../../src/wire.ts'

export type Asked = { method: string; path: string }
export type Answered = { status: number; headers: Headers }

/** What every answer may have, whoever gives it: HTTP's own, and those that speak to browsers. */
const ordinary =
  /^(date|connection|keep-alive|content-(type|length|encoding|security-policy)|transfer-encoding|vary|allow|location|access-control-.*|cross-origin-.*|referrer-policy|strict-transport-security|x-(content-type-options|dns-prefetch-control|download-options|frame-options|permitted-cross-domain-policies|xss-protection))$/

const ajv = new Ajv2020({ strict: false, allErrors: false })
addFormats.default(ajv, ['uuid', 'date-time', 'binary'])

let known: Promise<Document> | undefined
/** The description that this source makes of itself: once, also where the first answers of a file come together. */
export function description(): Promise<Document> {
  known ??= describe()
  return known
}

async function describe(): Promise<Document> {
  const document = describeApp(createApp(revisions).routes)
  ajv.addSchema(document, 'openapi')
  return document
}

/** The path of the description that a request is about: among several the one with the fewest parameters. */
function templateOf(document: Document, path: string): string | undefined {
  const fits = (template: string) =>
    new RegExp(`^${template.replace(/[.$]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`).test(path)
  return Object.keys(document.paths)
    .filter(fits)
    .sort((a, b) => a.split('{').length - b.split('{').length)[0]
}

/** The console's files are no part of the API: test/console-files.test.ts is about them. */
const isPage = ({ path }: Asked) => path === '/' || /^\/console(\/|$)/.test(path)

/** What is wrong with the head of an answer, in words. `body` is left to `faultOfBody`. */
export function faultsOfHead(document: Document, asked: Asked, answered: Answered): string[] {
  const found = find(document, asked)
  if (asked.method === 'OPTIONS' || isPage(asked)) return []
  if (!found) return isOfNoRoute(answered) ? [] : ['no such route, and yet it is answered']
  const { operation, pointer } = found
  const response = operation.responses[answered.status]
  if (!response) return [`status ${answered.status} is not described`]
  const said = Object.keys(response.headers ?? {})
  const names = new Map(said.map((name) => [name.toLowerCase(), name]))
  const strange = [...answered.headers.keys()]
    .filter((name) => !ordinary.test(name) && !names.has(name))
    .map((name) => `header ${name} is not described`)
  const wrong = Object.entries(response.headers ?? {}).flatMap(([name, { $ref }]) =>
    faultOfHeader(document, name, $ref, answered.headers.get(name) ?? undefined),
  )
  const type = typeOf(answered)
  const types = Object.keys(response.content ?? {})
  const isTyped = type === '' ? types.length === 0 : types.includes(type)
  return [
    ...strange,
    ...wrong,
    ...(isTyped || asked.method === 'HEAD' ? [] : [`content type ${type} at ${pointer}`]),
  ]
}

/** What is wrong with a JSON body; undefined where nothing is, or where it is no JSON. */
export function faultOfBody(
  document: Document,
  asked: Asked,
  answered: Answered,
  text: string,
): string | undefined {
  const found = find(document, asked)
  const type = typeOf(answered)
  const response = found?.operation.responses[answered.status]
  if (!response || asked.method === 'HEAD') return undefined
  if (!response.content) return text === '' ? undefined : 'a body that is not described'
  if (!response.content[type] || !type.endsWith('json')) return undefined
  const at = `/responses/${answered.status}/content/${escaped(type)}/schema`
  return faultIn(`${found?.pointer}${at}`, text)
}

/** A value that breaks a schema, in the words of the validator and with where it stands. */
function faultIn(pointer: string, text: string): string | undefined {
  const validate = validatorAt(pointer)
  if (validate(JSON.parse(text))) return undefined
  const faults = (validate.errors ?? [])
    .map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
    .filter((fault) => !fault.includes('in oneOf'))
    // Of several forms, the one that it nearly is says most.
    .sort((a, b) => depthOf(b) - depthOf(a))
  return `${faults.slice(0, 3).join('; ')}: ${text.slice(0, 600)}`
}

const depthOf = (fault: string) => (fault.split(' ')[0] ?? '').split('/').length

const compiled = new Map<string, ValidateFunction>()
function validatorAt(pointer: string): ValidateFunction {
  const found = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` })
  compiled.set(pointer, found)
  return found
}

function find(document: Document, { method, path }: Asked) {
  const template = templateOf(document, path)
  const name = (method === 'HEAD' ? 'GET' : method).toLowerCase()
  const operation: Operation | undefined = document.paths[template ?? '']?.[name]
  return operation && { operation, pointer: `/paths/${escaped(template ?? '')}/${name}` }
}

/** `~` and `/` within a JSON pointer, and what a URI does not take as it is. */
const escaped = (name: string) =>
  encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))

/** No such path, its other spelling, its older name, or no such method; a wall before all routes may refuse first. */
const isOfNoRoute = ({ status, headers }: Answered) =>
  status === 307 ||
  (status >= 400 && /^application\/(problem|scim)\+json$/.test(typeOf({ status, headers })))

function faultOfHeader(
  document: Document,
  name: string,
  reference: string,
  value: string | undefined,
): string[] {
  const known: Record<string, { required: boolean; schema: Schema }> = document.components.headers
  const { required = true, schema = {} } = known[reference.split('/').at(-1) ?? ''] ?? {}
  if (value === undefined) return required ? [`header ${name} is missing`] : []
  const text = schema.type === 'integer' ? value : JSON.stringify(value)
  const fault = /^(-?\d+|".*")$/.test(text)
    ? faultIn(`${reference.slice(1)}/schema`, text)
    : 'is no number'
  return fault === undefined ? [] : [`header ${name}: ${fault}`]
}

const typeOf = ({ headers }: Answered) =>
  (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
