import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

/** A figure that a long test measured. */
interface Figure {
  readonly name: string
  readonly value: string
}

/** Where the figures of the long tests stand. */
const PAGE = new URL('../docs/figures.md', import.meta.url)

/** Notes a figure that a long test measured, for the docs. Does nothing outside `pnpm test:full`. */
export function recordFigure(name: string, value: string): void {
  const file = process.env['ISOBAR_FIGURES']
  if (file) appendFileSync(file, `${JSON.stringify({ name, value } satisfies Figure)}\n`)
}

/** Writes the figures that the long tests left in a file of JSON lines into the docs, with the machine they come from. */
export function writeFigures(file: string): void {
  const figures: Figure[] = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  const [cpu] = cpus()
  const machine = `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform}`
  const rows = figures.map(({ name, value }) => `| ${name} | ${value} |`)
  writeFileSync(
    PAGE,
    `# Figures of the long tests

Written by \`pnpm test:full\` on ${new Date().toISOString().slice(0, 10)}; not by hand.
Machine: ${machine}.

| what | figure |
|---|---|
${rows.join('\n')}
`,
  )
}
