import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A pipeline that compresses and closes all of its streams. */
export default ({ data }: ZooJob): Promise<void> =>
  pipeline(Readable.from([data.text]), createGzip(), new Writable({ write: (_chunk, _encoding, done) => done() }))
