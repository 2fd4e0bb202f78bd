/**
 * Passes on the latest of many values, one call at a time: who says something in a loop piles up no calls, and what was
 * said last always arrives. `send` must not reject.
 */
export function latestOnly<T>(send: (value: T) => Promise<void>): (value: T) => void {
  let next: { readonly value: T } | undefined
  let sending = false
  const sendAll = async (): Promise<void> => {
    sending = true
    while (next) {
      const { value } = next
      next = undefined
      await send(value)
    }
    sending = false
  }
  return (value) => {
    next = { value }
    if (!sending) void sendAll()
  }
}
