//! `/sim/users`, `/sim/teams`, `/sim/failover`: people and what they do.

use serde_json::{Value, json};

use super::bodies::{CallBody, StateBody, TeamBody, TeamNameBody, read};
use super::{Outcome, done};
use crate::model::user::UserSpec;
use crate::server::Shared;
use crate::server::person::{self, known};
use crate::view;

pub(crate) fn list(shared: &Shared) -> Outcome {
    shared.with(|world, _| {
        let centre = &world.centre;
        let users: Vec<_> = centre.users().map(|user| view::user(centre, user, false)).collect();
        Outcome::Shown(json!(users))
    })
}

pub(crate) fn show(shared: &Shared, name: &str) -> Outcome {
    shared.with(|world, _| {
        let found = world.centre.login_id(name).and_then(|id| {
            world.centre.user(&id).map(|user| view::user(&world.centre, user, true))
        });
        match found {
            Some(user) => Outcome::Shown(json!(user)),
            None => Outcome::Unknown(format!("there is no user {name}")),
        }
    })
}

pub(crate) fn add(shared: &Shared, body: &[u8]) -> Outcome {
    let user: UserSpec = match read(body) {
        Ok(user) => user,
        Err(sentence) => return Outcome::Mistake(sentence),
    };
    done(shared.with(|world, now| world.centre.add_user(user, now).map_err(|e| e.to_string())))
}

pub(crate) fn remove(shared: &Shared, name: &str) -> Outcome {
    done(shared.with(|world, _| {
        let id = known(world, name)?;
        world.centre.remove_user(&id).map_err(|error| error.to_string())
    }))
}

pub(crate) fn set_state(shared: &Shared, name: &str, body: &[u8]) -> Outcome {
    let body: StateBody = match read(body) {
        Ok(body) => body,
        Err(sentence) => return Outcome::Mistake(sentence),
    };
    done(shared.with(|world, now| {
        person::set_state(world, name, &body.state, body.reason.as_deref(), body.by, now)
    }))
}

pub(crate) fn call(shared: &Shared, name: &str, body: &[u8]) -> Outcome {
    let body: CallBody = match read(body) {
        Ok(body) => body,
        Err(sentence) => return Outcome::Mistake(sentence),
    };
    done(shared.with(|world, now| person::call(world, name, body.event, body.options(), now)))
}

pub(crate) fn set_team(shared: &Shared, name: &str, body: &[u8]) -> Outcome {
    let body: TeamBody = match read(body) {
        Ok(body) => body,
        Err(sentence) => return Outcome::Mistake(sentence),
    };
    let wanted = match &body.team {
        Value::String(name) => name.clone(),
        other => other.to_string(),
    };
    done(shared.with(|world, _| {
        let id = known(world, name)?;
        let team = world.centre.team_named(&wanted);
        let team = team.ok_or_else(|| format!("there is no team {wanted}"))?;
        world.centre.move_user(&id, team).map_err(|error| error.to_string())
    }))
}

pub(crate) fn teams(shared: &Shared) -> Outcome {
    shared.with(|world, _| {
        let named = world.centre.teams().iter();
        let teams: Vec<_> = named.map(|(id, name)| json!({"id": id, "name": name})).collect();
        Outcome::Shown(json!(teams))
    })
}

pub(crate) fn put_team(shared: &Shared, id: &str, body: &[u8]) -> Outcome {
    let body: TeamNameBody = match read(body) {
        Ok(body) => body,
        Err(sentence) => return Outcome::Mistake(sentence),
    };
    let Ok(id) = id.parse() else {
        return Outcome::Mistake(format!("a team id is a number, not {id}"));
    };
    shared.with(|world, _| world.centre.put_team(id, &body.name));
    Outcome::Done
}

pub(crate) fn fail_over(shared: &Shared) -> Outcome {
    shared.with(|world, now| world.centre.fail_over(now));
    Outcome::Done
}
