import pg from 'pg'
import { crash } from '../drain/crash.ts'
import type { Address, Handle, Queue, Settings } from '../drain/queue.ts'
import type { Work } from '../drain/work.ts'

/** Jobs in one insert. */
const ENQUEUE = 5_000

const SCHEMA = `
  create table if not exists job (id bigint generated always as identity primary key, data json not null, claimed_at timestamptz)`

const INSERT = { name: 'insert', text: 'insert into job (data) select data from unnest($1::json[]) as data' }

const CLAIM = {
  name: 'claim',
  text: `
    update job set claimed_at = now()
    where id = any (array(select id from job where claimed_at is null order by id limit $1 for update skip locked))
    returning id, data`,
}

const DELETE = { name: 'delete', text: 'delete from job where id = any($1::bigint[])' }

/**
 * The least that a queue in Postgres can do, and so the ceiling: so many loops, each of which claims 100 jobs, runs them
 * and deletes them. No leases, retries, priorities or delays.
 */
export async function openBareSql({ url }: Address, settings: Settings): Promise<Queue> {
  const { loops = 1, batch = 100 } = settings
  const pool = new pg.Pool({ connectionString: url, max: loops + 1 })
  pool.on('error', crash)
  const loop = new BareLoop(pool, batch)
  await pool.query(SCHEMA)
  return {
    async enqueue(works) {
      for (let at = 0; at < works.length; at += ENQUEUE) await insert(pool, works.slice(at, at + ENQUEUE))
    },
    enqueueOne: (work) => insert(pool, [work], true),
    work: (handle) => loop.start(url, loops, handle),
    async isDrained() {
      const { rows } = await pool.query('select not exists (select from job) as drained')
      return rows[0].drained
    },
    async [Symbol.asyncDispose]() {
      await loop.stop()
      await pool.end()
    },
  }
}

async function insert(pool: pg.Pool, works: readonly Work[], tell = false): Promise<void> {
  await pool.query({ ...INSERT, values: [works.map((work) => JSON.stringify(work))] })
  if (tell) await pool.query('notify job')
}

class BareLoop {
  readonly #pool: pg.Pool
  readonly #batch: number
  readonly #stop = new AbortController()
  #listener: pg.Client | undefined
  #loops: Promise<unknown> = Promise.resolve()
  /** Loops that found nothing and wait to be told. */
  #waiting: (() => void)[] = []

  constructor(pool: pg.Pool, batch: number) {
    this.#pool = pool
    this.#batch = batch
  }

  async start(url: string, loops: number, handle: Handle): Promise<void> {
    this.#listener = new pg.Client({ connectionString: url })
    await this.#listener.connect()
    this.#listener.on('notification', () => this.#wake())
    await this.#listener.query('listen job')
    this.#loops = Promise.all(Array.from({ length: loops }, () => this.#run(handle)))
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake()
    await this.#loops
    await this.#listener?.end()
  }

  async #run(handle: Handle): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const told = new Promise<void>((resolve) => this.#waiting.push(resolve))
      const { rows } = await this.#pool.query<{ id: string; data: Work }>({ ...CLAIM, values: [this.#batch] })
      if (rows.length === 0) {
        await told
        continue
      }
      for (const { data } of rows) handle(data)
      await this.#pool.query({ ...DELETE, values: [rows.map(({ id }) => id)] })
    }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}
