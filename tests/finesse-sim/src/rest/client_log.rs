//! `POST|PUT /finesse/api/User/{id}/ClientLog`: accepted and thrown away.

use super::auth::Account;
use super::reply::Reply;
use super::user_in_path;
use crate::server::World;

pub(crate) fn write(world: &World, account: &Account, id: &str) -> Reply {
    match user_in_path(world, id) {
        Err(unknown) => unknown,
        Ok(target) if account.name() == target => Reply::empty(202),
        Ok(target) => Reply::other_user(&target),
    }
}
