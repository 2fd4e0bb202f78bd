import { expect, test } from 'vitest'
import { DURATION_BUCKETS, JobTable, MAX_LABEL, MAX_QUEUES, MAX_SERIES, OTHER } from './job-table.ts'

test('tells a bounded number of job types apart, and counts the others by queue', () => {
  const table = new JobTable()
  for (let n = 0; n < 10_000; n++) table.of('email', `type-${n}`).add('ack', 0.1)
  expect(table.all().length).toBe(MAX_SERIES + 1)
  expect(table.of('email', 'type-0').outcomes.ack).toBe(1)
  const others = table.of('email', 'type-9999')
  expect([others.name, others.outcomes.ack]).toEqual([OTHER, 10_000 - MAX_SERIES])
})

test('tells a bounded number of queues apart', () => {
  const table = new JobTable()
  for (let n = 0; n < 10_000; n++) table.of(`queue-${n}`, 'type').add('ack', 0.1)
  expect(table.all().length).toBe(MAX_SERIES + MAX_QUEUES + 1)
  expect(table.all().reduce((sum, { outcomes }) => sum + outcomes.ack, 0)).toBe(10_000)
  expect(table.of('queue-9999', 'type').queue).toBe(OTHER)
})

test('names with one label share its figures: a label is written once', () => {
  const table = new JobTable()
  const long = 'x'.repeat(MAX_LABEL)
  for (const name of [`${long}1`, `${long}2`, '\ud800', '\udfff']) table.of('q', name).add('ack', 1)
  expect(table.all().map(({ name, outcomes }) => [name, outcomes.ack])).toEqual([
    [long, 2],
    ['\ufffd', 2],
  ])
  expect(table.labelOf(`${long}3`)).toBe(long)
  expect(table.labelOf('other')).toBeUndefined()
})

test('a duration is in the first bucket whose bound it does not exceed', () => {
  const figures = new JobTable().of('q', 'type')
  for (const seconds of [0, ...DURATION_BUCKETS, 601]) figures.add('ack', seconds)
  expect([...figures.buckets]).toEqual([2, ...DURATION_BUCKETS.slice(1).map(() => 1), 1])
  expect(figures.seconds).toBeCloseTo(DURATION_BUCKETS.reduce((sum, bound) => sum + bound, 601))
})
