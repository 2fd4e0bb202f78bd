import type { Command } from '../command.ts'

/** Lets no worker take jobs of a queue. */
export const queuePause: Command = {
  name: 'queue pause',
  summary: 'hand out no jobs of a queue, which still takes them in',
  usage: 'QUEUE',
  parameters: { least: 1, most: 1 },
  options: {},
  run: ({ parameters: [queue = ''], use }) =>
    use(async (engine) => {
      await engine.pause(queue)
      return { json: { queue, paused: true }, text: `paused ${queue}; jobs that run go on\n` }
    }),
}

/** Lets workers take jobs of a queue again. */
export const queueResume: Command = {
  name: 'queue resume',
  summary: 'hand out jobs of a paused queue again',
  usage: 'QUEUE',
  parameters: { least: 1, most: 1 },
  options: {},
  run: ({ parameters: [queue = ''], use }) =>
    use(async (engine) => {
      await engine.resume(queue)
      return { json: { queue, paused: false }, text: `resumed ${queue}\n` }
    }),
}
