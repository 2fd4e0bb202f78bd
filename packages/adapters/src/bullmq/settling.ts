import type { Lost, Settlement } from '@isobar/core'
import type { Value } from './connection.ts'
import { Bases } from './keys.ts'
import type { LookupContext } from './lookup.ts'
import { toLost, toSettleValues } from './settlements.ts'

/** Deliveries that one script settles: it runs alone, and others wait for it. */
const MAX_JOBS = 250

/** Values after which a script has enough: a job may have 1,000 follow-ups. */
const MAX_VALUES = 20_000

/** Characters of results and follow-ups after which a script has enough. */
const MAX_CHARS = 16_000_000

/** Settles a batch, in one round trip unless it is large. */
export async function settleAll(context: LookupContext, batch: readonly Settlement[]): Promise<Lost[]> {
  const lost: Lost[] = []
  for (const chunk of toChunks(inOrder(batch), context)) {
    const answer = await context.connection.run('settle', 'settle', chunk.bases.keys, chunk.values)
    lost.push(
      ...toLost(
        answer,
        chunk.settlements.map(({ delivery }) => delivery),
      ),
    )
  }
  return lost
}

/** What goes back to the front of its queue goes last, and backwards: the first of them comes to stand in front. */
function inOrder(batch: readonly Settlement[]): readonly Settlement[] {
  const toFront = ({ outcome }: Settlement): boolean => outcome.kind === 'release' && !outcome.delayMs
  const back = batch.filter(toFront)
  return back.length > 1 ? [...batch.filter((one) => !toFront(one)), ...back.reverse()] : batch
}

interface Chunk {
  readonly bases: Bases
  readonly settlements: Settlement[]
  readonly values: Value[]
}

function* toChunks(batch: readonly Settlement[], { keys, settings }: LookupContext): Generator<Chunk> {
  const begin = (): Chunk => ({ bases: new Bases(keys, keys.queues), settlements: [], values: [keys.prefix] })
  let chunk = begin()
  let chars = 0
  for (const settlement of batch) {
    if (chunk.settlements.length >= MAX_JOBS || chunk.values.length > MAX_VALUES || chars > MAX_CHARS) {
      yield chunk
      chunk = begin()
      chars = 0
    }
    const values = toSettleValues(settlement, chunk.bases, settings)
    for (const value of values) {
      chunk.values.push(value)
      if (typeof value === 'string') chars += value.length
    }
    chunk.settlements.push(settlement)
  }
  yield chunk
}
