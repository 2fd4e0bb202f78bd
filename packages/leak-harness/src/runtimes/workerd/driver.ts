import { HarnessError } from '../../errors.ts'
import type { ObservedProcess, ReplayProcess, RuntimeDriver, StartOptions } from '../driver.ts'
import { ModuleFront } from './module-front.ts'
import { createObservedProcess } from './observed-process.ts'
import { loadPeers } from './peers.ts'
import { QueueFront } from './queue-front.ts'
import { createReplayProcess } from './replay-process.ts'

/** workerd, the runtime of Cloudflare's Workers: started through Miniflare, and looked into through its inspector. */
export const workerdDriver: RuntimeDriver = {
  name: 'workerd',
  async start(options: StartOptions): Promise<ReplayProcess> {
    const { worker, onProgress } = options
    if (worker) {
      const { workerd, front, wrangler } = await QueueFront.start(options, worker)
      return createReplayProcess(workerd, front, wrangler, onProgress)
    }
    const peers = await loadPeers()
    const { workerd, front } = await ModuleFront.start(options, peers)
    return createReplayProcess(workerd, front, peers, onProgress)
  },
  async observe(options: Omit<StartOptions, 'mode'>): Promise<ObservedProcess> {
    if (options.worker)
      throw new HarnessError(
        'HARNESS_NOT_AVAILABLE',
        '--bleed takes a module, and no Worker as it stands; leave it out',
      )
    const { workerd, front } = await ModuleFront.start({ ...options, mode: 'jit' }, await loadPeers())
    return createObservedProcess(workerd, front)
  },
}
