// A box of the page, and what is told in it as names with their values.
import type { Child } from 'hono/jsx'

export function Box({ title, children }: { title: string; children?: Child }) {
  return (
    <section class="box" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

export const Facts = ({ of }: { of: [what: string, value: string][] }) => (
  <dl>
    {of.map(([what, value]) => (
      <div key={what}>
        <dt>{what}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)
