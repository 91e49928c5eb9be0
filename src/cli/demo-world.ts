// Who and what is in the demo world.

/** Of every demo user; the world lives on loopback. */
export const PASSWORD = 'flowgate-demo'

export type DemoFlow = {
  name: string
  description: string
  nodes: string[]
  /** What else is said when it is made. */
  more: Record<string, unknown>
}

/** `nodes` by their types, in the order in which they hand on. */
const flow = (name: string, description: string, nodes: string, more = {}): DemoFlow => ({
  name,
  description,
  nodes: nodes.split(' > '),
  more,
})

/** A node that people keep to put into their flows. */
const component = (name: string, description: string, node: string) =>
  flow(name, description, node, { is_component: true })

const chat = 'ChatInput > Prompt > LanguageModel > ChatOutput'
const search = 'ChatInput > Retriever > Prompt > LanguageModel > ChatOutput'

const projects: Record<string, DemoFlow[]> = {
  'Customer Support': [
    flow(
      'Ticket triage',
      'Sorts incoming tickets by topic and urgency',
      'Webhook > Parser > Classifier > RecordOutput',
      { tags: ['tickets'] },
    ),
    flow(
      'Refund assistant',
      'Checks an order against the refund policy',
      'ChatInput > Lookup > Prompt > LanguageModel > ChatOutput',
    ),
    flow('Knowledge base answers', 'Answers from the help centre, with links', search, {
      tags: ['chat'],
    }),
    flow(
      'Escalation summary',
      'Summarises a thread for the next person',
      'Webhook > Summarizer > EmailOutput',
      { tags: ['tickets'] },
    ),
    flow(
      'Delivery status',
      'Where is my parcel?',
      'ChatInput > Lookup > Prompt > LanguageModel > ChatOutput',
      { tags: ['chat'] },
    ),
    flow('Review replies', 'Drafts a reply to a review, in its own language', chat),
    flow(
      'Satisfaction survey',
      'Reads free text of surveys into themes',
      'File > Splitter > Classifier > RecordOutput',
    ),
    component('House style prompt', 'How we write to customers', 'Prompt'),
  ],
  'Sales Research': [
    flow(
      'Lead enrichment',
      'Fills in company size, sector and contacts',
      'Webhook > WebSearch > Extractor > RecordOutput',
      { tags: ['leads'] },
    ),
    flow(
      'Call notes',
      'Turns a recorded call into fields',
      'File > Transcriber > Extractor > RecordOutput',
    ),
    flow('Proposal draft', 'First draft from notes and the price list', search),
    flow(
      'Competitor watch',
      'A weekly digest of changes on their pages',
      'Schedule > WebSearch > Summarizer > EmailOutput',
      { tags: ['weekly'] },
    ),
    flow(
      'Account briefing',
      'One page before a meeting',
      'ChatInput > WebSearch > Summarizer > ChatOutput',
    ),
    flow(
      'Tender finder',
      'New tenders that fit us',
      'Schedule > WebSearch > Classifier > EmailOutput',
      { tags: ['weekly'] },
    ),
    flow(
      'Lost deals',
      'Why we lost, in five themes',
      'File > Splitter > Classifier > RecordOutput',
    ),
  ],
  'Document Pipeline': [
    flow(
      'Invoice extraction',
      'Reads invoices into line items',
      'File > Parser > Extractor > RecordOutput',
      { tags: ['finance'], endpoint_name: 'invoices' },
    ),
    flow(
      'Contract comparison',
      'Shows what changed between two versions',
      'File > Splitter > Prompt > LanguageModel > ChatOutput',
    ),
    flow(
      'Meeting minutes',
      'Minutes and actions from a recording',
      'File > Transcriber > Summarizer > EmailOutput',
    ),
    flow('Translation review', 'Translates back and marks differences', chat),
    flow('Form intake', 'Scanned forms into records', 'File > Parser > Extractor > RecordOutput'),
    flow('Policy index', 'Cuts policies into passages to search', 'File > Splitter > RecordOutput'),
    flow(
      'Table to text',
      'Explains a table to people',
      'File > Parser > Prompt > LanguageModel > ChatOutput',
    ),
    component('Invoice fields', 'The fields that finance wants', 'Extractor'),
  ],
  'People and Hiring': [
    flow('Job advert', 'A first draft that names what matters', chat),
    flow('Question catalogue', 'Questions for an interview from a profile', chat),
    flow('Onboarding guide', 'Answers what new people ask', search, { tags: ['chat'] }),
    flow(
      'Leave requests',
      'Reads a request into dates and reasons',
      'Webhook > Extractor > RecordOutput',
    ),
    flow(
      'Training digest',
      'What is on this month',
      'Schedule > Retriever > Summarizer > EmailOutput',
    ),
    flow(
      'Exit themes',
      'What people say when they leave',
      'File > Splitter > Classifier > RecordOutput',
    ),
  ],
  Operations: [
    flow(
      'Incident timeline',
      'Orders messages into a timeline',
      'Webhook > Parser > Summarizer > RecordOutput',
      { tags: ['incidents'] },
    ),
    flow('Runbook search', 'The right page of the runbook', search, { tags: ['incidents'] }),
    flow(
      'Alert digest',
      'What rang last night, and why',
      'Schedule > Retriever > Summarizer > EmailOutput',
    ),
    flow('Change request check', 'Is anything missing in this request?', chat),
    flow('Supplier mails', 'Sorts mails of suppliers', 'Webhook > Classifier > RecordOutput'),
    flow(
      'Stock forecast notes',
      'Explains a forecast in words',
      'File > Parser > Prompt > LanguageModel > ChatOutput',
    ),
    flow('Weekly report', 'The week on one page', 'Schedule > Lookup > Summarizer > EmailOutput', {
      tags: ['weekly'],
    }),
  ],
  'Public Site': [
    flow('Site assistant', 'Answers visitors of the site', search, {
      access_type: 'PUBLIC',
      tags: ['chat'],
    }),
    flow(
      'Newsletter draft',
      'A draft from the notes of the month',
      'File > Summarizer > Prompt > LanguageModel > ChatOutput',
    ),
    flow('Glossary', 'Explains our words', search),
    flow('Alt texts', 'Describes pictures for those who do not see them', chat),
    flow('Headline variants', 'Five headlines for a text', chat),
    flow(
      'Event calendar',
      'Events of partners, as fields',
      'Schedule > WebSearch > Extractor > RecordOutput',
    ),
  ],
}

/** A role on what is called so; without `on` with Global scope. `days` is how long it lasts. */
export type DemoGrant = { role_name: string; scope_type: string; on?: string; days?: number }
export type DemoUser = { username: string; about: string; grants: DemoGrant[] }

const users: DemoUser[] = [
  {
    username: 'gina',
    about: 'Global Admin',
    grants: [{ role_name: 'Admin', scope_type: 'Global' }],
  },
  {
    username: 'eddy',
    about: 'Editor of a project, one flow shared',
    grants: [
      { role_name: 'Editor', scope_type: 'Project', on: 'Customer Support' },
      { role_name: 'Viewer', scope_type: 'Flow', on: 'Call notes' },
    ],
  },
  {
    username: 'vera',
    about: 'Viewer of one flow',
    grants: [{ role_name: 'Viewer', scope_type: 'Flow', on: 'Invoice extraction' }],
  },
  {
    username: 'theo',
    about: 'Viewer of a project for 30 days',
    grants: [{ role_name: 'Viewer', scope_type: 'Project', on: 'Operations', days: 30 }],
  },
  { username: 'nils', about: 'nothing granted', grants: [] },
]

export const world = { projects, users }
