// The API reference at /docs: one page, rendered from the description, that needs no script, no font and
// no network.
import { html, raw } from 'hono/html'
import type { Schema } from '../wire.ts'
import type { Document, Operation } from './document.ts'
import { style } from './style.ts'

type Entry = { method: string; path: string; operation: Operation }
type Markup = ReturnType<typeof html>

/** The whole page. */
export function renderPage(document: Document): Markup {
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
  const tags = [...new Set(entries.map(({ operation }) => operation.tags[0] ?? ''))].sort(
    serviceLast,
  )
  const of = (tag: string) => entries.filter(({ operation }) => operation.tags[0] === tag)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${document.info.title}: API reference</title>
<style>${raw(style)}</style>
</head>
<body>
<nav>
<a class="home" href="#top">${document.info.title} <small>${document.info.version}</small></a>
${tags.map((tag) => html`<details open><summary>${tag}</summary>${of(tag).map(link)}</details>`)}
</nav>
<main id="top">
<h1>API reference</h1>
<p class="lead">${document.info.description}</p>
<p>The same as <a href="/openapi.json">OpenAPI ${document.openapi}</a>, for tools.</p>
${tags.map((tag) => html`<section><h2>${tag}</h2>${of(tag).map((entry) => card(entry, document))}</section>`)}
</main>
</body>
</html>`
}

const serviceLast = (a: string, b: string) => Number(a === 'service') - Number(b === 'service')

const link = ({ method, path, operation }: Entry) =>
  html`<a href="#${operation.operationId}"><b class="${method}">${method}</b> ${short(path)}</a>`

const short = (path: string) => path.replace('/api/v1', '')

function card({ method, path, operation }: Entry, document: Document): Markup {
  const { operationId, summary, security, parameters = [], requestBody, responses } = operation
  return html`<article id="${operationId}">
<header><b class="${method}">${method}</b> <code>${path}</code>${security ? '' : html` <i>open</i>`}</header>
<h3>${summary}</h3>
${parameters.length > 0 ? html`<h4>Parameters</h4>${fields(parameters.map((one) => ({ ...one, note: one.in })))}` : ''}
${Object.entries(requestBody?.content ?? {}).map(
  ([type, { schema, example }]) => html`<h4>Body <small>${type}</small></h4>
${fields(propertiesOf(schema))}${code(example)}`,
)}
<h4>Answers</h4>
${Object.entries(responses).map(([status, answer]) => response(status, answer, document))}
</article>`
}

function response(status: string, answer: Operation['responses'][string], document: Document) {
  const [[type, content] = []] = Object.entries(answer.content ?? {})
  const [first = ''] = Object.keys(content?.examples ?? {})
  const shown = content?.example ?? document.components.examples[first]?.value
  const head = html`<b class="s${status[0]}">${status}</b> ${answer.description}`
  if (shown === undefined) return html`<p class="answer">${head}</p>`
  const schema = resolve(content?.schema ?? {}, document)
  return html`<details class="answer"><summary>${head} <small>${type}</small></summary>
${status[0] === '2' ? fields(propertiesOf(schema)) : ''}${code(shown)}</details>`
}

type Field = { name: string; required: boolean; schema: Schema; note?: string }

const fields = (list: Field[]) =>
  list.length === 0
    ? ''
    : html`<table>${list.map(
        ({
          name,
          required,
          schema,
          note,
        }) => html`<tr><td><code>${name}</code>${required ? html`<sup>required</sup>` : ''}</td>
<td>${typeOf(schema)}</td><td>${[note, defaultOf(schema)].filter(Boolean).join(', ')}</td></tr>`,
      )}</table>`

function propertiesOf(schema: Schema): Field[] {
  const required = (schema.required ?? []) as string[]
  return Object.entries((schema.properties ?? {}) as Record<string, Schema>).map(
    ([name, inner]) => ({ name, required: required.includes(name), schema: inner }),
  )
}

/** A list shows the fields of what is in it; of several forms, the first is shown. */
function resolve(schema: Schema, document: Document): Schema {
  const [first] = (schema.oneOf ?? []) as Schema[]
  if (first) return resolve(first, document)
  if (schema.type === 'array') return resolve(schema.items as Schema, document)
  const name =
    String(schema.$ref ?? '')
      .split('/')
      .at(-1) ?? ''
  return document.components.schemas[name] ?? schema
}

function typeOf(schema: Schema): string {
  if (schema.$ref) return String(schema.$ref).split('/').at(-1) ?? ''
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ')
  if (schema.enum) return (schema.enum as unknown[]).map(String).join(' | ')
  if (schema.type === 'array') return `${typeOf((schema.items ?? {}) as Schema)}[]`
  const types = [schema.type ?? 'any'].flat().map(String)
  const [first, ...others] = types
  return [schema.format ?? first, ...others].join(' or ')
}

const defaultOf = (schema: Schema) =>
  schema.default === undefined || schema.default === null
    ? ''
    : `default ${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}`

const code = (value: unknown) => html`<pre>${JSON.stringify(value, null, 2)}</pre>`
