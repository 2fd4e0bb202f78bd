import type { Command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { MAX_IDS, toMissing, toSelection } from './dead-selection.ts'

/** Puts dead letters back into their queues. */
export const deadRedrive: Command = {
  name: 'dead redrive',
  summary: 'put dead letters back into their queues, as new',
  usage: '(ID… | --queue QUEUE)',
  parameters: { least: 0, most: MAX_IDS },
  options: { queue: { value: 'QUEUE', help: 'all of this queue' } },
  async run(invocation) {
    const which = toSelection(invocation, 'dead redrive')
    return invocation.use(async ({ deadLetters }) => {
      const redriven = await deadLetters.redrive(which)
      const note = toMissing(which, redriven)
      return { json: { redriven }, text: `redriven: ${redriven}\n`, ...(note && { note, code: EXIT.notFound }) }
    })
  },
}
