-- What people asked for on the supervisors' page.
CREATE TABLE deed (
    id    INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,
    actor TEXT NOT NULL,              -- user name in Finesse of whoever asked
    what  TEXT NOT NULL,              -- snooze, unsnooze, release, pause, resume, reload
    who   INTEGER REFERENCES who (id), -- of an agent
    team  TEXT,                       -- of a team: its id
    until INTEGER                     -- where it ends by itself
) STRICT;
CREATE INDEX deed_at ON deed (at);
