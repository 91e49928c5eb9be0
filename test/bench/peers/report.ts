// What flowgate and its peers took for the same pages, as a table. Pure.

export type Compared = {
  caller: string
  total: number
  flowgate: number
  function: number
  rowLevel: number
}
export type PeersReport = {
  flows: number
  version: string
  command: string
  machine: string
  date: string
  rounds: number
  compared: Compared[]
}

const number = (n: number) => n.toLocaleString('en-US')

export function toMarkdown(report: PeersReport): string {
  const { command, flows, version, machine, date, rounds, compared } = report
  return [
    `\`${command}\`, ${number(flows)} flows, ${version}, ${machine}, ${date}. First pages of 50 headers with their exact total, median ms of ${rounds} rounds in which all take turns; the ratio is flowgate's to the function.`,
    '',
    '| caller | sees | flowgate | a function in Postgres | row-level security by role | ratio |',
    '|---|---:|---:|---:|---:|---:|',
    ...compared.map(
      (row) =>
        `| ${row.caller} | ${number(row.total)} | ${row.flowgate.toFixed(1)} | ${row.function.toFixed(1)} | ${row.rowLevel.toFixed(1)} | x${(row.flowgate / row.function).toFixed(2)} |`,
    ),
    '',
    `All three gave the same ${number(compared.length)} totals and pages, id by id.`,
    '',
  ].join('\n')
}
