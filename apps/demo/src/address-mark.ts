import { DemoOptionError } from './errors.ts'

/**
 * How the recipient's server of the demo behaves, written into the address, so that the trace decides and the sink
 * needs no list: `busy2.118@…` is put off twice, `down.5@…` always, `gone.7@…` is refused for good.
 */
export type AddressMark =
  | { readonly kind: 'busy'; readonly times: number }
  | { readonly kind: 'down' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'open' }

/** An address that behaves as marked. */
export function toMarkedAddress(mark: AddressMark, name: string): string {
  const prefix = mark.kind === 'busy' ? `busy${mark.times}.` : mark.kind === 'open' ? '' : `${mark.kind}.`
  if (/^(busy\d|down|gone)\./.test(name))
    throw new DemoOptionError(`recipient ${name} would be taken for a marked address; choose another name`)
  return `${prefix}${name}@recipient.example`
}

/** How the server of an address behaves. */
export function markOf(address: string): AddressMark {
  const [, kind, times] = /^(busy|down|gone)(\d?)\./.exec(address) ?? []
  if (kind === 'busy') return { kind, times: Number(times) }
  return kind === 'down' || kind === 'gone' ? { kind } : { kind: 'open' }
}
