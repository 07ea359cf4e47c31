-- Refusals that only the operators can do something about, told at once.
ALTER TABLE send_notices ADD COLUMN alarm TEXT NOT NULL DEFAULT ''; -- which kind; '': a pause, or the end
ALTER TABLE send_notices ADD COLUMN reply TEXT NOT NULL DEFAULT ''; -- the server's
