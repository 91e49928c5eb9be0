// A password that is handed over: it is shown, for whoever types it has to pass it on.
import { valueIn } from '../parts.tsx'
import { t } from '../texts.ts'

const [LEAST, MOST] = [8, 128]

export const isLongEnough = (secret: string) => [...secret].length >= LEAST

export function Secret({ value, change }: { value: string; change: (secret: string) => void }) {
  return (
    <>
      <label>
        {t.people.secret}
        <input
          name="secret"
          autocomplete="off"
          spellcheck={false}
          minlength={LEAST}
          maxlength={MOST}
          required
          value={value}
          onInput={(event: Event) => change(valueIn(event))}
        />
      </label>
      <p class="faint">{t.people.secretHint}</p>
    </>
  )
}
