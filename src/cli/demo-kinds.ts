// What the demo's flows are made of, in short: enough for a node that an editor can show.

export type Port = { name: string; label: string; types: readonly string[] }
type Kind = {
  label: string
  icon: string
  about: string
  /** Where an edge may end; a kind without it begins a flow. */
  takes?: Port
  gives: Port
  /** Fields that people fill in, with what they hold. */
  fields?: Record<string, string>
}

const port = (name: string, label: string, ...types: string[]): Port => ({ name, label, types })
const text = port('input_value', 'Input', 'Message', 'Data')
const message = port('message', 'Message', 'Message')
const data = port('data', 'Data', 'Data')

/** What flows are made of, by the type that a node carries. */
export const kinds: Record<string, Kind> = {
  ChatInput: {
    label: 'Chat Input',
    icon: 'MessagesSquare',
    about: 'What somebody writes',
    gives: message,
    fields: { sender_name: 'User' },
  },
  Webhook: { label: 'Webhook', icon: 'webhook', about: 'What another system sends', gives: data },
  Schedule: {
    label: 'Schedule',
    icon: 'clock',
    about: 'Begins by the clock',
    gives: data,
    fields: { cron: '0 7 * * 1' },
  },
  File: {
    label: 'File',
    icon: 'file-text',
    about: 'Reads a file',
    gives: data,
    fields: { path: '' },
  },
  Retriever: {
    label: 'Retriever',
    icon: 'search',
    about: 'Finds passages that fit',
    takes: text,
    gives: data,
    fields: { collection: 'help-centre', number_of_results: '4' },
  },
  WebSearch: {
    label: 'Web Search',
    icon: 'globe',
    about: 'Searches the web',
    takes: text,
    gives: data,
  },
  Lookup: {
    label: 'Lookup',
    icon: 'database',
    about: 'Reads a record by its number',
    takes: text,
    gives: data,
    fields: { table: 'orders' },
  },
  Splitter: {
    label: 'Split Text',
    icon: 'scissors',
    about: 'Cuts a text into pieces',
    takes: text,
    gives: data,
    fields: { chunk_size: '1000' },
  },
  Transcriber: {
    label: 'Transcriber',
    icon: 'mic',
    about: 'Speech to text',
    takes: text,
    gives: message,
    fields: { language: 'en' },
  },
  Parser: {
    label: 'Parser',
    icon: 'braces',
    about: 'Makes a text of fields',
    takes: text,
    gives: message,
    fields: { pattern: '{text}' },
  },
  Prompt: {
    label: 'Prompt',
    icon: 'braces',
    about: 'A text with places to fill',
    takes: text,
    gives: port('prompt', 'Prompt Message', 'Message'),
    fields: { template: 'Answer briefly and name your source.\n\n{input_value}' },
  },
  LanguageModel: {
    label: 'Language Model',
    icon: 'brain-circuit',
    about: 'Asks a model',
    takes: text,
    gives: port('text_output', 'Model Response', 'Message'),
    fields: { model_name: 'small', temperature: '0.1' },
  },
  Classifier: {
    label: 'Classifier',
    icon: 'split',
    about: 'Puts a text into one of some classes',
    takes: text,
    gives: message,
    fields: { classes: 'billing, delivery, other' },
  },
  Extractor: {
    label: 'Structured Output',
    icon: 'table',
    about: 'Takes fields out of a text',
    takes: text,
    gives: data,
    fields: { schema: 'name, date, amount' },
  },
  Summarizer: {
    label: 'Summarizer',
    icon: 'list',
    about: 'Says it shorter',
    takes: text,
    gives: message,
    fields: { sentences: '5' },
  },
  ChatOutput: {
    label: 'Chat Output',
    icon: 'MessagesSquare',
    about: 'Shows the answer',
    takes: text,
    gives: message,
    fields: { sender_name: 'AI' },
  },
  EmailOutput: {
    label: 'Email',
    icon: 'mail',
    about: 'Sends it by mail',
    takes: text,
    gives: message,
    fields: { to: 'team@example.com' },
  },
  RecordOutput: {
    label: 'Write Record',
    icon: 'database',
    about: 'Keeps it in a table',
    takes: text,
    gives: data,
    fields: { table: 'results' },
  },
}
