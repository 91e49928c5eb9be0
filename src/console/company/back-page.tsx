// Where a sign-in ends that was begun in front of another tab's page: that one goes on by itself.
import { useEffect } from 'hono/jsx/dom'
import { Link } from '../router.tsx'
import { tellTabs } from '../session.ts'
import { t } from '../texts.ts'

export function BackPage() {
  useEffect(tellTabs, [])
  return (
    <>
      <h1>{t.company.back}</h1>
      <p>{t.company.backHint}</p>
      <p>
        <Link to="/flows">{t.toFlows}</Link>
      </p>
    </>
  )
}
