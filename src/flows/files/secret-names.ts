// What a name says of its value: a credential, something that holds some, or nothing. Pure, and linear in what it reads:
// every repetition in these expressions is bounded or ends at a character it cannot contain.

/** By name, wherever in it: `openai_api_key`, `ApiKey`, `DB Password`, `x-auth-token`. Names come as `normal` makes them. */
const named = new RegExp(
  [
    'api_?key|apikey|passwo?r?d|passwd|passphrase|passcode|(^|_)(pass|pwd|pw)$',
    'secret(?!ar)|credential|authorization|(^|_)(set_)?cookies?$|(^|_)(basic_|bearer_|proxy_)?auth$|(^|_)(bearer|jwt|hmac)$',
    '(access|account|admin|app|auth|client|consumer|decryption|deploy|encryption|functions|license|licence|master)_?keys?(_|$)',
    '(private|rsa|sas|service|shared|signing|ssh|storage|subscription|webhook)_?keys?(_|$)|(^|_)access_key',
    '(anthropic|aws|azure|cohere|deepseek|gemini|google|groq|huggingface|langfuse|langsmith|mistral|nvidia|openai)_?keys?$',
    '(pinecone|perplexity|replicate|serp|serper|stripe|tavily|twilio|weaviate)_?keys?$',
    '(access|api|auth|bearer|bot|id|refresh|session|security)_?tokens?(_|$)|(^|_)token_(value|string|key)$',
    'connection_?(string|uri)|conn_?str(ing)?(_|$)|(^|_)dsn(_|$)',
  ].join('|'),
)
/** A token is one by the end of its name: `token_count` is not, nor is `max_tokens`. */
const tokens = /token_?\d{0,3}$/
const marks = /(^|_)(stop|start|end|eos|bos|pad|sep|unk|mask|cls|max|min|first|last|next)_?token$/
/** What a secret's name ends with where only something about it is said. */
const about =
  /_(hint|name|label|url|endpoint|type|count|limit|length|size|budget|usage|path|help|info|description|enabled|required|ttl|header|field|prefix|expiry)$/

/** Header fields that say nothing about who asks; every other one may. */
const harmless =
  /^(accept(_\w{1,20})?|content_\w{1,20}|user_agent|cache_control|pragma|origin|referer|host|connection|date|range|te|dnt|if_\w{1,20}|x_request_id|x_requested_with|([a-z]{1,20}_){0,3}version)$/

/** `openAIApiKey`, `OPENAI-API-KEY`, `Openai Api Key` -> `openai_api_key`; without the node's id that a group adds. */
function normal(name: string): string {
  return name
    .slice(0, 200)
    .replace(/_[A-Z][A-Za-z]{0,60}-[A-Za-z0-9]{5}$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .toLowerCase()
}

/** What a member's name says of its value: a credential, or something that holds some. */
export type Meaning = 'secret' | 'headers' | 'env' | 'args' | undefined

function judge(name: string): Meaning {
  const words = normal(name)
  if (/(^|_)headers?(_input|_data|_json)?$/.test(words)) return 'headers'
  if (/^(mcp_)?env(ironment)?(_vars?|_variables)?$/.test(words)) return 'env'
  if (/^(command_|cmd_)?args$/.test(words)) return 'args'
  if (about.test(words)) return undefined
  return named.test(words) || (tokens.test(words) && !marks.test(words)) ? 'secret' : undefined
}

/** Nothing is judged that has none of these in it: most names. */
const worthJudging =
  /key|pass|pwd|pw|secret|cred|auth|cookie|token|bearer|jwt|hmac|conn|dsn|head|env|args/i
const known = new Map<string, Meaning>()

/** A graph has few names, many times each; what they mean is kept for the next one. */
export function meaningOf(name: string): Meaning {
  if (!worthJudging.test(name)) return undefined
  if (name.length > 100) return judge(name)
  if (known.has(name)) return known.get(name)
  if (known.size >= 5000) known.clear()
  const kind = judge(name)
  known.set(name, kind)
  return kind
}

/** Does a field of that name hold a credential? */
export const isSecretName = (name: string): boolean => meaningOf(name) === 'secret'

export const isHarmlessHeader = (name: string) => harmless.test(normal(name))
