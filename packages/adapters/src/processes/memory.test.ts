import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readContainerLimit } from './cgroup.ts'
import { readMemory } from './memory.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'isobar-cgroup-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** The limit that is read from these files of the kernel's. */
function limitOf(files: Readonly<Record<string, string>>): number | undefined {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `${text}\n`)
  }
  return readContainerLimit({ membership: join(root, 'membership'), mount: join(root, 'mount') })
}

test('version 2: the limit of the group, or a lower one above it', () => {
  const files = { membership: '0::/kube/pod/box', 'mount/memory.max': 'max', 'mount/kube/memory.max': 'max' }
  expect(limitOf({ ...files, 'mount/kube/pod/memory.max': 'max', 'mount/kube/pod/box/memory.max': '536870912' })).toBe(
    536_870_912,
  )
  expect(limitOf({ ...files, 'mount/kube/pod/memory.max': '268435456' })).toBe(268_435_456)
})

test('version 2 inside a container, where the group is the root', () => {
  expect(limitOf({ membership: '0::/', 'mount/memory.max': '1000000' })).toBe(1_000_000)
})

test('version 2 inside a container that shows the path of the host', () => {
  expect(limitOf({ membership: '0::/../../host/path', 'mount/memory.max': '1000000' })).toBe(1_000_000)
})

test('version 1: the limit of the memory controller', () => {
  const membership = '12:cpu,cpuacct:/docker/1\n5:memory:/docker/1\n0::/system'
  expect(
    limitOf({
      membership,
      'mount/memory/docker/1/memory.limit_in_bytes': '314572800',
      'mount/memory/memory.limit_in_bytes': '9223372036854771712',
    }),
  ).toBe(314_572_800)
})

test('no limit: "max", the largest number, or no control groups at all', () => {
  expect(limitOf({ membership: '0::/', 'mount/memory.max': 'max' })).toBeUndefined()
  expect(
    limitOf({ membership: '5:memory:/', 'mount/memory/memory.limit_in_bytes': '9223372036854771712' }),
  ).toBeUndefined()
  expect(readContainerLimit({ membership: join(root, 'none'), mount: join(root, 'none') })).toBeUndefined()
})

test('a reading tells heap and external memory as one total', () => {
  const before = readMemory()
  const buffer = Buffer.alloc(20_000_000, 1)
  const after = readMemory()
  expect(after.total).toBe(after.heapUsed + after.external)
  expect(after.total - before.total).toBeGreaterThan(15_000_000)
  expect(after.rss).toBeGreaterThan(after.heapUsed)
  expect(buffer.length).toBe(20_000_000)
})
