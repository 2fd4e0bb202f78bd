import type { R2Object } from '@cloudflare/workers-types'

/** What is known of an object of R2, as plain data. */
export type PlainR2Object = Pick<
  R2Object,
  'key' | 'version' | 'size' | 'etag' | 'httpEtag' | 'uploaded' | 'storageClass'
> & {
  readonly httpMetadata?: R2Object['httpMetadata']
  readonly customMetadata?: R2Object['customMetadata']
  readonly range?: R2Object['range']
  readonly checksums: object
}

export function toPlainR2Object(object: R2Object): PlainR2Object {
  const { key, version, size, etag, httpEtag, uploaded, storageClass, httpMetadata, customMetadata, range } = object
  return {
    ...{ key, version, size, etag, httpEtag, uploaded, storageClass },
    checksums: object.checksums.toJSON(),
    ...(httpMetadata && { httpMetadata: { ...httpMetadata } }),
    ...(customMetadata && { customMetadata: { ...customMetadata } }),
    ...(range && { range: { ...range } }),
  }
}
