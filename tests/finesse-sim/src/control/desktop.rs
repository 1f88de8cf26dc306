//! `/sim/layout`, `/sim/files`, `/sim/desktop`: what the desktop shows and does.

use bytes::Bytes;
use serde::Deserialize;

use super::bodies::read;
use super::{Outcome, done};
use crate::desktop::{Act, Layout};
use crate::server::Shared;
use crate::server::person::known;

/// `POST /sim/desktop`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActBody {
    act: Act,
    #[serde(default)]
    user: Option<String>,
}

/// `PUT /sim/layout`: desktops that are opened from now on have this layout.
pub(crate) fn set_layout(shared: &Shared, body: &[u8]) -> Outcome {
    match Layout::read(&String::from_utf8_lossy(body)) {
        Ok(layout) => {
            shared.with(|world, _| world.desk.layout = layout);
            Outcome::Done
        }
        Err(sentence) => Outcome::Mistake(sentence),
    }
}

/// `PUT /sim/files/NAME`: what an administrator puts under `/3rdpartygadget/files/` by SFTP.
pub(crate) fn upload(shared: &Shared, name: &str, body: &[u8]) -> Outcome {
    let file = Bytes::copy_from_slice(body);
    let kept = shared.with(|world, _| world.desk.upload(name, file));
    if kept { Outcome::Done } else { Outcome::Mistake("there are too many files".to_owned()) }
}

/// `POST /sim/desktop`: `{"act": "failing", "user": "agent1001"}`.
pub(crate) fn act(shared: &Shared, body: &[u8]) -> Outcome {
    let body: ActBody = match read(body) {
        Ok(body) => body,
        Err(sentence) => return Outcome::Mistake(sentence),
    };
    done(shared.with(|world, _| {
        let user = body.user.as_deref().map(|name| known(world, name)).transpose()?;
        world.desk.order(body.act, user.as_deref());
        Ok(())
    }))
}
