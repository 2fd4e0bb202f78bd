import type { Command } from '../command.ts'
import { NotFoundError } from '../errors.ts'
import { EXIT } from '../exit.ts'

/** Cancels a job. */
export const jobsCancel: Command = {
  name: 'jobs cancel',
  summary: 'cancel a job that is queued or running',
  usage: 'ID',
  parameters: { least: 1, most: 1 },
  options: {},
  run: ({ parameters: [id = ''], use }) =>
    use(async (engine) => {
      const before = await engine.get(id)
      if (await engine.cancel(id)) {
        const running = before?.state === 'running' ? '; it was running, and its signal aborts' : ''
        return { json: { id, canceled: true }, text: `canceled ${id}${running}\n` }
      }
      const state = (await engine.get(id))?.state ?? before?.state
      if (state === undefined) throw new NotFoundError(`there is no job ${id} (any more)`)
      return {
        json: { id, canceled: false, state },
        text: `not canceled: job ${id} is ${state}\n`,
        code: EXIT.failed,
      }
    }),
}
