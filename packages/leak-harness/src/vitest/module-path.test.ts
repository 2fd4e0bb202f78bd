import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { HarnessError } from '../errors.ts'
import { toModulePath } from './module-path.ts'

const url = new URL('./app.ts', import.meta.url)

it('takes a URL, its text, or an absolute path', () => {
  const path = fileURLToPath(url)
  expect(toModulePath(url)).toBe(path)
  expect(toModulePath(url.href)).toBe(path)
  expect(toModulePath(path)).toBe(path)
})

it.each([
  [() => {}, 'a function'],
  [function send() {}, 'the function send'],
  [null, 'null'],
  [undefined, 'undefined'],
  [42, 'a value of type number'],
  [{ run: () => {} }, 'a value of type object'],
  ['./app.ts', './app.ts, which is a relative path'],
  [new URL('https://example.com/app.ts'), 'https://example.com/app.ts, which is no file: URL'],
])('refuses %s', (received, said) => {
  const refusal = (): unknown => toModulePath(received)
  expect(refusal).toThrow(HarnessError)
  expect(refusal).toThrow(`toStayFlat was given ${said}; give it the module's address`)
})
