// /.well-known/authzen-configuration: where the decision API is.
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { isLoopback } from '../addresses.ts'
import type { Open } from '../env.ts'
import { object, text } from '../wire.ts'

const endpoints = {
  access_evaluation_endpoint: 'evaluation',
  access_evaluations_endpoint: 'evaluations',
  search_subject_endpoint: 'search/subject',
  search_resource_endpoint: 'search/resource',
  search_action_endpoint: 'search/action',
}
const named = Object.keys(endpoints).map((name) => [name, text])

/** The standard knows no other scheme than https; on loopback there is no other than what was asked for. */
function baseOf(asked: string): string {
  const url = new URL(asked)
  return isLoopback(url.hostname) ? url.origin : `https://${url.host}`
}

export const discovery = new Hono<Open>().get(
  '/.well-known/authzen-configuration',
  about({
    summary: 'Where an AuthZEN client finds what it may ask',
    open: true,
    reads: 'nothing',
    tagged: true,
    gives: object({ policy_decision_point: text, ...Object.fromEntries(named) }),
  }),
  (c) => {
    const base = baseOf(c.req.url)
    const urls = Object.entries(endpoints).map(([name, path]) => [
      name,
      `${base}/access/v1/${path}`,
    ])
    return c.json({ policy_decision_point: base, ...Object.fromEntries(urls) })
  },
)
