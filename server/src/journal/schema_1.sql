-- Times are milliseconds since 1970 (UTC), on Lockstep's clock unless said otherwise.

-- An agent as they were called at a time; another name or team is another row.
CREATE TABLE who (
    id    INTEGER PRIMARY KEY,
    agent TEXT NOT NULL,              -- loginId
    login TEXT NOT NULL,              -- loginName
    name  TEXT NOT NULL,
    team  TEXT NOT NULL,
    UNIQUE (agent, login, name, team)
) STRICT;

CREATE TABLE decision (
    id            INTEGER PRIMARY KEY,
    at            INTEGER NOT NULL,   -- when it was decided
    who           INTEGER NOT NULL REFERENCES who (id),
    side          TEXT NOT NULL,      -- who acted: server, gadget
    term          INTEGER,            -- the gadget's right to act
    trial         INTEGER NOT NULL,   -- 1: dry run, nothing was touched
    code          TEXT NOT NULL,
    sentence      TEXT NOT NULL,
    wanted        TEXT,               -- not_ready, free, ignore
    label         TEXT,               -- of not_ready
    rule          TEXT,
    facts         TEXT,               -- presence, as JSON
    source_at     INTEGER,            -- since when that presence is, on Webex's clock
    received_at   INTEGER,            -- when it was learned
    state         TEXT,               -- what Finesse had shown last
    reason        TEXT,
    reason_code   INTEGER,
    pending       TEXT,
    changed_at    INTEGER,            -- since when, on Finesse's clock
    seen_at       INTEGER,            -- when Finesse was asked for it
    hold          TEXT,               -- label of the hold after this decision
    hold_from     TEXT,               -- state that the agent was taken from
    hold_since    INTEGER,
    request       INTEGER,            -- number of the request that followed
    story         INTEGER,            -- the decision whose request this is the outcome of
    sent_at       INTEGER,            -- of the request that followed: sent,
    answered_at   INTEGER,            -- answered,
    answer        TEXT,               -- how,
    answer_detail TEXT,               -- in Finesse's own words,
    effect_at     INTEGER             -- and when its effect was seen
) STRICT;
CREATE INDEX decision_at ON decision (at);
CREATE INDEX decision_who ON decision (who, at);

-- Decisions that were made and could not be written.
CREATE TABLE gap (
    id    INTEGER PRIMARY KEY,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    lost  INTEGER NOT NULL
) STRICT;

-- When the journal was written: one row per start of the server.
CREATE TABLE life (
    id      INTEGER PRIMARY KEY,
    started INTEGER NOT NULL,
    heard   INTEGER NOT NULL          -- it was still written then
) STRICT;

-- For people: one line per decision, with the latency of each hop in milliseconds.
CREATE VIEW story AS
SELECT decision.id,
       strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS time,
       agent, login, name, team, side, trial, code, sentence, wanted, label, rule, facts,
       state, reason, hold, answer, answer_detail, story,
       CASE WHEN sent_at IS NOT NULL THEN received_at - source_at END AS webex_ms,
       CASE WHEN sent_at IS NOT NULL THEN at - received_at END AS decide_ms,
       sent_at - at AS send_ms,
       answered_at - sent_at AS answer_ms,
       effect_at - coalesce(answered_at, at) AS effect_ms
FROM decision JOIN who ON who.id = decision.who;
