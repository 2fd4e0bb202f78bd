import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HarnessError } from '../errors.ts'
import type { Snapshot } from '../heap/snapshot.ts'
import { parseSnapshot, SnapshotError } from '../heap/snapshot-parser.ts'

/** Bytes that are read at a time. */
const PIECE_BYTES = 1024 * 1024

/** Has a snapshot written to a file of its own, and reads it. The file is gone afterwards, whatever becomes of it. */
export async function takeSnapshot(
  write: (file: string) => Promise<unknown>,
  read: (file: string) => Promise<Snapshot> = readV8Snapshot,
): Promise<Snapshot> {
  const folder = await mkdtemp(join(tmpdir(), 'leak-harness-'))
  try {
    const file = join(folder, 'heap.heapsnapshot')
    await write(file)
    return await read(file)
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error
    throw new HarnessError('HARNESS_PROTOCOL', `${error.message}; is there room for it in ${tmpdir()}?`, {
      cause: error,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function readV8Snapshot(file: string): Promise<Snapshot> {
  return parseSnapshot(createReadStream(file, { highWaterMark: PIECE_BYTES }))
}
