// /access/v1: the decision API of OpenID AuthZEN 1.0.
import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { onlyDecides, type SignedIn } from '../access/signed-in.ts'
import { body } from '../params.ts'
import { arrayOf, count, eitherOf, flag, type HasSchema, object, optional, text } from '../wire.ts'
import type { Asker } from './asking.ts'
import { decide } from './decide.ts'
import { evaluateAll, toEvaluation } from './evaluations.ts'
import { ActionSearch, Evaluation, Evaluations, ResourceSearch, SubjectSearch } from './params.ts'
import { toQuestion } from './questions.ts'
import { searchActions, searchResources, searchSubjects } from './search.ts'

const asker = ({ var: { ask, credential } }: Context<SignedIn>): Asker => ({ ask, credential })

const Decided = object({
  decision: flag,
  context: object({
    reason: optional(text),
    error: { ...object({ status: count, message: text }), optional: true },
  }),
})
const Entities = object({
  page: object({ next_token: text, count, total: optional(count) }),
  results: arrayOf(object({ type: text, id: text })),
})

const described = (summary: string, gives: HasSchema) =>
  about({ summary, gives, standard: true, errors: ['forbidden'] })
const searched = (summary: string) =>
  about({
    summary,
    gives: Entities,
    standard: true,
    errors: ['forbidden', 'cursor_invalid'],
  })

export const decisions = new Hono<SignedIn>()

  .post(
    '/evaluation',
    described('May they?', Decided),
    onlyDecides,
    body(Evaluation),
    async (c) => {
      const [decision] = await decide(asker(c), [toQuestion(c.req.valid('json'))])
      return c.json(toEvaluation(decision))
    },
  )

  .post(
    '/evaluations',
    described(
      'May they, for up to 100 questions at once',
      eitherOf(Decided, object({ evaluations: arrayOf(Decided) })),
    ),
    onlyDecides,
    body(Evaluations),
    async (c) => c.json(await evaluateAll(asker(c), c.req.valid('json'))),
  )

  .post(
    '/search/subject',
    searched('Which users or teams may do it'),
    onlyDecides,
    body(SubjectSearch),
    async (c) => c.json(await searchSubjects(asker(c), c.req.valid('json'), c.var.env)),
  )

  .post(
    '/search/resource',
    searched('Which flows or projects they may do it to'),
    onlyDecides,
    body(ResourceSearch),
    async (c) => c.json(await searchResources(asker(c), c.req.valid('json'), c.var.env)),
  )

  .post(
    '/search/action',
    described('What they may do with it', object({ results: arrayOf(object({ name: text })) })),
    onlyDecides,
    body(ActionSearch),
    async (c) => c.json(await searchActions(asker(c), c.req.valid('json'))),
  )
