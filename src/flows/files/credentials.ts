// What counts as a secret by the form it has in a text. Pure, and linear in what it reads: every repetition in
// these expressions is bounded or ends at a character it cannot contain.
import { isHarmlessHeader, isSecretName } from './secret-names.ts'

/** A parameter of a URL may have a short name that means nothing elsewhere. */
const isSecretParameter = (name: string) =>
  isSecretName(name) ||
  /^(key|sig|auth|code|signature|x[-_](amz|goog)[-_](credential|signature))$/i.test(name)

/** Keys of well-known services, tokens of the usual kinds, private keys: what they look like, whatever their field is called. */
const forms = new RegExp(
  [
    '(?:sk|pk|rk|ak)[-_][A-Za-z0-9_-]{16,}',
    '(?:gh[opsur]|github_pat|glpat|npm|hf|gsk|r8|ant|xai|tvly|pplx|pcsk|lsv2|figd|shpat|nvapi|dop_v1)[-_][A-Za-z0-9_-]{16,}',
    'xox[abeoprs]-[A-Za-z0-9-]{8,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\\w-]{30,}|ya29\\.[\\w.-]{16,}',
    'SG\\.[\\w-]{16,}\\.[\\w-]{8,}|eyJ[\\w-]{8,}\\.[\\w-]{8,}(?:\\.[\\w-]*)?',
  ]
    .map((form) => `(?<![\\w-])(?:${form})`)
    .join('|'),
  'g',
)
const pem =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g

const userInfo = /([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/?#"'<>]{1,1000})@/gi
/** With a slash in its password it is not a URL any more, and still holds a password. */
const oddUserInfo =
  /([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/?#"'<>@:]{1,60}:(?!\d{1,5}\/)[^\s"'<>@]{1,60})@/gi
/** Whoever knows such an address may post there: the key is a part of its path. */
const hook = new RegExp(
  `(${[
    'hooks\\.slack\\.com/(?:services|workflows|triggers)/',
    'discord(?:app)?\\.com/api/(?:v\\d{1,2}/)?webhooks/',
    'api\\.telegram\\.org/(?:file/)?bot',
    '\\.webhook\\.office\\.com/webhookb2/',
    'hooks\\.zapier\\.com/hooks/catch/',
    'hook\\.[a-z0-9.]{1,20}make\\.com/',
  ].join('|')})[^\\s"'<>?#]{1,1000}`,
  'gi',
)
const parameter = /([?&#;]|%3f|%26)([\w.-]{1,64})(=|%3d)([^&\s"'<>#;]+)/gi
const scheme = /\b(Bearer|Basic)(\s{1,4})([A-Za-z0-9._~+/=-]{6,})/gi
/** A name and what comes between it and its value, in one line. Names of two words count where a sign follows. */
const assignment =
  /(?<!\w)([A-Za-z]{1,20} (?:key|token)(?=["']?[ \t]{0,4}[:=])|[A-Za-z][\w-]{1,40})(["']?[ \t]{0,4}[:=][ \t]{0,4}["']?|[ \t]{1,4})(?=[^\s"',;}\\&])/gi
const assigned = /(?:(?:Bearer|Basic|Token) )?[^\s"',;}\\]+/iy
/** What `curl` takes on its line: who asks, and cookies. */
const curlOption =
  /(\s(?:-u|--user|-U|--proxy-user|-b|--cookie)(?:\s{1,4}|=))(?:"[^"]{1,2000}"|'[^']{1,2000}'|[^\s"']{1,2000})/g

/** What stands for a value in a template or a piece of code. */
const isPlaceholder = (text: string) =>
  /^(\$\{|\$[A-Z_]{2,60}$|%s|<[\w -]{1,60}>$|\{{1,2}[\w.])/.test(text)

/** The text without credentials in URLs, and without what has the form of one. Fit for source code. */
export function withoutForms(text: string): string {
  let clean = text
  if (clean.includes('://'))
    clean = clean.replace(userInfo, hideUser).replace(oddUserInfo, hideUser).replace(hook, '$1')
  if (clean.includes('=') || /%3d/i.test(clean))
    clean = clean.replace(parameter, (all, mark, name, is, value) =>
      isSecretParameter(name) && !isPlaceholder(value) ? `${mark}${name}${is}` : all,
    )
  if (/bearer|basic/i.test(clean))
    clean = clean.replace(scheme, (all, kind, space, value) =>
      /[0-9._~+/=]/.test(value) || value.length >= 20 ? `${kind}${space}` : all,
    )
  if (clean.includes('-----BEGIN')) clean = clean.replace(pem, '')
  return clean.replace(forms, '')
}

const hideUser = (all: string, protocol: string, user: string) =>
  user === 'git' || user.split(':').every(isPlaceholder) ? all : protocol

/** Most texts have nothing of what all of these have something of. */
const mayHoldSome = /[-_.:=&%]|A[KS]IA|AIza|bearer|basic/i

/** The text without those, and without what is assigned to a secret's name: `--api-key x`, `API_KEY=x`, `Authorization: x`. */
export function withoutCredentials(text: string): string {
  if (!mayHoldSome.test(text)) return text
  let clean = withoutForms(text)
  if (!/[:=]|--|-[ubU]/.test(clean)) return clean
  if (clean.includes('curl')) clean = clean.replace(curlOption, "$1''")
  return withoutAssigned(clean)
}

/** A value is only looked at behind the name of a secret: what another name has before it may be the next name. */
function withoutAssigned(text: string): string {
  const kept: string[] = []
  let at = 0
  let read = 0
  for (const found of text.matchAll(assignment)) {
    const [all, name = '', is = ''] = found
    const from = found.index + all.length
    if (from < read || !isSecretName(name)) continue
    assigned.lastIndex = from
    const [value = ''] = assigned.exec(text) ?? []
    read = from + value.length
    if (isPlaceholder(value) || /^(true|false|null|none)$/i.test(value)) continue
    const isFlag = text[found.index - 1] === '-'
    const spaced = /^\s+$/.test(is)
    if (spaced ? !isFlag || value.startsWith('-') : !isAssigned(name, is)) continue
    kept.push(text.slice(at, from))
    at = read
  }
  return kept.join('') + text.slice(at)
}

/** A colon follows many a word; one that no prose has says that a value comes. */
const isAssigned = (name: string, is: string) =>
  /[="']/.test(is) || /[_-]|[a-z][A-Z]|^(apikey|authorization|cookie|api key)$/i.test(name)

/** One line `Name: value`, without the value unless its name is harmless. */
export function withoutHeader(line: string): string {
  const [name = ''] = line.split(':', 1)
  if (isHarmlessHeader(name.trim())) return withoutCredentials(line)
  return line.includes(':') ? `${name}:` : ''
}

/** The arguments of a command, without values of secret options, of `-e NAME=value`, and without what looks like a key. */
export const withoutSecretArguments = (args: readonly unknown[]): unknown[] =>
  args.map((arg, i) => (typeof arg === 'string' ? cleanArgument(arg, args[i - 1]) : arg))

function cleanArgument(arg: string, before: unknown): string {
  const option = typeof before === 'string' && /^-[^=]*$/.test(before) ? before : ''
  if (!arg.startsWith('-') && isSecretName(option)) return ''
  if (/^(-u|--user)$/.test(option)) return arg.replace(/:[\s\S]*$/, ':')
  if (/^(-e|--env)$/.test(option)) return arg.replace(/=[\s\S]*$/, '=')
  if (/^(-H|--header)$/.test(option)) return withoutHeader(arg)
  const isRandom = /^[A-Za-z0-9_+=~-]{20,}$/.test(arg) && /\d/.test(arg) && !arg.startsWith('-')
  return isRandom && /[A-Za-z]/.test(arg) ? '' : withoutCredentials(arg)
}
