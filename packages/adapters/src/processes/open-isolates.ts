import { Hooks } from '@isobar/core/worker'
import { fromManifestSchedule } from './isolates/manifest.ts'
import { isolates } from './isolates/pool.ts'
import { SCALE_EVERY_MS, Scaling } from './isolates/scaling.ts'
import { readMemory } from './memory.ts'
import { addListeners, type Opened } from './opened.ts'
import type { ServeIsolatesOptions } from './serve.ts'

export type { IsolateOptions } from './isolates/settings.ts'

/**
 * The app of a module, whose handlers run in isolates.
 * @throws {OptionError}
 * @throws the error with which the module could not be loaded.
 */
export async function openIsolates(
  module: URL | string,
  { isolates: options, on = {} }: ServeIsolatesOptions,
): Promise<Opened> {
  const hooks = new Hooks()
  // Before the isolates start: what nobody listens to, they do not tell.
  const removers = addListeners(on, (name, hook) => hooks.add(name, hook))
  const pool = await isolates(module, options, hooks)
  const { queues, schedules } = await pool.ready()
  const { scale } = pool.settings
  let scaling: Scaling | undefined
  return {
    executor: pool,
    memory: { read: readMemory },
    queues,
    schedules: schedules.map(fromManifestSchedule),
    ...(scale && { statsEvery: SCALE_EVERY_MS }),
    unhealthy: 'no isolate serves and none can be started: the app does not load any more',
    addHook: (name, hook) => hooks.add(name, hook),
    listen: () => removers,
    begin(worker) {
      if (scale) scaling = new Scaling(pool, scale, () => worker.health())
    },
    stop: () => scaling?.stop(),
    recycle: () => pool.recycle(),
  }
}
