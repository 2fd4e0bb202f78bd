import { readFileSync } from 'node:fs'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { expect, test } from 'vitest'
import { createTestApp, flaky, hold, openMonitor, refuse, send } from '../../test/http/open-monitor.ts'
import { DURATION_BUCKETS, JobTable } from './job-table.ts'
import { METRICS } from './metrics/families.ts'
import { toSamples } from './metrics/samples.ts'
import { toText } from './metrics/text.ts'
import { toPoint } from './point.ts'
import { MAX_SLOTS, RecycleTable } from './recycle-table.ts'

const SECOND = { at: 0, p50: null, p99: null, loopDelay: 0, recycles: [] }

const NO_RECYCLES = { memory: 0, jobs: 0, age: 0, limit: 0, crash: 0, hang: 0, abandoned: 0, scale: 0, asked: 0 }
const POOL = {
  ...{
    isolates: [],
    wanted: 1,
    memoryLimit: 1,
    recycles: NO_RECYCLES,
    failedStarts: 0,
    lastGapMs: undefined,
    leaks: [],
  },
}

const parse = (text: string) => new Map(parsePrometheusTextFormat(text).map((family) => [family.name, family]))

test('the names, types and labels are those that the page promises', () => {
  const page = readFileSync(new URL('../../../../docs/http.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(isobar_\w+)` \| (\w+) \| ([^|]*) \| ([^|]+) \|$/gm)]
  const stated = rows.map(([, name, type, labels, help]) => [
    name,
    type,
    [...(labels ?? '').matchAll(/`(\w+)`/g)].map(([, label]) => label),
    help?.trim(),
  ])
  expect(stated).toEqual(
    Object.entries(METRICS).map(([name, { type, labels, help }]) => [name, type, labels, help.replace(/\.$/, '')]),
  )
})

test('the names, types and labels stay', () => {
  const contract = Object.entries(METRICS).map(([name, { type, labels }]) => `${type} ${name}{${labels.join(',')}}`)
  expect(contract).toMatchSnapshot()
})

test('names follow the rules: counters end in _total, units are seconds and bytes', () => {
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    expect(name, name).not.toMatch(/_(ms|milliseconds|kb|mb|count|sum|bucket)$/)
    if (/memory|heap|external|rss/.test(name)) expect(name).toMatch(/_bytes$/)
    if (/delay|age|time|duration|gap/.test(name)) expect(name).toMatch(/_seconds$/)
    expect(help, name).toMatch(/^[A-Z0-9].*\.$/)
  }
})

test('a Prometheus parser reads what a worker did', async () => {
  const { monitor, jobs, clock, settled } = await openMonitor(createTestApp(), { statsEvery: 500 })
  await jobs.enqueue(hold, null)
  for (let n = 0; n < 3; n++) await jobs.enqueue(send, { to: 'a' })
  await jobs.enqueue(refuse, { secret: 'a' })
  await jobs.enqueue(flaky, null)
  await settled(5)
  await clock.advance(600)
  const metrics = monitor.metrics()
  const families = parse(metrics)
  const of = (name: string) => families.get(name)?.metrics
  expect([...families].map(([name, { type }]) => [name, type.toLowerCase()])).toEqual(
    Object.entries(METRICS).map(([name, { type }]) => [name, type]),
  )
  expect(of('isobar_jobs_total')).toContainEqual({
    labels: { queue: 'email', job: 'email.send', outcome: 'ack' },
    value: '3',
  })
  expect(of('isobar_jobs_total')).toContainEqual({
    labels: { queue: 'email', job: 'email.flaky', outcome: 'retry' },
    value: '1',
  })
  expect(of('isobar_dead_letters_total')).toEqual([
    { labels: { queue: 'email', job: 'email.refuse', reason: 'unrecoverable' }, value: '1' },
  ])
  // The parser throws histograms with other labels together: these are read as they stand.
  const labels = 'queue="email",job="email.send"'
  const durations = metrics.split('\n').filter((line) => line.includes('duration_seconds') && line.includes(labels))
  const values = durations.map((line) => Number(line.split(' ')[1]))
  expect(durations.map((line) => line.split(' ')[0])).toEqual([
    ...[...DURATION_BUCKETS, '+Inf'].map((le) => `isobar_job_duration_seconds_bucket{${labels},le="${le}"}`),
    `isobar_job_duration_seconds_sum{${labels}}`,
    `isobar_job_duration_seconds_count{${labels}}`,
  ])
  expect(values.slice(0, -2)).toEqual(values.slice(0, -2).sort((a, b) => a - b))
  expect([values.at(-3), values.at(-1)]).toEqual([3, 3])
  expect(of('isobar_queue_jobs')).toContainEqual({ labels: { queue: 'pages', state: 'active' }, value: '1' })
  expect(of('isobar_queue_jobs')).toContainEqual({ labels: { queue: 'email', state: 'dead' }, value: '1' })
  expect(of('isobar_worker_jobs')).toContainEqual({ labels: { state: 'running' }, value: '1' })
  expect(of('isobar_worker_state')).toContainEqual({ labels: { state: 'running' }, value: '1' })
  expect(of('isobar_worker_state')).toContainEqual({ labels: { state: 'paused' }, value: '0' })
  expect(of('isobar_workers_desired')).toEqual([{ value: '1' }])
  expect(Number(of('isobar_worker_rss_bytes')?.[0]?.value)).toBeGreaterThan(10e6)
  expect(Number(of('isobar_worker_start_time_seconds')?.[0]?.value)).toBeCloseTo(1_700_000_000, 0)
  expect(of('isobar_isolate_rss_bytes')).toEqual([])
})

test('a type of which nothing can be said has ends without end, which a parser reads', async () => {
  const { monitor, jobs, settled } = await openMonitor(createTestApp())
  await jobs.enqueue(send, { to: 'a' })
  await settled(1)
  const leak = { name: 'email.send', jobs: 1, bytesPerJob: 3, suspect: false }
  const health = { ...monitor.health(), leaks: [{ ...leak, low: -Infinity, high: Infinity }] }
  const table = new JobTable()
  table.of('email', 'email.send').add('ack', 1)
  const figures = { desired: 1, jobs: table, recycles: new RecycleTable(), brokerErrors: new Map(), loopDelayMs: 0 }
  const families = parse(toText(toSamples({ ...figures, health })))
  const labels = { job: 'email.send' }
  expect(families.get('isobar_job_left_low_bytes')?.metrics).toEqual([{ labels, value: '-Inf' }])
  expect(families.get('isobar_job_left_high_bytes')?.metrics).toEqual([{ labels, value: '+Inf' }])
  expect(toPoint(health, { ...SECOND, before: health.counts }).types).toEqual([['email.send', 3, null, null, 0]])
})

test('pauses of collections: in seconds, summed up, by slot and kind, also those of spares; slots without end are left out', async () => {
  const { monitor } = await openMonitor(createTestApp())
  const pause = { kind: 'minor', counts: [3, 1, 2], boundsMs: [1, 2.5], ms: 40 } as const
  const pauses = [0, undefined, MAX_SLOTS].map((slot) => ({ ...pause, slot }))
  const health = monitor.health()
  const pool = { ...POOL, pauses }
  const figures = { desired: 1, jobs: new JobTable(), recycles: new RecycleTable(), brokerErrors: new Map() }
  const executor = { ...health.executor, pool }
  const text = toText(toSamples({ ...figures, loopDelayMs: 0, health: { ...health, executor } }))
  const lines = text.split('\n').filter((line) => line.startsWith('isobar_isolate_gc_pause_seconds'))
  expect(lines).toEqual(
    ['0', 'spare'].flatMap((slot) => [
      `isobar_isolate_gc_pause_seconds_bucket{slot="${slot}",kind="minor",le="0.001"} 3`,
      `isobar_isolate_gc_pause_seconds_bucket{slot="${slot}",kind="minor",le="0.0025"} 4`,
      `isobar_isolate_gc_pause_seconds_bucket{slot="${slot}",kind="minor",le="+Inf"} 6`,
      `isobar_isolate_gc_pause_seconds_sum{slot="${slot}",kind="minor"} 0.04`,
      `isobar_isolate_gc_pause_seconds_count{slot="${slot}",kind="minor"} 6`,
    ]),
  )
})

test('10,000 tenants and 10,000 ids do not grow it', async () => {
  const { monitor, jobs, settled } = await openMonitor(createTestApp(), { concurrency: 200, statsEvery: false })
  const enqueue = (n: number, all = '') =>
    jobs.enqueue(send, { to: 'a' }, { tenant: `tenant-${n}${all}`, id: `id-${n}${all}` })
  await enqueue(-1)
  await settled(1)
  const before = monitor.metrics()
  for (let n = 0; n < 10_000; n++) await enqueue(n)
  await settled(10_001)
  const after = monitor.metrics()
  expect(monitor.health().counts.done).toBe(10_001)
  expect(after.split('\n').length).toBe(before.split('\n').length)
  expect(after).toContain('isobar_jobs_total{queue="email",job="email.send",outcome="ack"} 10001\n')
  expect(after).not.toMatch(/tenant|id-/)
})

test('whatever names hold, labels are escaped', () => {
  const none = Object.fromEntries(Object.keys(METRICS).map((name) => [name, []])) as unknown as Parameters<
    typeof toText
  >[0]
  const text = toText({
    ...none,
    isobar_queue_paused: [{ labels: ['a"b\\c\nd}{=,\u2028 é'], value: Number.POSITIVE_INFINITY }],
  })
  expect(text).toContain('isobar_queue_paused{queue="a\\"b\\\\c\\nd}{=,\u2028 é"} +Inf\n')
  expect(parse(text).get('isobar_queue_paused')?.metrics).toEqual([
    { labels: { queue: 'a"b\\c\nd}{=,\u2028 é' }, value: '+Inf' },
  ])
})
