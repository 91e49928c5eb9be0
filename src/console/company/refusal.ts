// Why a way through a company's provider has ended here: a code in the address, which leaves it at once, so that
// neither a reload nor a bookmark says it again.
import { Problem } from '../problem.ts'
import { changeQuery } from '../router.tsx'
import { storeOf } from '../store.ts'
import { t } from '../texts.ts'

export const refusal = storeOf<Problem | undefined>(read())

function read(): Problem | undefined {
  const code = new URLSearchParams(window.location.search).get('refused')
  if (code === null) return undefined
  // Anybody may write an address: what is no code of ours is not said.
  const words = Object.hasOwn(t.company.refused, code) ? t.company.refused[code] : undefined
  return new Problem(words ?? t.company.refusedAnyhow, { status: 0, code })
}

/** The address without it. */
export const cleanAddress = () => changeQuery({ refused: undefined }, true)
