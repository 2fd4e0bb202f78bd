import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { expect, onTestFinished, test } from 'vitest'
import { leak, work } from '../../test/fixtures/served-app.ts'
import { serve } from '../processes/entry.ts'
import type { HealthAnswer, LivePoint } from './contract.ts'
import { createHttp, createMonitor } from './index.ts'

const MODULE = new URL('../../test/fixtures/served-app.ts', import.meta.url)

test('isolates: their memory by slot, jobs by type, recycles by cause, asked for over HTTP', async () => {
  const broker = createMemoryBroker()
  const server = await serve(MODULE, { broker, signals: false, isolates: { size: 1, memory: '300mb' } })
  const monitor = createMonitor(server)
  onTestFinished(async () => void (await server.stop()))
  const recycled = Promise.withResolvers<LivePoint>()
  const read = Promise.withResolvers<LivePoint>()
  monitor.listen({
    point(text) {
      const point: LivePoint = JSON.parse(text)
      if (point.slots[0]?.[2]) read.resolve(point)
      if (point.recycles.length > 0) recycled.resolve(point)
    },
    end() {},
  })
  const done = Promise.withResolvers<void>()
  server.addHook('settle', () => done.resolve())
  await createProducer(broker).enqueue(work, {})
  await done.promise
  const [slot, total, rss, limit] = (await read.promise).slots[0] ?? []
  expect([slot, limit]).toEqual([0, 300_000_000])
  expect(rss).toBeGreaterThan(total ?? 0)

  const before = monitor.metrics()
  expect(before).toContain('isobar_jobs_total{queue="work",job="work",outcome="ack"} 1\n')
  expect(before).toMatch(/isobar_isolate_rss_bytes\{slot="0"\} \d{8,}\n/)
  expect(before).toContain('isobar_isolate_memory_limit_bytes{slot="0"} 300000000\n')
  expect(before).toContain('isobar_isolates_wanted 1\n')

  const http = createHttp(monitor, { authorize: () => true })
  const headers = { 'content-type': 'application/json', 'x-isobar': '1' }
  expect((await http.request('/api/recycle', { method: 'POST', headers })).status).toBe(200)
  const { recycles } = await recycled.promise
  expect(recycles).toEqual([[0, 'asked', expect.any(String)]])
  expect(monitor.metrics()).toContain('isobar_isolate_recycles_total{slot="0",cause="asked"} 1\n')
}, 30_000)

test('pauses of collections: by slot and kind, and they go on when its isolate is replaced', async () => {
  const broker = createMemoryBroker()
  const server = await serve(MODULE, { broker, signals: false, isolates: { size: 1, memory: '300mb' } })
  const monitor = createMonitor(server)
  onTestFinished(async () => void (await server.stop()))
  const producer = createProducer(broker)
  const counted = (kind: string): number => {
    const line = new RegExp(`^isobar_isolate_gc_pause_seconds_count{slot="0",kind="${kind}"} (\\d+)$`, 'm')
    return Number(line.exec(monitor.metrics())?.[1] ?? 0)
  }
  const runUntil = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      const settled = Promise.withResolvers<void>()
      const unhook = server.addHook('settle', () => settled.resolve())
      await producer.enqueue(leak, { bytes: 1_000 })
      await settled.promise
      unhook()
    }
  }
  const servingPid = (): number | undefined =>
    monitor.health().executor.pool?.isolates.find(({ slot, memory }) => slot === 0 && memory?.rss)?.pid

  // One was asked for when it had loaded.
  await runUntil(() => counted('major') > 0)
  const [pid, before] = [servingPid(), counted('major')]
  const bounds = /^isobar_isolate_gc_pause_seconds_bucket{slot="0",kind="major",le="([^"]+)"} \d+$/gm
  const told = [...monitor.metrics().matchAll(bounds)].map(([, bound]) => bound)
  expect(told).toEqual(['0.001', '0.0025', '0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '+Inf'])
  server.recycle()
  await runUntil(() => servingPid() !== undefined && servingPid() !== pid && counted('minor') > 0)
  expect(counted('major')).toBeGreaterThanOrEqual(before)
}, 60_000)

test('what a job leaves behind: unknown at first, which is null, as JSON has no infinity', async () => {
  const broker = createMemoryBroker()
  const server = await serve(MODULE, { broker, signals: false, isolates: { size: 1, memory: '300mb' } })
  const monitor = createMonitor(server)
  onTestFinished(async () => void (await server.stop()))
  const producer = createProducer(broker)
  const found = (): boolean => (monitor.health().executor.pool?.leaks.length ?? 0) > 0
  while (!found()) {
    const settled = Promise.withResolvers<void>()
    const unhook = server.addHook('settle', () => settled.resolve())
    await producer.enqueue(leak, { bytes: 1_000 })
    await settled.promise
    unhook()
  }
  const answer: HealthAnswer = await (await createHttp(monitor).request('/api/health')).json()
  expect(answer.health.executor.pool?.leaks).toMatchObject([{ name: 'leak', low: null, high: null }])
  expect(answer.health.leaks).toEqual(answer.health.executor.pool?.leaks)
}, 60_000)
