import { IsobarError } from '../errors.ts'

/** The memory broker holds as much as it may. Nothing was added: what it has taken in is never dropped for room. */
export class BrokerFullError extends IsobarError {
  constructor(broker: string, what: string, limit: number, remedy: string) {
    super('BROKER_FULL', `broker ${broker} holds its limit of ${limit} ${what}, so that nothing was added; ${remedy}`)
  }
}

/** The memory broker was asked for something after it was disposed. */
export class BrokerClosedError extends IsobarError {
  constructor(broker: string, action: string) {
    super(
      'BROKER_CLOSED',
      `broker ${broker} is disposed and cannot ${action}; dispose it after everything that uses it`,
    )
  }
}
