import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { runCli } from '../../../test/run-cli.ts'
import { type ServedFolder, serveFolder } from '../../../test/served-folder.ts'

let at: ServedFolder
beforeEach(async () => {
  at = await serveFolder()
  return () => at[Symbol.asyncDispose]()
})

describe('enqueue', () => {
  test('takes data, and everything that a job can be given', async () => {
    const data = ['enqueue', 'email.send', '--data', '{"to":"ann"}']
    const options = [
      '--queue',
      'email',
      '--priority',
      'high',
      '--delay',
      '5m',
      '--key',
      'k',
      '--id',
      'one',
      '--tenant',
      't',
    ]
    expect(await at.run(...data, ...options)).toEqual({
      code: 0,
      out: 'enqueued one (email.send, queue email)\n',
      err: '',
    })
    const status = await at.broker.get('one')
    expect(status).toMatchObject({ name: 'email.send', queue: 'email', priority: 'high', state: 'queued' })
    expect((status?.dueAt ?? 0) - (status?.enqueuedAt ?? 0)).toBe(300_000)
    expect(await at.toJson(...data, '--queue', 'email', '--key', 'k')).toEqual({ id: 'one', duplicate: true })
    expect((await at.run(...data, '--queue', 'email', '--key', 'k')).out).toBe(
      'not enqueued: job one has its key or id\n',
    )
  })

  test('reads data from standard input and from files, and takes none for null', async () => {
    const file = join(at.folder, 'data.json')
    await writeFile(file, '["from a file"]')
    const env = { ISOBAR_FOLDER: at.folder }
    await runCli(['enqueue', 'a', '-'], { env, input: '["from the input"]' })
    await runCli(['enqueue', 'a', '--data-file', '-'], { env, input: '["again"]' })
    await runCli(['enqueue', 'a', '--data-file', 'data.json'], { env, cwd: at.folder })
    await at.run('enqueue', 'a')
    const want = { queues: [{ name: 'default', max: 9 }], max: 9, leaseMs: 9_000, workerId: 'w', waitMs: 0 }
    const taken = await at.broker.receive({ ...want, signal: new AbortController().signal })
    expect(taken.map(({ job: { payload } }) => ('text' in payload ? payload.text : payload))).toEqual([
      '["from the input"]',
      '["again"]',
      '["from a file"]',
      'null',
    ])
  })

  test.each([
    [['--data', 'hello'], undefined, 'the data are not JSON'],
    [['-'], '{"torn":', 'the data are not JSON'],
    [['-'], `"${'x'.repeat(1_000_000)}"`, 'more than 1000000 bytes'],
    [['--data-file', '/nowhere/data.json'], undefined, '--data-file cannot be read'],
    [['--data', '1', '-'], '1', 'from more than one place'],
    [['{"to":"ann"}'], undefined, 'give data with --data'],
    [['--priority', 'hgih'], undefined, '(did you mean high?)'],
    [['--delay', 'soon'], undefined, '"soon" is not a duration'],
  ])('refuses %j', async (args, input, message) => {
    const answer = await at.isobar(['enqueue', 'a', ...args], input === undefined ? {} : { input })
    expect(answer).toMatchObject({ code: 2, out: '' })
    expect(answer.err).toContain(message)
    expect(answer.err.trimEnd().split('\n')).toHaveLength(1)
    expect(answer.err).not.toContain('torn')
  })
})
