// Who and what is in the demo world.

/** Of every demo user; the world lives on loopback. */
export const PASSWORD = 'flowgate-demo'
const flow = (name: string, description: string, ...nodes: string[]) => ({
  name,
  description,
  nodes,
})

export const world = {
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
