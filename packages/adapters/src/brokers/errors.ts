import { IsobarError } from '@isobar/core'

/** The broker was asked for something after it was disposed. */
export class BrokerClosedError extends IsobarError {
  constructor(broker: string, action: string) {
    super(
      'BROKER_CLOSED',
      `broker ${broker} is disposed and cannot ${action}; dispose it after everything that uses it`,
    )
  }
}
