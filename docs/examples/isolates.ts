import { serve } from '@isobar/adapters/node'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { render } from './isolates-app.ts'

const broker = createMemoryBroker()
const server = await serve(new URL('./isolates-app.ts', import.meta.url), {
  broker,
  isolates: { size: 1, jobs: 1000, memory: '256mb' },
  on: {
    recycle: ({ message }) => console.log(`recycled: ${message}`),
    settle: ({ job, outcome }) => console.log(outcome.kind, job.name),
    drain: () => console.log('draining'),
  },
  onStop: () => console.log('stopped'),
})

const jobs = createProducer(broker)
const { id } = await jobs.enqueue(render, { page: '/' })
while (server.worker.health().counts.done === 0) await new Promise((resolve) => setTimeout(resolve, 10))
console.log(id.length > 0, server.worker.health().executor.pool?.isolates[0]?.jobs)
await server.stop()
