import type { App } from '@isobar/core'
import { InProcessExecutor } from '@isobar/core/worker'
import { MemoryWatch } from './memory-watch.ts'
import { addListeners, type Opened } from './opened.ts'
import type { ServeOptions } from './serve.ts'

/**
 * An app whose handlers run in this process.
 * @throws {MissingProviderError | OptionError}
 */
export function openInProcess<Env>(app: App<Env>, { concurrency, env }: ServeOptions<Env>): Opened {
  const executor = new InProcessExecutor<Env>(app, {
    ...(env !== undefined && { env }),
    ...(concurrency !== undefined && { concurrency }),
  })
  const memory = new MemoryWatch(app)
  return {
    executor,
    memory,
    queues: app.queues,
    schedules: app.schedules,
    unhealthy: 'half of the slots are held by handlers that ignored their timeouts',
    addHook: (name, hook) => app.addHook(name, hook),
    listen: (on) => addListeners(on, (name, hook) => app.addHook(name, hook)),
    stop: () => memory.stop(),
  }
}
