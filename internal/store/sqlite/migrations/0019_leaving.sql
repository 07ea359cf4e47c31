-- Who may not be mailed any more leaves the running sends by the store's methods
-- (delivery_leave.go), in the transaction that writes it: a rule that only a
-- trigger knows is one that no other store can follow.
DROP TRIGGER subscribers_leave;
DROP TRIGGER subscribers_erase;
