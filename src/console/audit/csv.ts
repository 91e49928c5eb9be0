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

/** Where lists are separated by `;` a spreadsheet may cut a cell there, or at a tab or the end of a line, quoted or not. */
const FORMULA_WITHIN = /([;\t\r\n])([^\S\t\r\n]*[=+\-@＝＋－＠])/g

function toCell(text: string): string {
  const marked = (FORMULA.test(text) ? `'${text}` : text).replace(FORMULA_WITHIN, "$1'$2")
  return `"${marked.replaceAll('"', '""')}"`
}

export const line = (texts: readonly string[]): string => `${texts.map(toCell).join(',')}\r\n`
