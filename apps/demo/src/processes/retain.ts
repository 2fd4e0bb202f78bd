/** How long a durable engine keeps finished jobs, which a run's ledger is counted from: a run cannot be gone on with later. */
export const RETAIN = '30d'
