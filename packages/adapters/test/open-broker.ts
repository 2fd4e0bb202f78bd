import type { Broker } from '@isobar/core'
import { postgres } from '../src/postgres/index.ts'

/** Opens the broker that a URL is for, as the processes of a test do: PostgreSQL, or Redis by BullMQ. It keeps what is done. */
export async function openBroker(url: string): Promise<Broker> {
  if (!url.startsWith('redis:')) return postgres(url, { retain: '1h' })
  const { bullmq } = await import('../src/bullmq/index.ts')
  return bullmq(url, { retain: '1h' })
}
