/**
 * What starts an isolate, but in Deno. What has been compiled once is not compiled by the next isolate: the cache has to
 * be on before anything else is loaded.
 */
import module from 'node:module'

module.enableCompileCache()
const { runIsolate } = await import('./isolate-main.ts')
runIsolate((url) => import(url))
