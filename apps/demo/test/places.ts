import { type Place, toPostgres } from '../src/processes/place.ts'
import { createDatabase } from './database.ts'
import { copyFolder, type TestFolder } from './folder.ts'

/** A place that is a test's own. Disposing removes it. */
export interface TestPlace extends AsyncDisposable {
  readonly place: Place
  /** The options that name it. */
  readonly flags: readonly [string, string]
}

/** The durable engines, each with a way to a place on it. `blank` is the folder that embedded ones are copied from. */
export const PLACES: Readonly<Record<'the embedded engine' | 'PostgreSQL', (blank: TestFolder) => Promise<TestPlace>>> =
  {
    async 'the embedded engine'(blank) {
      const { path: folder, [Symbol.asyncDispose]: dispose } = await copyFolder(blank)
      return { place: { kind: 'embedded', folder }, flags: ['--folder', folder], [Symbol.asyncDispose]: dispose }
    },
    async PostgreSQL() {
      const { url, [Symbol.asyncDispose]: dispose } = await createDatabase()
      return { place: toPostgres(url, 'ledger'), flags: ['--database', url], [Symbol.asyncDispose]: dispose }
    },
  }
