// Which page stands at which address. A page is added here, in its own folder and in texts.ts, and nowhere else.
import type { JSX } from 'hono/jsx/jsx-runtime'
import { AccessPage } from './access/page.tsx'
import { FlowsPage } from './flows/page.tsx'
import { Empty } from './parts.tsx'
import { Link } from './router.tsx'
import { t } from './texts.ts'

type Page = {
  at: RegExp
  title: string
  /** In the list at the top, with this address. */
  link?: string
  show: (parts: string[]) => JSX.Element
}

export const pages: Page[] = [
  { at: /^\/flows$/, title: t.flows.title, link: '/flows', show: () => <FlowsPage /> },
  {
    at: /^\/access\/(flow|project)\/([0-9a-f-]{36})$/,
    title: t.access.title,
    show: ([kind = '', id = '']) => (
      <AccessPage key={id} scope={kind === 'flow' ? 'Flow' : 'Project'} id={id} />
    ),
  },
]

export const nowhere: Page = {
  at: /^/,
  title: t.nowhere,
  show: () => (
    <Empty title={t.nowhere}>
      <Link to="/flows">{t.toFlows}</Link>
    </Empty>
  ),
}
