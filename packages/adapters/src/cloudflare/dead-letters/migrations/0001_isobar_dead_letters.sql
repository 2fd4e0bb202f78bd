CREATE TABLE IF NOT EXISTS isobar_dead_letters (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  queue TEXT NOT NULL,
  priority TEXT NOT NULL,
  reason TEXT NOT NULL,
  error TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  crashes INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  died_at INTEGER NOT NULL,
  redrives INTEGER NOT NULL,
  tenant TEXT,
  body TEXT NOT NULL,
  kind TEXT NOT NULL,
  claim TEXT,
  claimed_at INTEGER
);
CREATE INDEX IF NOT EXISTS isobar_dead_letters_by_time ON isobar_dead_letters (died_at, seq);
CREATE INDEX IF NOT EXISTS isobar_dead_letters_by_queue ON isobar_dead_letters (queue, died_at, seq);
