import type { Broker, Delivery, JobSpec, Lost, Outcome, QueueStats } from '@isobar/core'

/** A name for each queue of the platform, and back. */
export interface QueueNames {
  to(queue: string): string
  from(name: string): string
}

/** The platform's names where colons are not allowed: BullMQ makes keys of names with them. */
export const WITHOUT_COLONS: QueueNames = {
  to: (queue) => queue.replaceAll(':', '.'),
  from: (name) => name.replaceAll('.', ':'),
}

interface Queued {
  readonly queue: string
}

/** A broker whose queues have other names inside than those that everybody here knows them by. Ends with the other. */
export function renameQueues(broker: Broker, { to, from }: QueueNames): Broker {
  const into = <Of extends Queued>(one: Of): Of => ({ ...one, queue: to(one.queue) })
  const outOf = <Of extends Queued>(one: Of): Of => ({ ...one, queue: from(one.queue) })
  const deliveryInto = (delivery: Delivery): Delivery => ({ ...delivery, job: into(delivery.job) })
  const outcomeInto = (outcome: Outcome): Outcome =>
    outcome.kind === 'ack' && outcome.enqueue ? { ...outcome, enqueue: outcome.enqueue.map(into) } : outcome
  /** What was lost is known by the delivery that was given out, not by the one that the broker was asked with. */
  const toLost = (lost: readonly Lost[], asked: readonly Delivery[], given: readonly Delivery[]): readonly Lost[] =>
    lost.map((one) => ({ ...one, delivery: given[asked.indexOf(one.delivery)] ?? one.delivery }))

  const { deadLetters } = broker
  return {
    name: broker.name,
    can: broker.can,
    ready: async () => broker.ready?.(),
    send: (specs: readonly JobSpec[], options) => broker.send(specs.map(into), options),
    cancel: (id) => broker.cancel(id),
    async get(id) {
      const status = await broker.get(id)
      return status && outOf(status)
    },
    async receive(want) {
      const queues = want.queues.map(({ name, max }) => ({ name: to(name), max }))
      const deliveries = await broker.receive({ ...want, queues })
      return deliveries.map((delivery) => ({ ...delivery, job: outOf(delivery.job) }))
    },
    async settle(done) {
      const inside = done.map((one) => ({
        ...one,
        delivery: deliveryInto(one.delivery),
        outcome: outcomeInto(one.outcome),
      }))
      const lost = await broker.settle(inside)
      return toLost(
        lost,
        inside.map(({ delivery }) => delivery),
        done.map(({ delivery }) => delivery),
      )
    },
    async extend(held, leaseMs) {
      const inside = held.map(deliveryInto)
      return toLost(await broker.extend(inside, leaseMs), inside, held)
    },
    progress: (delivery, value) => broker.progress(deliveryInto(delivery), value),
    stats: async (queues): Promise<QueueStats[]> => (await broker.stats(queues.map(to))).map(outOf),
    pause: (queue) => broker.pause(to(queue)),
    resume: (queue) => broker.resume(to(queue)),
    deadLetters: {
      async list(options = {}) {
        const page = await deadLetters.list(
          options.queue === undefined ? options : into({ ...options, queue: options.queue }),
        )
        return { ...page, items: page.items.map(outOf) }
      },
      redrive: (which) => deadLetters.redrive('queue' in which ? into(which) : which),
      discard: (which) => deadLetters.discard('queue' in which ? into(which) : which),
    },
    [Symbol.asyncDispose]: async () => broker[Symbol.asyncDispose](),
  }
}
