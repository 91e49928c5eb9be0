// Which page stands at which address. A page is added here, in its own folder and in texts.ts, and nowhere else.
import type { JSX } from 'hono/jsx/jsx-runtime'
import { AccessPage } from './access/page.tsx'
import { AuditPage } from './audit/page.tsx'
import { BackPage } from './company/back-page.tsx'
import { FlowsPage } from './flows/page.tsx'
import { MePage } from './me/page.tsx'
import { PeoplePage } from './people/page.tsx'
import { PersonPage } from './person/page.tsx'
import { RolesPage } from './roles/page.tsx'
import { Link, type Place } from './router.tsx'
import { StatePage } from './state/page.tsx'
import { TeamsPage } from './teams/page.tsx'
import { TeamPage } from './teams/team-page.tsx'
import { t } from './texts.ts'

type Page = {
  at: RegExp
  title: string
  /** In the list at the top, with this address. */
  link?: string
  /** Only these see the link. */
  only?: 'admins'
  /** With what the parentheses of `at` hold. */
  show: (place: Place, parts: string[]) => JSX.Element
}

export const pages: Page[] = [
  {
    at: /^\/(?:flows)?$/,
    title: t.flows.title,
    link: '/flows',
    show: ({ query }) => <FlowsPage query={query} />,
  },
  {
    at: /^\/access\/(flow|project)\/([0-9a-f-]{36})$/,
    title: t.access.title,
    show: ({ name }, [kind = '', id = '']) => (
      <AccessPage key={id} scope={kind === 'flow' ? 'Flow' : 'Project'} id={id} known={name} />
    ),
  },
  { at: /^\/me$/, title: t.me.title, show: () => <MePage /> },
  { at: /^\/back$/, title: t.company.back, show: () => <BackPage /> },
  {
    at: /^\/people$/,
    title: t.people.title,
    link: '/people',
    only: 'admins',
    show: ({ query }) => <PeoplePage query={query} />,
  },
  {
    at: /^\/people\/([0-9a-f-]{36})$/,
    title: t.person.title,
    show: ({ name, query }, [id = '']) => (
      <PersonPage key={id} id={id} known={name} query={query} />
    ),
  },
  {
    at: /^\/teams$/,
    title: t.teams.title,
    link: '/teams',
    show: ({ query }) => <TeamsPage query={query} />,
  },
  {
    at: /^\/teams\/([0-9a-f-]{36})$/,
    title: t.teams.team,
    show: ({ query }, [id = '']) => <TeamPage key={id} id={id} query={query} />,
  },
  {
    at: /^\/roles$/,
    title: t.roles.title,
    link: '/roles',
    only: 'admins',
    show: ({ query }) => <RolesPage query={query} />,
  },
  {
    at: /^\/audit$/,
    title: t.audit.title,
    link: '/audit',
    only: 'admins',
    show: ({ query }) => <AuditPage query={query} />,
  },
  {
    at: /^\/state$/,
    title: t.state.title,
    link: '/state',
    only: 'admins',
    show: () => <StatePage />,
  },
]

export const nowhere: Page = {
  at: /^/,
  title: t.nowhere,
  show: () => (
    <>
      <h1>{t.nowhere}</h1>
      <p>
        <Link to="/flows">{t.toFlows}</Link>
      </p>
    </>
  ),
}
