/** The schema of the e-mail platform's tables, and of the run, beside an engine's. */
export function toMailSchema(engine: string): string {
  return `${engine}_mail`
}

/** Of the tables below. A run that other tables belong to cannot be gone on with. */
export const MAIL_VERSION = 2

/** Empties an engine's tables. Run in one transaction with what makes the run, so that no kill leaves half of it. */
export function emptyEngine(schema: string): string {
  const tables = ['job', 'finished', 'execution', 'held_key', 'paused_queue']
  return `TRUNCATE ${tables.map((table) => `${schema}.${table}`).join(', ')}`
}

/** Makes the tables anew, statement by statement: the e-mail platform's, and one row that tells how far the run is. */
export function createMail(schema: string): readonly string[] {
  return [
    `DROP SCHEMA IF EXISTS ${schema} CASCADE`,
    `CREATE SCHEMA ${schema}`,
    `CREATE TABLE ${schema}.run (
      version integer NOT NULL,
      jobs integer NOT NULL,
      seed double precision NOT NULL,
      fed integer NOT NULL DEFAULT 0,
      starts integer NOT NULL DEFAULT 1
    )`,
    `CREATE TABLE ${schema}.campaign (
      id text PRIMARY KEY,
      tenant text NOT NULL,
      name text NOT NULL,
      from_name text NOT NULL,
      from_address text NOT NULL
    )`,
    `CREATE TABLE ${schema}.template (
      id text PRIMARY KEY,
      version integer NOT NULL,
      subject text NOT NULL,
      text text NOT NULL,
      html text NOT NULL,
      attachments json NOT NULL
    )`,
    `CREATE TABLE ${schema}.message (
      message_id text PRIMARY KEY,
      tenant text NOT NULL,
      account text NOT NULL,
      direction text NOT NULL,
      type text NOT NULL,
      sender text NOT NULL,
      recipients json NOT NULL,
      subject text NOT NULL,
      storage_key text NOT NULL,
      attachments json NOT NULL,
      status text NOT NULL,
      received_at double precision NOT NULL
    )`,
    `CREATE TABLE ${schema}.delivery (
      message_id text PRIMARY KEY,
      campaign text NOT NULL,
      recipient text NOT NULL,
      address text NOT NULL,
      status text NOT NULL,
      provider_id text,
      response text,
      at double precision NOT NULL,
      bounce_reason text
    )`,
    `CREATE INDEX delivery_at ON ${schema}.delivery (at)`,
    // One row a job, so that a job that is repeated is not counted again.
    `CREATE TABLE ${schema}.bounce (
      job text PRIMARY KEY,
      message_id text NOT NULL,
      campaign text NOT NULL,
      type text NOT NULL,
      reason text NOT NULL,
      at double precision NOT NULL
    )`,
    `CREATE INDEX bounce_at ON ${schema}.bounce (at)`,
    `CREATE INDEX bounce_campaign ON ${schema}.bounce (campaign, type)`,
    `CREATE TABLE ${schema}.soft_bounces (
      address text PRIMARY KEY,
      count integer NOT NULL
    )`,
    `CREATE TABLE ${schema}.suppression (
      address text PRIMARY KEY,
      reason text NOT NULL
    )`,
    `CREATE TABLE ${schema}.warm_up_plan (
      tenant text NOT NULL,
      account text NOT NULL,
      address text NOT NULL,
      peer text NOT NULL,
      sequences json NOT NULL,
      PRIMARY KEY (tenant, account)
    )`,
    `CREATE TABLE ${schema}.warm_up (
      job text PRIMARY KEY,
      tenant text NOT NULL,
      account text NOT NULL,
      type text NOT NULL,
      step integer NOT NULL,
      at double precision NOT NULL
    )`,
    `CREATE TABLE ${schema}.open (
      message_id text PRIMARY KEY,
      at double precision NOT NULL
    )`,
    `CREATE INDEX open_at ON ${schema}.open (at)`,
    `CREATE TABLE ${schema}.daily_figures (
      tenant text NOT NULL,
      day text NOT NULL,
      sent integer NOT NULL,
      suppressed integer NOT NULL,
      rejected integer NOT NULL,
      hard_bounces integer NOT NULL,
      soft_bounces integer NOT NULL,
      opens integer NOT NULL,
      PRIMARY KEY (tenant, day)
    )`,
    `CREATE TABLE ${schema}.contact (
      tenant text NOT NULL,
      address text NOT NULL,
      name text NOT NULL,
      locale text NOT NULL,
      PRIMARY KEY (tenant, address)
    )`,
    `CREATE TABLE ${schema}.rejected_row (
      job text NOT NULL,
      line integer NOT NULL,
      "row" text NOT NULL,
      reason text NOT NULL,
      PRIMARY KEY (job, line)
    )`,
  ]
}
