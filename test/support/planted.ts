// A graph with a secret of every kind, each with a marker of its own, and with what must stay.

/** Markers of what has to go (`gone`) and of what has to stay (`kept`), for finding them in any answer. */
export type Planted = { graph: unknown; gone: string[]; kept: string[] }

/** `where` makes the markers of one place differ from those of another. */
export function plantNode(where: string) {
  const gone: string[] = []
  const kept: string[] = []
  const secret = (kind: string) => {
    const marker = `gone${where}${kind}x`
    gone.push(marker)
    return marker
  }
  const keep = (kind: string) => {
    const marker = `kept${where}${kind}x`
    kept.push(marker)
    return marker
  }
  const field = (name: string, value: unknown, more: object = {}) => ({
    [name]: { name, type: 'str', show: true, password: false, value, ...more },
  })
  const names = [
    ...['api_key', 'apiKey', 'API Key', 'openAIApiKey', 'OPENAI_API_KEY', 'token', 'accessToken'],
    ...['client_secret', 'password', 'db_passwd', 'Authorization', 'credentials', 'privateKey'],
    ...['connection_string', 'connectionString', 'aws_secret_access_key', 'bot token', 'dsn'],
    ...['api_key_OpenAIModel-a1B2c', 'x-api-key', 'cookie', 'secret'],
  ]
  const template = {
    _type: 'Component',
    ...Object.assign({}, ...names.map((name, i) => field(name, secret(`Name${i}-`)))),
    ...field('plain_but_password', secret('Password'), { password: true }),
    ...field('number', [secret('PasswordList')], { password: true }),
    ...field('typed', secret('Typed'), { _input_type: 'SecretStrInput' }),
    ...field('typed_too', secret('TypedToo'), { type: 'SecretStr' }),
    ...field('by_title', secret('Title'), { display_name: 'API Key' }),
    ...field('with_default', '', { password: true, default: secret('Default') }),
    ...field('headers', [
      { key: 'Authorization', value: `Bearer ${secret('Row')}` },
      { key: 'X-Api-Key', value: secret('RowKey') },
      { key: 'Cookie', value: secret('RowCookie') },
      { key: 'X-Anything', value: secret('RowOther') },
      { key: 'User-Agent', value: keep('Agent') },
    ]),
    ...field('headers_input', { Authorization: secret('Dict'), Accept: keep('Accept') }),
    ...field('request_headers', JSON.stringify({ 'X-Api-Key': secret('Json'), Accept: keep('J') })),
    ...field('header', `X-Own: ${secret('Line')}\nAccept: ${keep('Line')}`),
    ...field('table', [{ name: 'api_key', value: secret('Table') }]),
    ...field('body', JSON.stringify({ auth: { password: secret('Body') }, say: keep('Body') })),
    ...field('twice', `{"password":"${secret('Twice')}","password":true}`),
    ...field('url', `https://ann:${secret('User')}@${keep('Host')}.test/?q=1`),
    ...field('query', `https://x.test/?api_key=${secret('Query')}&q=${keep('Query')}`),
    ...field('google', `https://x.test/v1?key=${secret('ShortKey')}`),
    ...field('database', `postgresql://u:p/${secret('Slash')}@db.test/${keep('Database')}`),
    ...field('azure', `AccountName=${keep('Account')};AccountKey=${secret('Account')}==`),
    ...field('curl', `curl -H 'Authorization: Bearer ${secret('Curl')}' ${keep('Curl')}`),
    ...field(
      'curl_user',
      `curl -u ann:${secret('CurlUser')} -b "s=${secret('CurlJar')}" https://x`,
    ),
    ...field('signed', `https://x.test/${keep('Signed')}?X-Amz-Signature=${secret('Signature')}`),
    ...field('slack', `https://hooks.slack.com/services/T0/B0/${secret('Slack')}`),
    ...field('discord', `https://discord.com/api/webhooks/12/${secret('Discord')}`),
    ...field('telegram', `https://api.telegram.org/bot12:${secret('Telegram')}/sendMessage`),
    ...field(
      'prose',
      `${keep('Prose')} my OPENAI_API_KEY=${secret('Prose')}, API key: ${secret('TwoWords')}`,
    ),
    ...field('yaml', `openai:\n  api_key: ${secret('Yaml')}\n  model: ${keep('Yaml')}`),
    ...field('note', `use sk-proj-${secret('Form')}0123456789 for ${keep('Note')}`),
    ...field(
      'pem',
      `-----BEGIN RSA PRIVATE KEY-----\n${secret('Pem')}\n-----END RSA PRIVATE KEY-----`,
    ),
    ...field('code', `api_key = self.${keep('Code')}\nurl = "https://u:${secret('Code')}@x.test"`, {
      type: 'code',
    }),
    ...field('mcp', {
      mcpServers: {
        one: {
          command: 'npx',
          args: [
            ...['-y', `@scope/${keep('Package')}`, '--api-key', secret('Arg')],
            ...[`--token=${secret('ArgIs')}`, '-e', `NAME=${secret('ArgEnv')}`],
            ...['--header', `X-Own: ${secret('ArgHeader')}`, secret('Random0123456789')],
          ],
          env: { PLAIN: secret('Env'), OTHER: secret('EnvOther') },
        },
        two: { url: `https://mcp.test/${keep('Mcp')}`, headers: { 'X-Own': secret('McpHeader') } },
      },
    }),
    ...field('mcp_text', JSON.stringify({ a: { command: 'x', env: { A: secret('EnvText') } } })),
    ...field('env', [`NAME=${secret('EnvList')}`]),
    ...field('bound', `${keep('Variable')}`, { password: true, load_from_db: true }),
    ...field('max_tokens', keep('MaxTokens')),
    ...field('token_count', keep('TokenCount')),
    ...field('primary_key', keep('PrimaryKey')),
    ...field('token_url', `https://x.test/${keep('TokenUrl')}`),
    ...field('prompt', `Basic rule: say your token: {token}, ${keep('Prompt')}`),
  }
  return {
    node: { template, display_name: keep('Display'), api_key: secret('Member') },
    gone,
    kept,
  }
}

/** The node by itself, in a group, and in a group of that group's flow. */
export function plantGraph(): Planted {
  const [outer, inner, innermost] = [plantNode('A'), plantNode('B'), plantNode('C')]
  const flowOf = (...nodes: unknown[]) => ({ data: { nodes, edges: [] } })
  const place = (id: string, node: object) => ({ id, data: { id, type: 'Any', node } })
  const group = { template: {}, flow: flowOf(place('c', innermost.node)) }
  const outerGroup = { template: {}, flow: flowOf(place('b', inner.node), place('g', group)) }
  return {
    graph: { nodes: [place('a', outer.node), place('h', outerGroup)], edges: [] },
    gone: [outer, inner, innermost].flatMap(({ gone }) => gone),
    kept: [outer, inner, innermost].flatMap(({ kept }) => kept),
  }
}
