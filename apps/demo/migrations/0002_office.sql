-- The platform's tables besides mail: warm-up, opens, figures of a day, contacts.
ALTER TABLE bounce ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX bounce_by_time ON bounce (at);
CREATE INDEX delivery_by_time ON delivery (at);
CREATE TABLE warm_up_plan (
  tenant TEXT NOT NULL,
  account TEXT NOT NULL,
  address TEXT NOT NULL,
  peer TEXT NOT NULL,
  sequences TEXT NOT NULL,
  PRIMARY KEY (tenant, account)
);
-- One row a job, so that a step that is repeated is not done again.
CREATE TABLE warm_up (
  job TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  account TEXT NOT NULL,
  type TEXT NOT NULL,
  step INTEGER NOT NULL,
  at INTEGER NOT NULL
);
CREATE TABLE open (
  message_id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
);
CREATE INDEX open_by_time ON open (at);
CREATE TABLE daily_figures (
  tenant TEXT NOT NULL,
  day TEXT NOT NULL,
  sent INTEGER NOT NULL,
  suppressed INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  hard_bounces INTEGER NOT NULL,
  soft_bounces INTEGER NOT NULL,
  opens INTEGER NOT NULL,
  PRIMARY KEY (tenant, day)
);
CREATE TABLE contact (
  tenant TEXT NOT NULL,
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  locale TEXT NOT NULL,
  PRIMARY KEY (tenant, address)
);
CREATE TABLE rejected_row (
  job TEXT NOT NULL,
  line INTEGER NOT NULL,
  "row" TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (job, line)
);
