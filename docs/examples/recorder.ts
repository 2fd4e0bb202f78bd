import { createHmac, randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@isobar/adapters/node'
import { createApp, defineJob } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { recorder } from '@isobar/core/plugins/recorder'
import { createProducer } from '@isobar/core/producer'

interface Email {
  readonly to: string
  readonly template: string
}
const sendEmail = defineJob<Email>({ name: 'email.send' })
const app = createApp().on(sendEmail, () => {})

const broker = createMemoryBroker()
const folder = mkdtempSync(join(tmpdir(), 'isobar-recorder-'))
const file = join(folder, 'jobs.jsonl')

const key = randomBytes(32)
const alias = (text: string): string => createHmac('sha256', key).update(text).digest('hex').slice(0, 12)

const recording = recorder({
  write: (line) => appendFileSync(file, `${line}\n`, { mode: 0o600 }),
  sample: 1, // 0.01 is one job in a hundred
  redact(data) {
    const { to, template } = data as Email
    return { to: `${alias(to)}@example.com`, template } // different where they were, and nobody's
  },
})
const server = await serve(app, { broker, on: { start: recording.record } })

await createProducer(broker).enqueue(sendEmail, { to: 'ann@example.org', template: 'welcome' })
while (server.worker.health().counts.done === 0) await new Promise((resolve) => setTimeout(resolve, 10))
await server.stop()
const { name, data, attempt } = JSON.parse(readFileSync(file, 'utf8'))
console.log(recording.stats().recorded, name, data.to.endsWith('@example.com'), attempt)
rmSync(folder, { recursive: true })
