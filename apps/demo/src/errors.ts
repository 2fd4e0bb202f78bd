import { IsobarError } from '@isobar/core'

/** Content is larger than the store takes. */
export class ContentTooLargeError extends IsobarError {
  constructor(key: string, maxBytes: number) {
    super(
      'CONTENT_TOO_LARGE',
      `content ${key} is over the store's limit of ${maxBytes} bytes for one object; give the store more room`,
    )
  }
}

/** A job of the trace, or an option of the command line, is not one of those that there are. */
export class DemoOptionError extends IsobarError {
  constructor(message: string) {
    super('DEMO_OPTION', message)
  }
}

/** The run that a database holds cannot be worked on: by this process, or by none. */
export class DemoRunError extends IsobarError {
  constructor(message: string) {
    super('DEMO_RUN', message)
  }
}
