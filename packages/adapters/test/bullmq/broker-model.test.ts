import { afterAll, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { bullmq } from '../../src/bullmq/index.ts'
import { compareWithModel } from '../broker-model.ts'
import { removeKeys } from './redis.ts'

const url = await serviceUrl('redis')
const prefix = `model-${crypto.randomUUID()}`
afterAll(() => removeKeys(url, prefix))

test.each([
  ['keeps nothing', {}],
  ['retains', { retain: '1h' }],
] as const)(
  'does what the memory broker does, step by step: %s',
  async (variant, options) => {
    await using broker = bullmq(url, { prefix: `${prefix}-${variant}`, ...options })
    await compareWithModel(broker, { keepsPlaces: false })
  },
  120_000,
)
