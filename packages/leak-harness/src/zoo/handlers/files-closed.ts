import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A file is written and closed by each job. */
let folder = ''

export const harness = {
  setup: (): void => {
    folder = mkdtempSync(join(tmpdir(), 'leak-harness-zoo-'))
  },
  teardown: (): void => rmSync(folder, { recursive: true, force: true }),
}

export default async ({ data }: ZooJob): Promise<void> => {
  const file = await open(join(folder, 'out.txt'), 'w')
  try {
    await file.write(data.text)
  } finally {
    await file.close()
  }
}
