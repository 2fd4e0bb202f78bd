import { type DebugRequest, EXCHANGE, type Exchange } from '../debug.ts'
import type { AskParent } from './platform.ts'

/** Hands something over to the debugger, which the parent then asks: it answers through the exchange. */
export async function exchangeWithParent(
  askParent: AskParent,
  request: DebugRequest,
  exchange: Exchange,
): Promise<unknown> {
  const scope = globalThis as { [EXCHANGE]?: Exchange }
  try {
    return await new Promise((answer) => {
      scope[EXCHANGE] = { ...exchange, answer }
      askParent(request)
    })
  } finally {
    delete scope[EXCHANGE]
  }
}
