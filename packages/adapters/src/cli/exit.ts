/** Exit codes of the command `isobar`. A worker's are those of `serve`. */
export const EXIT: { readonly ok: 0; readonly failed: 1; readonly usage: 2; readonly notFound: 3 } = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
}
