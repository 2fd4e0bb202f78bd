import type { QueueStats } from '@isobar/core'
import { toAge } from '../age.ts'
import type { Command } from '../command.ts'
import { suggest } from '../nearest.ts'
import { toTable } from '../table.ts'

/** Queues that may be asked for at once. */
const MAX_QUEUES = 10_000

/** Shows the figures of queues. */
export const stats: Command = {
  name: 'stats',
  summary: 'show how many jobs wait, run and are dead in each queue',
  usage: '[QUEUE…]',
  parameters: { least: 0, most: MAX_QUEUES },
  options: {},
  run: ({ parameters, use, io }) =>
    use(async (engine) => {
      const known = await engine.queues()
      const queues = await engine.stats(parameters.length > 0 ? parameters : known)
      const unknown = parameters.find((name) => !known.includes(name))
      return {
        json: { queues },
        text: queues.length > 0 ? toText(queues, io.columns) : 'no queue holds a job or is paused\n',
        ...(unknown !== undefined && { note: `queue ${unknown} holds no job${suggest(unknown, known)}` }),
      }
    }),
}

function toText(queues: readonly QueueStats[], width: number | undefined): string {
  const count = { align: 'right' } as const
  return toTable(
    [
      { title: 'QUEUE', least: 12 },
      { title: 'READY', ...count },
      { title: 'DELAYED', ...count },
      { title: 'ACTIVE', ...count },
      { title: 'DEAD', ...count },
      { title: 'OLDEST', ...count },
      { title: '' },
    ],
    queues.map(({ queue, ready, delayed, active, dead, oldestAgeMs, paused }) => [
      queue,
      ...[ready, delayed, active, dead].map(String),
      ready > 0 ? toAge(oldestAgeMs) : '-',
      paused ? 'paused' : '',
    ]),
    width,
  )
}
