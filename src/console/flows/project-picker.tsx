// Chooses a project. The API lists those that the caller may read whole and has no search for them: what is typed is
// looked for here.
import { Combobox, type Option, type Options } from '../combobox.tsx'

const MOST = 50

type Props = {
  label: string
  /** What may be chosen, in the order in which it is shown. */
  from: Option[]
  chosen: Option | undefined
  /** Empty where what was chosen is typed over. */
  choose: (id: string) => void
  keeps?: boolean
}

export const ProjectPicker = ({ from, choose, ...props }: Props) => (
  <Combobox
    isList
    among={from.length}
    find={async (text) => search(from, text)}
    choose={(project) => choose(project?.id ?? '')}
    {...props}
  />
)

/** Names that begin with the text first. */
function search(from: Option[], text: string): Options<Option> {
  const wanted = text.toLowerCase()
  const at = ({ name }: Option) => name.toLowerCase().indexOf(wanted)
  const fitting = wanted === '' ? from : from.filter((option) => at(option) >= 0)
  const options =
    wanted === '' ? fitting : [...fitting].sort((a, b) => Math.min(at(a), 1) - Math.min(at(b), 1))
  return { options: options.slice(0, MOST), more: Math.max(options.length - MOST, 0) }
}
