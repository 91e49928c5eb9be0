// Several evaluations in one request: what each leaves out is taken from the top, and a fault in one is its own.
import { ApiError, type FieldIssue } from '../errors.ts'
import { parse } from '../params.ts'
import type { Asker } from './asking.ts'
import { type Decision, decide } from './decide.ts'
import { Evaluation, type Evaluations } from './params.ts'
import { toQuestion } from './questions.ts'

type Answer = {
  decision: boolean
  context: { reason?: string; error?: { status: number; message: string } }
}

export const toEvaluation = (decided: Decision | undefined): Answer => ({
  decision: decided?.decision === true,
  context: { reason: decided?.reason ?? 'unknown_subject' },
})

/**
 * The answers in order, as many as the semantic wants; a single one where no evaluations are sent. Throws 400 where that
 * one is not whole, 403 where any is not for the caller to ask.
 */
export async function evaluateAll(
  asker: Asker,
  { evaluations = [], options, ...defaults }: Evaluations,
): Promise<Answer | { evaluations: Answer[] }> {
  if (evaluations.length === 0) {
    const [decided] = await decide(asker, [toQuestion(parse(Evaluation, defaults, 'body'))])
    return toEvaluation(decided)
  }
  const read = evaluations.map((one, n) => readOne(merged(defaults, one), n))
  const whole = read.flatMap((one) => ('subject' in one ? [toQuestion(one)] : []))
  const decided = await decideAny(asker, whole)
  const answers = read.map((one) => ('subject' in one ? toEvaluation(decided.shift()) : one))
  return { evaluations: cutOff(answers, options?.evaluations_semantic) }
}

/** Where every one of them is at fault, the caller is judged all the same. */
async function decideAny(asker: Asker, asked: Parameters<typeof decide>[1]): Promise<Decision[]> {
  if (asked.length > 0) return decide(asker, asked)
  await asker.ask.ensureJudged()
  return []
}

const entities = ['subject', 'action', 'resource'] as const

/** An entity of its own stands for the default; what it must have and leaves out is the default's. */
function merged(defaults: Partial<Evaluations>, one: Record<string, unknown>) {
  const parts = entities.map((name) => [name, mergedEntity(defaults[name], one[name])])
  return { context: one.context ?? defaults.context, ...Object.fromEntries(parts) }
}

const mergedEntity = (usual: object | undefined, own: unknown) =>
  typeof own === 'object' && own !== null && !Array.isArray(own)
    ? { ...usual, ...own }
    : (own ?? usual)

function readOne(value: unknown, n: number): Evaluation | Answer {
  try {
    return parse(Evaluation, value, ['body', 'evaluations', String(n)])
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const [issue] = error.detail as FieldIssue[]
    const message = `${issue?.loc.slice(3).join('.')}: ${issue?.msg}`
    return { decision: false, context: { error: { status: 400, message } } }
  }
}

function cutOff(answers: Answer[], semantic = 'execute_all'): Answer[] {
  if (semantic === 'execute_all') return answers
  const last = answers.findIndex(
    ({ decision }) => decision === (semantic === 'permit_on_first_permit'),
  )
  return last < 0 ? answers : answers.slice(0, last + 1)
}
