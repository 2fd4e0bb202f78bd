import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runCli } from '../../test/run-cli.ts'
import { MIN_NODE, problemWithNode } from './node-version.ts'

test('the oldest Node is the one that the package names', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(engines.node).toBe(`>=${MIN_NODE}`)
})

test.each([
  ['22.18.0', true],
  ['22.17.9', false],
  ['23.0.0', true],
  ['24.21.0', true],
  ['20.20.2', false],
  ['9.99.0', false],
])('Node %s: %j', (version, fine) => {
  expect(problemWithNode(version) === undefined).toBe(fine)
})

test('on an older Node the command says so in one line', async () => {
  const older = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})'
  const run = await runCli(['stats'], { node: ['--import', older] })
  expect(run).toEqual({
    code: 1,
    out: '',
    err: 'isobar: NODE_VERSION: isobar needs Node 22.18 or newer, and this is 20.20.2; install a newer one\n',
  })
})
