import type { BareHandler, ModuleOptions } from '@isobar/leak-harness'
import { createRelay, type Relay } from '../subjects/relay.ts'

let relay: Relay | undefined

/** What the leak harness replays: one of its jobs is one through a whole worker, and the one that follows up. */
const handler: BareHandler = () => {
  if (!relay) throw new Error('the relay is not running: the harness did not call setup')
  return relay.run(2)
}

export default handler

export const makeData = (i: number): { readonly n: number } => ({ n: i })

export const harness: ModuleOptions = {
  setup() {
    relay = createRelay()
  },
  teardown: () => relay?.[Symbol.asyncDispose](),
}
