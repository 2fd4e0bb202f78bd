declare module 'parse-prometheus-text-format' {
  /** A metric with its figures; values are numbers as text. Histograms that differ in labels come as one. */
  interface Family {
    readonly name: string
    readonly help: string
    readonly type: string
    readonly metrics: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value?: string }[]
  }
  export default function parse(text: string): readonly Family[]
}
