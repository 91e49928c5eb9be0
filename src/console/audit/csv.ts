// Lines of CSV (RFC 4180) that a spreadsheet shows and never runs.

export const cells = [
  'at',
  'who',
  'what',
  'changes',
  'action',
  'object_kind',
  'object',
  'object_id',
  'who_id',
  'request_id',
  'before',
  'after',
]

/** What a spreadsheet would take for a formula: it gets a mark in front that says that it is text. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/

const toCell = (text: string): string =>
  `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`

export const line = (texts: readonly string[]): string => `${texts.map(toCell).join(',')}\r\n`
