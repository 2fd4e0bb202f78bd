import type { Command, Invocation } from '../command.ts'
import { NotConfirmedError, UsageError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { printable } from '../printable.ts'
import { MAX_IDS, toMissing, toSelection } from './dead-selection.ts'

/** Deletes dead letters. */
export const deadDiscard: Command = {
  name: 'dead discard',
  summary: 'delete dead letters for good',
  usage: '(ID… | --queue QUEUE [--yes])',
  parameters: { least: 0, most: MAX_IDS },
  options: {
    queue: { value: 'QUEUE', help: 'all of this queue; asks first' },
    yes: { help: 'do not ask' },
  },
  async run(invocation) {
    const which = toSelection(invocation, 'dead discard')
    // Before anything is opened: nobody else waits for an answer at a terminal.
    if ('queue' in which) await confirm(which.queue, invocation)
    return invocation.use(async ({ deadLetters }) => {
      const discarded = await deadLetters.discard(which)
      const note = toMissing(which, discarded)
      return { json: { discarded }, text: `discarded: ${discarded}\n`, ...(note && { note, code: EXIT.notFound }) }
    })
  },
}

async function confirm(queue: string, { options, io }: Invocation): Promise<void> {
  if (options['yes'] !== undefined) return
  if (!io.ask) {
    throw new UsageError(`discarding all dead letters of queue ${queue} needs --yes where nobody can be asked`)
  }
  const answer = await io.ask(
    `This deletes all dead letters of queue ${printable(queue)}. Type the queue's name to go on: `,
  )
  if (answer.trim() !== queue)
    throw new NotConfirmedError('nothing was discarded; type the name of the queue, or give --yes')
}
