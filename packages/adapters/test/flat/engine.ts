import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { embedded, type PostgresBroker, postgres } from '../../src/postgres/index.ts'

/** A broker for one process under the harness, and what ends all that it stands on once it is disposed. */
export interface Engine {
  readonly broker: PostgresBroker
  end(): Promise<void>
}

/** On the server at `url`, in a schema of this process's own: the harness runs two side by side. Without a URL, embedded. */
export function openEngine(url: string | undefined): Engine {
  if (url) {
    // A pool of the broker's own closes connections that have nothing to do, and each takes some 10 KB.
    const pool = new Pool({ connectionString: url, idleTimeoutMillis: 0 })
    return { broker: postgres(pool, { schema: `flat_${process.pid}` }), end: () => pool.end() }
  }
  const folder = mkdtempSync(join(tmpdir(), 'isobar-flat-'))
  return { broker: embedded(folder), end: async () => rmSync(folder, { recursive: true }) }
}
