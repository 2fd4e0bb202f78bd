import { readFileSync } from 'node:fs'
import * as harness from '@isobar/leak-harness'
import { expect, it } from 'vitest'
import { HELP } from '../src/cli/help.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const docs = read('../../../docs/leak-harness.md')

it('shows the example that is compiled here', () => {
  expect(docs).toContain(`\`\`\`ts\n${read('fixtures/from-code.ts')}\`\`\``)
})

it('describes each export', () => {
  for (const name of Object.keys(harness)) expect(docs).toMatch(new RegExp(`\`${name}[\`(]`))
})

it('describes each option of the command line, and no other', () => {
  const flags = (text: string): string[] => [...new Set(text.match(/--[a-z][a-z-]*/g))].sort()
  const table = docs.slice(docs.indexOf('### Options'), docs.indexOf('### Exit codes'))
  expect(flags(table)).toEqual(flags(HELP).filter((flag) => flag !== '--help' && flag !== '--version'))
})

it('lists each code of an error', () => {
  const codes = new Set(read('../src/errors.ts').match(/HARNESS_[A-Z_]+/g))
  expect(codes.size).toBeGreaterThan(10)
  for (const code of codes) expect(docs).toContain(`\`${code}\``)
})
