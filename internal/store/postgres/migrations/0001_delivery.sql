-- What the program keeps about itself: 'secret' is 32 random bytes from which
-- message ids, VERP tags and the like are derived (each gen_random_uuid has 122
-- random bits).
CREATE TABLE meta (
    key   text PRIMARY KEY,
    value bytea NOT NULL
);
INSERT INTO meta (key, value) VALUES ('secret', sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
