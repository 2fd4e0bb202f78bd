import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { IsolateOptions } from '@isobar/adapters/node'
import type { Outcome } from '@isobar/core'
import { Hooks } from '@isobar/core/worker'
import type { Act } from './crash-app.ts'
import { type IsolateCase, type OpenPool, runAct } from './isolate-cases.ts'

const HERE = fileURLToPath(import.meta.url)

/** What a job came to: its result, or the name of its error. */
function resultOf(outcome: Outcome): unknown {
  return outcome.kind === 'ack' ? outcome.result : (outcome as { error?: Error }).error?.name
}

/** A server on this machine that answers, ended with the case. */
async function withServer(use: (port: number) => Promise<void>): Promise<void> {
  const server: Server = createServer((_, response) => response.end('answered'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

type Results = (act: Act) => Promise<unknown>

/** The suite of permissions, for a runtime that holds processes to them. */
export function permissionCases(open: OpenPool): readonly IsolateCase[] {
  const withPool = async (permissions: IsolateOptions['permissions'], use: (results: Results) => Promise<void>) => {
    const pool = await open({ size: 1, spares: 0, memory: 300e6, ...(permissions && { permissions }) }, new Hooks())
    try {
      await use(async (act) => resultOf(await runAct(pool, act)))
    } finally {
      await pool[Symbol.asyncDispose]()
    }
  }
  return [
    {
      name: 'what is permitted can be done, and nothing else; the refusal is the error of the job',
      run: () =>
        withServer((port) =>
          withPool({ read: [HERE], env: ['HOME'], net: [`127.0.0.1:${port}`] }, async (results) => {
            assert.match(String(await results({ read: HERE })), /permissionCases/)
            assert.equal(await results({ read: '/etc/passwd' }), 'NotCapable')
            assert.equal(await results({ env: 'HOME' }), process.env['HOME'])
            assert.equal(await results({ env: 'PATH' }), 'NotCapable')
            assert.equal(await results({ fetch: `http://127.0.0.1:${port}` }), 'answered')
            assert.equal(await results({ fetch: `http://127.0.0.1:${port + 1}` }), 'NotCapable')
            assert.equal(await results({ run: 'true' }), 'NotCapable')
          }),
        ),
    },
    {
      name: 'nothing permitted: the app is loaded and jobs run all the same, and one that loops is ended',
      run: () =>
        withPool({}, async (results) => {
          const pid = await results({})
          assert.ok(Number(pid) > 0)
          assert.equal(await results({ read: HERE }), 'NotCapable')
          assert.equal(await results({ env: 'HOME' }), 'NotCapable')
          assert.equal(await results({ crash: 'loop' }), 'IsolateDiedError')
          const successor = await results({})
          assert.ok(Number(successor) > 0)
          assert.notEqual(successor, pid)
        }),
    },
    {
      name: 'by default: what the process may do that starts them',
      run: () =>
        withPool(undefined, async (results) => {
          assert.match(String(await results({ read: HERE })), /permissionCases/)
          assert.equal(await results({ env: 'HOME' }), process.env['HOME'])
        }),
    },
    {
      name: 'a permission that there is not, or a value that cannot be said, is refused at the start',
      async run() {
        await assert.rejects(
          withPool({ nett: true } as never, async () => {}),
          { code: 'OPTION' },
        )
        await assert.rejects(
          withPool({ read: ['/a,b'] }, async () => {}),
          { code: 'OPTION' },
        )
      },
    },
  ]
}
