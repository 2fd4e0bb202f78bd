import { type BrokerCaseOptions, brokerCases } from '@isobar/core/testing'
import { Redis } from 'ioredis'
import { afterAll, describe, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { bullmq } from './bullmq.ts'
import type { BullmqOptions } from './options.ts'

const url = await serviceUrl('redis')

/** The ways to configure a broker that change what it does. */
const variants: readonly [name: string, BullmqOptions, BrokerCaseOptions][] = [
  ['keeps nothing', {}, { retains: false }],
  ['retains', { retain: '1h' }, {}],
  ['gives every priority a number of its own', { priorities: { high: 1, normal: 2, low: 3 } }, { retains: false }],
]

describe.concurrent.each(variants)('on Redis, %s', (_name, options, cases) => {
  const prefix = `conformance-${crypto.randomUUID()}`
  for (const { name, run } of brokerCases(() => bullmq(url, { prefix, ...options }), cases)) test(name, run)

  afterAll(async () => {
    const client = new Redis(url)
    for await (const keys of client.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
      if (keys.length > 0) await client.unlink(...keys)
    }
    await client.quit()
  })
})
