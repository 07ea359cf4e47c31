-- Whose fault a refusal is (delivery.Fault; 0: none, or recorded before this),
-- and whether a circuit breaker has stopped the send, so that no refusal of it
-- is believed.
ALTER TABLE deliveries ADD COLUMN fault INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sends ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0;
