import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A pool of 50 clients, made when they are first needed. */
class Client {
  calls = 0
}
const clients = new Map<number, Client>()

export default ({ data }: ZooJob): void => {
  const slot = data.random % 50
  const client = clients.get(slot) ?? new Client()
  clients.set(slot, client)
  client.calls++
}
