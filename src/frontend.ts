// What LangBuilder's front end asks on its way in, beside the contract: without these answers nobody gets past its
// sign-in page. They are true of flowgate, which has no store, no variables, no pictures, and runs no flows.
import { Hono } from 'hono/tiny'
import * as v from 'valibot'
import { about } from './about.ts'
import type { SignedIn } from './access/signed-in.ts'
import { MAX_BODY_BYTES } from './defence.ts'
import type { Env, Open } from './env.ts'
import { ApiError } from './errors.ts'
import { text as textOf } from './fields.ts'
import type { MethodsAt } from './methods.ts'
import { path } from './params.ts'
import { arrayOf, count, flag, object, oneOf, text } from './wire.ts'

/** What the front end goes by. Nothing is built here, so that it may ask for events as it likes. */
const toConfig = (env: Env) => ({
  feature_flags: { mvp_components: false },
  frontend_timeout: 0,
  auto_saving: env.AUTO_SAVING_INTERVAL_MS > 0,
  auto_saving_interval: env.AUTO_SAVING_INTERVAL_MS,
  health_check_max_retries: 5,
  max_file_size_upload: MAX_BODY_BYTES / 1024 / 1024,
  webhook_polling_interval: 5000,
  serialization_max_items_length: 1000,
  serialization_max_text_length: 1000,
  public_flow_cleanup_interval: 3600,
  public_flow_expiration: 86_400,
  event_delivery: 'polling' as const,
})

const toVersion = ({ FRONTEND_VERSION: version }: Env) => ({
  version,
  main_version: /^[\d.]*\d/.exec(version)?.[0] ?? version,
  package: 'flowgate',
})

/** One for everybody: a head and shoulders, grey by day and by night. */
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="#9aa0a6"/>' +
  '<circle cx="16" cy="12.5" r="5.5" fill="#fff"/><path d="M5.5 27a10.5 9 0 0 1 21 0 16 16 0 0 1-21 0" fill="#fff"/></svg>'

/** Opened by itself, a picture is a page of ours. */
const PICTURE_POLICY = "default-src 'none'; sandbox"

const PicturePath = v.object({ folder: textOf(255), name: textOf(255) })

const Config = object({
  feature_flags: object({ mvp_components: flag }),
  frontend_timeout: count,
  auto_saving: flag,
  auto_saving_interval: count,
  health_check_max_retries: count,
  max_file_size_upload: count,
  webhook_polling_interval: count,
  serialization_max_items_length: count,
  serialization_max_text_length: count,
  public_flow_cleanup_interval: count,
  public_flow_expiration: count,
  event_delivery: oneOf('polling'),
})

/** Asked for without a token, or by an `img`; the same for all, and never the database's work. */
export const openWayIn = new Hono<Open>()
  .get(
    '/config',
    about({
      summary: "What LangBuilder's front end goes by",
      open: true,
      reads: 'settings',
      gives: Config,
    }),
    (c) => c.json(toConfig(c.var.env)),
  )
  .get(
    '/version',
    about({
      summary: "The version that LangBuilder's front end writes into files",
      open: true,
      reads: 'settings',
      gives: object({ version: text, main_version: text, package: text }),
    }),
    (c) => c.json(toVersion(c.var.env)),
  )
  .get(
    '/store/check/',
    about({
      summary: 'Is there a store? There is none',
      open: true,
      reads: 'settings',
      gives: object({ enabled: flag }),
    }),
    (c) => c.json({ enabled: false }),
  )
  .get(
    '/store/tags',
    about({
      summary: 'The tags of the store, which is not there',
      open: true,
      reads: 'settings',
      gives: arrayOf(text),
    }),
    (c) => c.json([] as string[]),
  )
  .get(
    '/files/profile_pictures/list',
    about({
      summary: 'The pictures to choose from, of which there are none',
      open: true,
      reads: 'settings',
      tagged: true,
      gives: object({ files: arrayOf(text) }),
    }),
    (c) => c.json({ files: [] as string[] }),
  )
  .get(
    '/files/profile_pictures/:folder/:name',
    about({
      summary: 'A picture of somebody: one for all',
      open: true,
      reads: 'settings',
      tagged: true,
      archive: 'image/svg+xml',
    }),
    path(PicturePath),
    (c) =>
      c.body(PICTURE, 200, {
        'content-type': 'image/svg+xml',
        'content-security-policy': PICTURE_POLICY,
      }),
  )

/** A caller's own, so that there must be a caller, here and now. */
export const wayIn = new Hono<SignedIn>()
  .get(
    '/variables/',
    about({
      summary: "The caller's variables, of which there are none here",
      gives: arrayOf(text),
    }),
    async (c) => {
      await c.var.ask.ensureJudged()
      return c.json([] as string[])
    },
  )
  .get(
    '/store/check/api_key',
    about({
      summary: 'Has the caller a key for the store? There is no store',
      gives: object({ has_api_key: flag, is_valid: flag }),
    }),
    async (c) => {
      await c.var.ask.ensureJudged()
      return c.json({ has_api_key: false, is_valid: false })
    },
  )

/** What only LangBuilder's own server has, by the first words of the path. */
const elsewhere = [
  ...['all', 'custom_component', 'starter-projects', 'validate', 'variables', 'mcp', 'voice'],
  ...['build', 'build_public_tmp', 'run', 'process', 'predict', 'task', 'webhook', 'responses'],
  ...['monitor', 'upload', 'store/components', 'store/users'],
  ...['upload', 'download', 'images', 'list', 'delete'].map((word) => `files/${word}`),
].map((word) => `/api/v1/${word}`)

/** 404 that says where to ask; open to everybody, for it says nothing else, and before anything is measured or read. */
export function onlyLangBuilders(methodsAt: MethodsAt) {
  const app = new Hono<Open>()
  for (const path of [...elsewhere, '/api/v2'])
    app.all(`${path}/*`, (c, next) => {
      const { method } = c.req
      if (method === 'OPTIONS' || methodsAt(c.req.path).includes(method)) return next()
      throw new ApiError(
        'not_found',
        `Only LangBuilder's own server answers under ${path}: flowgate guards and lists flows, and runs none.`,
      )
    })
  return app
}
