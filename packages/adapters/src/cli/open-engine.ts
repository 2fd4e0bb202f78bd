import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type BullmqOptions, bullmq } from '@isobar/adapters/bullmq'
import {
  connectFolder,
  type EngineConnection,
  embedded,
  type Migrated,
  type PostgresBroker,
  postgres,
} from '@isobar/adapters/postgres'
import type { Broker, Duration } from '@isobar/core'
import type { Engine } from './command.ts'
import { NotFoundError, UsageError } from './errors.ts'
import type { Place } from './place.ts'

/** Connections to a database for a command: it asks one thing after the other. */
const CONNECTIONS = 2

/** What an embedded engine has in its folder once it was ever open. */
const ENGINE_FILE = join('data', 'PG_VERSION')

/** Times a folder is looked at anew that another process has let go of, or taken, meanwhile. */
const FOLDER_TRIES = 5

/** An engine for a command, to be disposed. */
type OpenEngine = Engine & AsyncDisposable

type Folder = Extract<Place, { kind: 'folder' }>
type Redis = Extract<Place, { kind: 'redis' }>

/**
 * Opens the engine at a place for a command. Nothing is made, and tables are left as they are. Of a folder that a process
 * has open, it is that process's engine, through its local API.
 * @throws {NotFoundError} for a folder that holds no engine.
 */
export async function openEngine(place: Place): Promise<OpenEngine> {
  if (place.kind === 'redis') return openRedis(place)
  if (place.kind === 'database') return createBroker(place)
  return inFolder(place, async () => {
    if (!existsSync(join(place.path, ENGINE_FILE))) {
      throw new NotFoundError(
        `folder ${place.path} holds no engine; see that the path is right, or make one: isobar migrate --folder ${place.path}`,
      )
    }
    const broker = createBroker(place)
    await disposeOnError(broker, () => broker.ready())
    return broker
  })
}

/** Makes the engine at a place where there is none, and brings its tables up to date. */
export async function migrateEngine(place: Place): Promise<Migrated> {
  if (place.kind === 'redis') throw new UsageError('Redis has no tables: there is nothing to migrate')
  const migrate = async (engine: Migrating): Promise<Migrated> => {
    try {
      return await engine.migrate()
    } finally {
      await engine[Symbol.asyncDispose]()
    }
  }
  if (place.kind === 'database') return migrate(createBroker(place))
  const done = await inFolder<Migrated | Migrating>(place, () => migrate(createBroker(place)))
  return 'to' in done ? done : migrate(done)
}

/** What has tables. */
type Migrating = Pick<PostgresBroker, 'migrate'> & AsyncDisposable

/** Looked at first: a command is to say in one line that a server is not there. */
async function openRedis({ url, prefix }: Redis, options: BullmqOptions = {}): Promise<ReturnType<typeof bullmq>> {
  const broker = bullmq(url, { ...options, ...(prefix !== undefined && { prefix }) })
  await disposeOnError(broker, () => broker.ready())
  return broker
}

function createBroker(place: Exclude<Place, Redis>): PostgresBroker {
  const options = { migrate: false, ...(place.schema && { schema: place.schema }) }
  return place.kind === 'database'
    ? postgres(place.url, { ...options, connections: CONNECTIONS })
    : // Not served: whoever comes meanwhile waits for the end of it, which is soon.
      embedded(place.path, { ...options, api: false })
}

/** The engine that a process has open on a folder, else what `here` makes of the folder in this process. */
async function inFolder<Value>(
  { path, schema }: Folder,
  here: () => Promise<Value>,
): Promise<Value | EngineConnection> {
  for (let tries = 1; ; tries++) {
    const engine = await connectFolder(path)
    if (engine) return schema === undefined ? engine : refuseSchema(engine)
    try {
      return await here()
    } catch (error) {
      // Another process was quicker: it is asked then.
      if (tries === FOLDER_TRIES || (error as { code?: unknown }).code !== 'FOLDER_LOCKED') throw error
    }
  }
}

async function refuseSchema(engine: EngineConnection): Promise<never> {
  await engine[Symbol.asyncDispose]()
  throw new UsageError(`process ${engine.pid} has the folder open, with a schema of its choice; leave out --schema`)
}

async function disposeOnError<Value>(engine: AsyncDisposable, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
}

/** A broker for a worker: its own engine where the place is a folder, with tables brought up to date. */
export async function openBroker(place: Place, options: { retain?: string }): Promise<Broker> {
  const retain = options.retain as Duration | undefined
  if (place.kind === 'redis') return openRedis(place, { ...(retain && { retain }) })
  const settings = {
    ...(place.schema && { schema: place.schema }),
    ...(retain && { retain }),
  }
  const broker = place.kind === 'database' ? postgres(place.url, settings) : embedded(place.path, settings)
  // A worker waits for a broker that fails; one that fails from the start is an error.
  await disposeOnError(broker, () => broker.ready())
  return broker
}
