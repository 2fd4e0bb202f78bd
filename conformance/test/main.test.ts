import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Runs the program in the runtime of this test. */
function run(suites: readonly string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number | null; lines: string[]; stderr: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...env } }
    const child = execFile(process.execPath, [MAIN, ...suites], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, lines: stdout.split('\n').filter(Boolean), stderr }),
    )
  })
}

test('cases that fail are told, and make the program fail', async () => {
  const { code, lines } = await run(['worker-postgres'], { DATABASE_URL: 'postgres://127.0.0.1:1/nowhere' })
  const [identity, ...cases] = lines.map((line) => JSON.parse(line))
  expect(identity).toMatchObject({ runtime: 'node', version: process.versions.node })
  expect(cases.pop()).toEqual({ passed: 0, failed: cases.length })
  expect(cases.length).toBeGreaterThan(20)
  expect(cases[0]).toMatchObject({
    suite: 'worker-postgres',
    ok: false,
    error: expect.stringContaining('ECONNREFUSED'),
  })
  expect(code).toBe(1)
})

test.each([
  ['no suite', [], 'there are broker-memory, '],
  ['a suite that there is not', ['broker-memory', 'nothing'], 'no suite nothing; there are '],
  ['a database that is not told', ['broker-postgres'], 'broker-postgres needs DATABASE_URL'],
  ['a server that is not told', ['worker-bullmq'], 'worker-bullmq needs REDIS_URL'],
  ['a folder that is not told', ['worker-embedded'], 'worker-embedded needs CONFORMANCE_FOLDER'],
])('%s: it says so and runs nothing', async (_, suites, said) => {
  const { code, lines, stderr } = await run(suites)
  expect({ code, lines }).toEqual({ code: 2, lines: [] })
  expect(stderr).toContain(said)
})
