-- When a mailbox said of a sign-up that it was not its own: it is asked no more for a
-- while (subscribers.DeclinedFor). 0: never.
ALTER TABLE confirmation_limits ADD COLUMN declined_at INTEGER NOT NULL DEFAULT 0;
