import { serve } from '@isobar/adapters/bun'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { render } from './isolates-app.ts'

const broker = createMemoryBroker()
const server = await serve(new URL('./isolates-app.ts', import.meta.url), {
  broker,
  isolates: { size: 1, jobs: 1000, memory: '256mb' },
  on: { settle: ({ job, outcome }) => console.log(outcome.kind, job.name) },
})

await createProducer(broker).enqueue(render, { page: '/' })
while (server.worker.health().counts.done === 0) await new Promise((resolve) => setTimeout(resolve, 10))
await server.stop()
