import type { Admin, Migrated } from '@isobar/adapters/postgres'
import type { Broker } from '@isobar/core'
import type { Io } from './io.ts'

/** An option that a command takes. */
export interface OptionSpec {
  /** What its value is called in the help; without it, the option takes none. */
  readonly value?: string
  readonly help: string
}

/** Options by name, in the order of the help. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** What a command has done or found. */
export interface Result {
  /** For programs: one document, whose shape is part of the contract. */
  readonly json: unknown
  /** For people. */
  readonly text: string
  /** Default `EXIT.ok`. */
  readonly code?: number
  /** What is to be said besides, on standard error. */
  readonly note?: string
}

/** What commands ask of where the jobs are. */
export type Engine = Omit<Admin, 'migrate'>

/** One call of a command. */
export interface Invocation {
  /** What follows the command's name. */
  readonly parameters: readonly string[]
  /** Values of its options; `''` for those that take none and are there. */
  readonly options: Readonly<Record<string, string | undefined>>
  readonly io: Io
  /** Lets `work` use the engine that the command line names, and lets go of it. */
  use<Value>(work: (engine: Engine) => Promise<Value>): Promise<Value>
  /** Makes that engine where there is none, and brings its tables up to date. */
  migrate(): Promise<Migrated>
  /** A broker of that engine's for a worker, which is then the worker's to dispose. */
  createBroker(options: { readonly retain?: string }): Promise<Broker>
}

/** A command of `isobar`. */
export interface Command {
  /** One word or two: `stats`, `dead list`. */
  readonly name: string
  readonly summary: string
  /** What follows the name, as the help shows it. */
  readonly usage: string
  /** How many words may follow the name. */
  readonly parameters: { readonly least: number; readonly most: number }
  /** Its own, besides those of all commands. */
  readonly options: OptionSpecs
  /** Without a result, it goes on after this. */
  run(invocation: Invocation): Promise<Result | undefined>
}
