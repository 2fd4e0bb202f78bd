import { expect, test } from 'vitest'
import { openWorkerd } from './open-workerd.ts'

test('the example of the docs: a request enqueues a job, and the job runs', async () => {
  const { miniflare, lines } = await openWorkerd(
    new URL('../../../../docs/examples/cloudflare-worker.ts', import.meta.url),
    {
      queueProducers: { EMAIL: 'email', DLQ: 'dead' },
      queueConsumers: { email: { maxBatchTimeout: 0.05 } },
    },
  )
  const answer = await miniflare.dispatchFetch('http://example/', { method: 'POST', body: 'ann@example.org' })
  expect(await answer.json()).toEqual({ id: expect.any(String) })
  while (!lines.includes('sent to ann@example.org')) await new Promise((resolve) => setTimeout(resolve, 20))
  const refused = await miniflare.dispatchFetch('http://example/', { method: 'POST', body: 'nobody' })
  expect(refused.status).toBe(500)
})
