import type { JobStatus } from '@isobar/core'
import { toMoment } from '../age.ts'
import type { Command } from '../command.ts'
import { NotFoundError } from '../errors.ts'
import { printable } from '../printable.ts'

/** Characters of a value that are shown. */
const MAX_VALUE = 2_000

/** Shows where a job stands. */
export const jobsShow: Command = {
  name: 'jobs show',
  summary: 'show where a job stands',
  usage: 'ID',
  parameters: { least: 1, most: 1 },
  options: {},
  run: ({ parameters: [id = ''], use, io }) =>
    use(async (engine) => {
      const status = await engine.get(id)
      if (!status)
        throw new NotFoundError(`there is no job ${id} (any more); done jobs are kept as long as \`retain\` says`)
      return { json: status, text: toText(status, io.now()) }
    }),
}

function toText(status: JobStatus, now: number): string {
  const { state, reason, error, progress, result, endedAt } = status
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['id', status.id],
    ['name', status.name],
    ['queue', status.queue],
    ['state', reason ? `${state} (${reason})` : state],
    ['priority', status.priority],
    ['attempt', String(status.attempt)],
    ['crashes', String(status.crashes)],
    ['enqueued', toMoment(status.enqueuedAt, now)],
    [state === 'running' ? 'lease' : 'due', endedAt === undefined ? toMoment(status.dueAt, now) : undefined],
    ['worker', status.workerId],
    ['progress', toValue(progress)],
    ['result', toValue(result)],
    ['error', error && `${error.name}: ${error.message}${error.code ? ` (${error.code})` : ''}`],
    ['ended', endedAt === undefined ? undefined : toMoment(endedAt, now)],
  ]
  const shown = rows.filter((row): row is [string, string] => row[1] !== undefined)
  return shown.map(([name, value]) => `${name.padEnd(8)}  ${printable(value)}\n`).join('')
}

function toValue(value: unknown): string | undefined {
  const text = value === undefined ? undefined : JSON.stringify(value)
  return text !== undefined && text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}… (--json shows all)` : text
}
