// The last day on which something counts, which may be left out.
import { valueIn } from './parts.tsx'
import { t } from './texts.ts'

type UntilProps = { name: string; value: string; set: (day: string) => void }

/** From today on, as the clock on the wall says it: it counts until the end of that day there. */
export const UntilField = ({ name, value, set }: UntilProps) => (
  <label>
    {t.access.until}
    <input
      type="date"
      name={name}
      // In Swedish a day is written as the field wants it.
      min={new Date().toLocaleDateString('sv')}
      max="9999-12-31"
      value={value}
      onInput={(event: Event) => set(valueIn(event))}
    />
  </label>
)
