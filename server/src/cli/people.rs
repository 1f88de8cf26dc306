//! The journal of a configuration, and who in it is meant.

use super::complain;
use crate::config::Config;
use crate::journal::{JournalError, Person, Reader, path_in};

/// Who was meant.
#[derive(Debug)]
pub(super) enum Found {
    /// This one.
    One(Person),
    /// Nobody, or several: that was told on stderr.
    Told,
}

/// The journal; that there is none is told on stderr.
pub(super) fn journal(config: &Config) -> Result<Option<Reader>, JournalError> {
    let dir = &config.state.dir;
    let journal = Reader::open(dir)?;
    if journal.is_none() {
        let path = path_in(dir);
        complain(&format!(
            "lockstep: there is no journal {}: lockstep run writes it into state.dir",
            path.display()
        ));
    }
    Ok(journal)
}

/// Whoever is called so.
pub(super) fn find(journal: &Reader, whom: &str) -> Result<Found, JournalError> {
    let mut people = journal.people(whom)?;
    if people.len() == 1
        && let Some(person) = people.pop()
    {
        return Ok(Found::One(person));
    }
    if people.is_empty() {
        complain(&format!(
            "lockstep: the journal knows nobody who is called {whom:?}; give a loginId, a loginName \
             or a name as Finesse has it"
        ));
    } else {
        complain(&format!("lockstep: {whom:?} may be any of these; give the loginId:"));
        for Person { agent, login, name, team } in people {
            complain(&plain(&format!("  {agent}  {login}  {name}  ({team})")));
        }
    }
    Ok(Found::Told)
}

/// Without what would do something to a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
