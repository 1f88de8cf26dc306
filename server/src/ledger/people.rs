//! The table of persons found in Webex.

use std::path::PathBuf;
use std::sync::Arc;

use lockstep_core::{PersonId, Time};
use rusqlite::{Connection, Transaction};

use super::LedgerError;
use super::database::{Mover, lock};
use crate::directory::{KeepPeople, Kept, Known};

/// Between two addresses; no address has one in it.
const BETWEEN: &str = "\n";

/// The table, over the connection that does not carry the ledger.
#[derive(Debug)]
pub(super) struct People {
    pub(super) path: PathBuf,
    pub(super) connection: Arc<Mover>,
}

impl KeepPeople for People {
    fn read(&self) -> Kept<Vec<Known>> {
        self.beside("read", |connection| read(connection))
    }

    fn write(&self, changes: Vec<Known>) -> Kept<()> {
        self.beside("write", move |connection| {
            let transaction = connection.transaction()?;
            changes.iter().try_for_each(|known| put(&transaction, known))?;
            transaction.commit()
        })
    }
}

impl People {
    /// Does it on a thread that may wait.
    fn beside<T, W>(&self, what: &'static str, work: W) -> Kept<T>
    where
        T: Send + 'static,
        W: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (connection, path) = (Arc::clone(&self.connection), self.path.clone());
        let done = tokio::task::spawn_blocking(move || work(&mut lock(&connection.connection)));
        Box::pin(async move {
            let done = done.await.unwrap_or(Err(rusqlite::Error::InvalidQuery));
            done.map_err(|source| LedgerError::Database { what, path, source })
        })
    }
}

fn read(connection: &Connection) -> rusqlite::Result<Vec<Known>> {
    let mut select = connection.prepare("SELECT addresses, person, checked FROM people")?;
    let known = select.query_map([], |row| {
        let (addresses, checked): (String, i64) = (row.get(0)?, row.get(2)?);
        Ok(Known {
            addresses: addresses.split(BETWEEN).map(str::to_owned).collect(),
            person: Some(PersonId::new(row.get::<_, String>(1)?)),
            checked: Time::from_millis(u64::try_from(checked).unwrap_or(0)),
        })
    })?;
    known.collect()
}

fn put(transaction: &Transaction<'_>, known: &Known) -> rusqlite::Result<()> {
    let addresses = known.addresses.join(BETWEEN);
    match &known.person {
        Some(person) => {
            let checked = i64::try_from(known.checked.as_millis()).unwrap_or(i64::MAX);
            transaction
                .prepare_cached("INSERT OR REPLACE INTO people VALUES (?1, ?2, ?3)")?
                .execute((addresses, person.as_str(), checked))?
        }
        None => transaction
            .prepare_cached("DELETE FROM people WHERE addresses = ?1")?
            .execute([addresses])?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Database, Store};

    fn known(address: &str, person: Option<&str>) -> Known {
        let addresses = vec![address.to_owned(), format!("{address}.other")];
        let person = person.map(PersonId::new);
        Known { addresses, person, checked: Time::from_millis(5) }
    }

    #[tokio::test]
    async fn who_was_found_is_known_after_a_restart_and_who_is_gone_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let open = || {
            let mut database = Database::in_dir(dir.path()).unwrap();
            database.read().unwrap();
            database.people()
        };
        let people = open();
        assert_eq!(people.read().await.unwrap(), []);
        people.write(vec![known("a@x", Some("p")), known("b@x", Some("q"))]).await.unwrap();
        people.write(vec![known("a@x", None)]).await.unwrap();
        drop(people);
        assert_eq!(open().read().await.unwrap(), [known("b@x", Some("q"))]);
    }
}
