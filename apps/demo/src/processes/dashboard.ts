import { createHttp, createMonitor, type MonitoredServer } from '@isobar/adapters/http'
import type { Hono } from 'hono'

/** Names of this machine. A page of another site that has its own name point here asks by that name. */
const LOCAL = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * The dashboard of a worker, with `/healthz`, `/metrics` and `/api`: who asks this machine by its own name may do and see
 * all. Ends with the worker.
 */
export function createDashboard(server: MonitoredServer): Hono {
  return createHttp(createMonitor(server), { authorize: ({ url }) => LOCAL.has(new URL(url).hostname) })
}
