import { describe, expect, test } from 'vitest'
import { denoPlatform } from './deno-platform.ts'
import { toPermissionFlags } from './permissions.ts'

describe('permissions as flags', () => {
  test('all of a kind, a list, or none', () => {
    expect(toPermissionFlags({ net: ['example.org', '127.0.0.1:5432'], read: true, write: false, env: [] })).toEqual([
      '--allow-net=example.org,127.0.0.1:5432',
      '--allow-read',
    ])
  })

  test.each([
    [{ nett: true }, 'isolates.permissions.nett'],
    [{ read: ['/a,b'] }, '"/a,b"'],
  ])('%j is refused', (permissions, text) => {
    expect(() => toPermissionFlags(permissions as never)).toThrow(expect.objectContaining({ code: 'OPTION' }))
    expect(() => toPermissionFlags(permissions as never)).toThrow(text)
  })

  test.each([{}, { ffi: [] }, { net: false }])(
    'Deno is given one with %j, too: without any it would add them all',
    (permissions) => {
      const { args } = denoPlatform.isolateCommand({ module: 'file:///app.ts', memory: 1e9, execArgv: [], permissions })
      expect(args.filter((flag) => /^--(allow|deny)/.test(flag))).toEqual(['--deny-ffi'])
    },
  )

  test('a limit of the heap joins the flags for V8 that are there, as Deno takes them once', () => {
    const withLimit = (flags: readonly string[]) => denoPlatform.withHeapLimit(flags, 100, 4)
    expect(withLimit(['--config=x.json', '--v8-flags=--a,--b'])).toEqual([
      '--config=x.json',
      '--v8-flags=--a,--b,--max-old-space-size=100,--max-semi-space-size=4',
    ])
    expect(withLimit(['--v8-flags=--max-old-space-size=9'])).toEqual(['--v8-flags=--max-old-space-size=9'])
  })
})
