import type { DeadLetter } from '@isobar/core'
import { toAge } from '../age.ts'
import type { Command } from '../command.ts'
import { UsageError } from '../errors.ts'
import { printable } from '../printable.ts'
import { cut, toTable } from '../table.ts'

/** Lists dead letters, newest first. */
export const deadList: Command = {
  name: 'dead list',
  summary: 'list dead letters, newest first',
  usage: '[options]',
  parameters: { least: 0, most: 0 },
  options: {
    queue: { value: 'QUEUE', help: 'of this queue; default: of all' },
    limit: { value: 'N', help: 'how many, at most 1000; default 50' },
    cursor: { value: 'CURSOR', help: 'where the page before ended' },
  },
  async run({ options, use, io }) {
    const { queue, cursor } = options
    const limit = toLimit(options['limit'])
    return use(async ({ deadLetters }) => {
      const page = await deadLetters.list({
        ...(queue && { queue }),
        ...(cursor && { cursor }),
        ...(limit !== undefined && { limit }),
      })
      const more = page.cursor === undefined ? '' : `more: --cursor ${page.cursor}\n`
      const text = page.items.length > 0 ? toText(page.items, io.now(), io.columns) : 'no dead letters\n'
      return { json: page, text: text + more }
    })
  },
}

function toLimit(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const limit = Number(value)
  if (Number.isSafeInteger(limit) && limit >= 1) return limit
  throw new UsageError(`--limit ${value} is not a whole number of at least 1`)
}

/** A line of facts and a line of the error for each. Ids are never cut: they are what other commands take. */
function toText(letters: readonly DeadLetter[], now: number, width: number | undefined): string {
  const table = toTable(
    [
      { title: 'ID' },
      { title: 'JOB', least: 8 },
      { title: 'QUEUE', least: 5 },
      { title: 'REASON', least: 9 },
      { title: 'DIED' },
    ],
    letters.map(({ id, name, queue, reason, diedAt }) => [id, name, queue, reason, `${toAge(now - diedAt)} ago`]),
    width,
  )
  const [head, ...rows] = table.trimEnd().split('\n')
  const lines = rows.flatMap((row, at) => [row, `  ${toError(letters[at] as DeadLetter, (width ?? 10_000) - 2)}`])
  return `${[head, ...lines].join('\n')}\n`
}

function toError({ error, attempts, crashes }: DeadLetter, width: number): string {
  const counts = [count(attempts, 'attempt'), crashes > 0 && count(crashes, 'crash', 'es')].filter(Boolean).join(', ')
  return cut(printable(`${counts}, ${error.name}: ${error.message}`), width)
}

function count(number: number, what: string, plural = 's'): string {
  return `${number} ${what}${number === 1 ? '' : plural}`
}
