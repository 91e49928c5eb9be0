// Two worlds held against each other as a table, and what is allowed. Pure.

/** The same but in one thing: how many flows, or how many bytes of each graph. */
export type Pair = {
  readonly what: string
  readonly flows: readonly [number, number]
  readonly bytes: readonly [number, number]
}
/** Median milliseconds of a caller's page of headers in both. */
export type Compared = Pair & { readonly caller: string; readonly ms: readonly [number, number] }

type WorldsReport = {
  command: string
  machine: string
  date: string
  rounds: number
  compared: readonly Compared[]
}

const GROWTH = { most: 1.2, aim: 1.1 }
const GRAPHS = { most: 1.15, aim: 1.05 }
const budgetOf = ({ bytes: [one, other] }: Pair) => (one === other ? GROWTH : GRAPHS)
const ratioOf = ({ ms: [before, after] }: Compared) => after / before
const isMissed = (row: Compared) => ratioOf(row) > budgetOf(row).most

const number = (n: number) => n.toLocaleString('en-US')
const pairOf = (row: Pair) => `${row.what}, ${row.flows.map(number).join(' and ')} flows`

export function toMarkdown({ command, machine, date, rounds, compared }: WorldsReport): string {
  return [
    `\`${command}\`, ${machine}, ${date}. First pages of 50 headers with their total, median of ${rounds} rounds in which both worlds take turns; graphs are of 0.2 KB where nothing else is said.`,
    '',
    '| what differs | caller | ms | ms then | ratio | at most; aim |',
    '|---|---|---:|---:|---:|---|',
    ...compared.map((row) => {
      const { most, aim } = budgetOf(row)
      const [before, after] = row.ms.map((ms) => ms.toFixed(1))
      return `| ${pairOf(row)} | ${row.caller} | ${before} | ${after} | x${ratioOf(row).toFixed(2)} | x${most}; x${aim} ${isMissed(row) ? '**missed**' : 'met'} |`
    }),
    '',
  ].join('\n')
}

/** A line for each budget that is not met. */
export const missesOf = (compared: readonly Compared[]): string[] =>
  compared
    .filter(isMissed)
    .map(
      (row) =>
        `${row.caller}, ${pairOf(row)}: x${ratioOf(row).toFixed(2)} (at most x${budgetOf(row).most})`,
    )
