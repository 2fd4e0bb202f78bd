import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toConfigFlags } from './deno-config.ts'

let root: string
let module: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'isobar-config-'))
  mkdirSync(join(root, 'project/src'), { recursive: true })
  module = pathToFileURL(join(root, 'project/src/app.ts')).href
})

afterEach(() => rmSync(root, { recursive: true }))

const write = (path: string): void => writeFileSync(join(root, path), '{}')

test('the nearest configuration counts', () => {
  expect(toConfigFlags(module, [])).toEqual([])
  write('deno.json')
  expect(toConfigFlags(module, [])).toEqual(['--config', join(root, 'deno.json')])
  write('project/deno.jsonc')
  expect(toConfigFlags(module, [])).toEqual(['--config', join(root, 'project/deno.jsonc')])
})

test('beside a package.json there are packages in node_modules; a deno.json there says more', () => {
  write('project/package.json')
  expect(toConfigFlags(module, [])).toEqual(['--node-modules-dir=manual'])
  write('project/deno.json')
  expect(toConfigFlags(module, [])).toEqual(['--config', join(root, 'project/deno.json')])
})

test('flags of the user count more, and a module from elsewhere has no configuration', () => {
  write('project/deno.json')
  for (const flag of ['--config=x.json', '-c', '--no-config', '--node-modules-dir', '--node-modules-dir=auto']) {
    expect(toConfigFlags(module, ['--no-lock', flag])).toEqual([])
  }
  expect(toConfigFlags('https://example.org/app.ts', [])).toEqual([])
})
