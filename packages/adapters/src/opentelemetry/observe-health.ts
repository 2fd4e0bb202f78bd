import type { MemoryReading } from '@isobar/core'
import type { WorkerHealth } from '@isobar/core/worker'
import type { Attributes, BatchObservableCallback, Meter } from '@opentelemetry/api'
import { ATTRIBUTE } from './attributes.ts'

/** Slots of isolates that are told apart, as `/metrics` does. */
const MAX_SLOTS = 64

type Tell = (value: number, attributes: Attributes) => void

/** Gauges of a worker's health, read once a collection. The function returned takes them away. */
export function observeHealth(meter: Meter, worker: { health(): WorkerHealth }): () => void {
  const gauge = (name: string, unit: string, description: string) =>
    meter.createObservableGauge(`isobar.${name}`, { unit, description })
  const queueJobs = gauge('queue.jobs', '{job}', 'Jobs in a queue, by state.')
  const oldestAge = gauge('queue.oldest_age', 's', 'How long the oldest due job has waited.')
  const left = gauge('job.left', 'By', 'What a job leaves behind, as the sentinel estimates it.')
  const workerMemory = gauge('worker.memory', 'By', 'Memory of the worker’s process, by kind.')
  const isolateMemory = gauge('isolate.memory', 'By', 'Memory of an isolate, by slot and kind.')
  const all = [queueJobs, oldestAge, left, workerMemory, isolateMemory]

  const observe: BatchObservableCallback = (result) => {
    const health = worker.health()
    for (const stats of health.queueFigures?.queues ?? []) {
      const queue = { [ATTRIBUTE.destination]: stats.queue }
      for (const state of ['ready', 'delayed', 'active', 'dead'] as const)
        result.observe(queueJobs, stats[state], { ...queue, 'isobar.state': state })
      result.observe(oldestAge, stats.oldestAgeMs / 1_000, queue)
    }
    for (const { name, bytesPerJob } of health.leaks) result.observe(left, bytesPerJob, { [ATTRIBUTE.jobName]: name })
    tellMemory(health.memory, {}, (value, attributes) => result.observe(workerMemory, value, attributes))
    const tell: Tell = (value, attributes) => result.observe(isolateMemory, value, attributes)
    for (const { slot, memory } of health.executor.pool?.isolates ?? []) {
      if (slot !== undefined && slot < MAX_SLOTS) tellMemory(memory, { 'isobar.slot': slot }, tell)
    }
  }
  meter.addBatchObservableCallback(observe, all)
  return () => meter.removeBatchObservableCallback(observe, all)
}

/** `total` and `rss` overlap: they are no parts of one sum. */
function tellMemory(reading: MemoryReading | undefined, attributes: Attributes, tell: Tell): void {
  if (!reading) return
  for (const kind of ['total', 'heapUsed', 'external', 'rss', 'limit'] as const) {
    const bytes = reading[kind]
    if (bytes !== undefined) tell(bytes, { ...attributes, 'isobar.kind': kind })
  }
}
