-- The e-mail platform's tables, and what became of its jobs.
CREATE TABLE campaign (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  from_name TEXT NOT NULL,
  from_address TEXT NOT NULL
);
CREATE TABLE template (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  html TEXT NOT NULL,
  attachments TEXT NOT NULL
);
CREATE TABLE message (
  message_id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  account TEXT NOT NULL,
  direction TEXT NOT NULL,
  type TEXT NOT NULL,
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  subject TEXT NOT NULL,
  storage_key TEXT NOT NULL,
  attachments TEXT NOT NULL,
  status TEXT NOT NULL,
  received_at INTEGER NOT NULL
);
CREATE TABLE delivery (
  message_id TEXT PRIMARY KEY,
  campaign TEXT NOT NULL,
  recipient TEXT NOT NULL,
  address TEXT NOT NULL,
  status TEXT NOT NULL,
  provider_id TEXT,
  response TEXT,
  at INTEGER NOT NULL,
  bounce_reason TEXT
);
-- One row a job, so that a job that is repeated is not counted again. What is counted is counted from here.
CREATE TABLE bounce (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job TEXT NOT NULL UNIQUE,
  message_id TEXT NOT NULL,
  campaign TEXT NOT NULL,
  address TEXT NOT NULL,
  type TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX bounce_by_message ON bounce (message_id, seq);
CREATE INDEX bounce_by_campaign ON bounce (campaign, type);
CREATE INDEX bounce_by_address ON bounce (address, type);
CREATE TABLE suppression (
  address TEXT PRIMARY KEY,
  reason TEXT NOT NULL
);
-- Where each job stands, written once a batch.
CREATE TABLE job_record (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  attempt INTEGER NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX job_record_by_time ON job_record (at);
-- How often the demo's own mail server has put off an address.
CREATE TABLE put_off (
  address TEXT PRIMARY KEY,
  times INTEGER NOT NULL
);
