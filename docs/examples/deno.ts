import { serve } from '@isobar/adapters/deno'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { lookAround } from './deno-app.ts'

const broker = createMemoryBroker()
const server = await serve(new URL('./deno-app.ts', import.meta.url), {
  broker,
  isolates: { size: 1, memory: '256mb', permissions: { net: ['127.0.0.1'], env: ['HOME'] } },
  health: { port: 0, hostname: '127.0.0.1' }, // 8080 in a container, and without a hostname
  on: { settle: ({ job, outcome }) => console.log(job.name, outcome.kind, outcome.kind === 'ack' && outcome.result) },
})

const ready = await fetch(`http://127.0.0.1:${server.healthPort}/readyz`)
console.log(ready.status)
await createProducer(broker).enqueue(lookAround, null)
while (server.worker.health().counts.done === 0) await new Promise((resolve) => setTimeout(resolve, 10))
await server.stop()
