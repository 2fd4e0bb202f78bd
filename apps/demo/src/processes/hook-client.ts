import { HOOK_ORIGIN } from '../hook-mark.ts'
import { createFetchClient, type HttpClient } from '../http-client.ts'

/** A client for which the demo's endpoints are on a port of loopback. Others it finds where they are. */
export function createHookClient(port: number): HttpClient {
  return createFetchClient((url) =>
    url.startsWith(`${HOOK_ORIGIN}/`) ? `http://127.0.0.1:${port}${url.slice(HOOK_ORIGIN.length)}` : url,
  )
}
