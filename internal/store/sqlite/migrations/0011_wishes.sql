-- What is asked for with an address: to join, to come back, or a link to leave.
ALTER TABLE signups ADD COLUMN wish TEXT NOT NULL DEFAULT 'join';
