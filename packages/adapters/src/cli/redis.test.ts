import { fileURLToPath } from 'node:url'
import { Queue } from 'bullmq'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { removeKeys } from '../../test/bullmq/redis.ts'
import { type CliRun, runCli, runCliHere, startCliWorker } from '../../test/run-cli.ts'

const APP = fileURLToPath(new URL('../../test/fixtures/cli-app.ts', import.meta.url))
const url = await serviceUrl('redis')
const prefix = `cli-${crypto.randomUUID()}`
afterAll(() => removeKeys(url, `${prefix}:`))

const run = (...args: string[]): Promise<CliRun> =>
  runCliHere([...args, '--prefix', prefix], { env: { REDIS_URL: url } })

async function toJson(...args: string[]): Promise<unknown> {
  const { code, out, err } = await run(...args, '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out)
}

/** Looks until a job is in a state. */
async function reached(id: string, state: string): Promise<unknown> {
  for (;;) {
    const status = (await toJson('jobs', 'show', id)) as { state: string }
    if (status.state === state) return status
  }
}

test('a worker on queues of BullMQ, and all that the command does to jobs there', { timeout: 60_000 }, async () => {
  const worker = await startCliWorker([APP, '--redis', url, '--prefix', prefix, '--retain', '1h', '--lease', '1s'], {})
  onTestFinished(async () => void (await worker.end('SIGKILL')))
  expect(worker.said).toMatch(/^isobar: worker \S+ takes jobs of work from broker bullmq\n/)

  // What an ordinary producer of BullMQ adds is done, too.
  const queue = new Queue('work', { connection: { url }, prefix })
  onTestFinished(() => queue.close())
  await queue.add('work', { n: 1 }, { jobId: 'theirs' })
  const enqueued = (await toJson('enqueue', 'work', '--queue', 'work', '--data', '{"n":2}')) as { id: string }
  expect(await reached(enqueued.id, 'done')).toMatchObject({ result: { did: { n: 2 } } })

  const { id: bad } = (await toJson('enqueue', 'work', '--queue', 'work', '--data', '{"fail":"no such user"}')) as {
    id: string
  }
  expect(await reached(bad, 'dead')).toMatchObject({ reason: 'unrecoverable' })
  expect((await run('dead', 'list')).out).toMatch(
    /work +work +unrecoverable +\d+ s ago\n {2}1 attempt, \S+: no such user$/m,
  )
  expect(await toJson('dead', 'redrive', '--queue', 'work')).toEqual({ redriven: 1 })
  await reached(bad, 'dead')
  expect(await toJson('dead', 'discard', '--queue', 'work', '--yes')).toEqual({ discarded: 1 })

  expect(await toJson('queue', 'pause', 'work')).toEqual({ queue: 'work', paused: true })
  expect(await queue.isPaused()).toBe(true)
  expect((await run('stats')).out).toMatch(/^work +0 +0 +0 +0 +- +paused$/m)
  await toJson('queue', 'resume', 'work')
  expect(await worker.end('SIGTERM')).toBe(0)
})

test('there is nothing to migrate, and a server that is not there is told in one line', async () => {
  expect(await run('migrate')).toMatchObject({ code: 2, err: expect.stringContaining('Redis has no tables') })
  const { code, out, err } = await runCli(['stats', '--redis', 'redis://:secret@127.0.0.1:1'])
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^isobar: REDIS_UNAVAILABLE: .*\n$/)
  expect(err).not.toContain('secret')
})
