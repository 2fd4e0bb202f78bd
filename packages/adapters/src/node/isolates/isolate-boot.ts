/**
 * What `isolate.ts` starts as a process. What has been compiled once is not compiled by the next isolate: the cache has
 * to be on before anything else is loaded.
 */
import { enableCompileCache } from 'node:module'

enableCompileCache()
await import('./isolate-main.ts')
