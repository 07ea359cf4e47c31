-- What a reader can have been told of a comparison: JSON of saved.State, each once.
CREATE TABLE saved_states (
    id    INTEGER PRIMARY KEY,
    slug  TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (slug, state)
);

-- Readers' saved comparisons, and what each reader was told last.
CREATE TABLE saved (
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    slug          TEXT NOT NULL,
    at            INTEGER NOT NULL,
    state_id      INTEGER NOT NULL REFERENCES saved_states (id),
    PRIMARY KEY (subscriber_id, slug)
) WITHOUT ROWID;
CREATE INDEX saved_state ON saved (state_id);
