//! The desktop's own files, built in; the vendor's library may take the place of ours.

use axum::body::Body;
use hyper::Response;

use super::page::{bytes, media_type, plain};
use crate::server::Shared;

/// Files of the folder `desktop`, one after the other.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        concat!($(include_str!(concat!("../../desktop/", $name)), "\n"),+)
    };
}

/// What gadgets get from Shindig: `gadgets.*`.
const SHINDIG: &str =
    files!("gadgets/core.js", "gadgets/io.js", "gadgets/hub.js", "gadgets/window.js");
/// Our own `finesse.js`.
const FINESSE: &str = files!(
    "finesse/base.js",
    "finesse/xml.js",
    "finesse/rest.js",
    "finesse/services.js",
    "finesse/container.js",
    "finesse/user.js",
);
const CONTAINER: &str = files!(
    "container/session.js",
    "finesse/xml.js",
    "container/hub.js",
    "container/events.js",
    "container/frames.js",
    "container/state.js",
    "container/start.js",
);

pub(crate) fn serve(shared: &Shared, path: &str) -> Response<Body> {
    let (name, text) = match path {
        "/desktop" => ("a.html", files!("sign-in.html")),
        "/desktop/container" => ("a.html", files!("container.html")),
        "/desktop/sim/sign-in.js" => ("a.js", files!("sign-in.js")),
        "/desktop/sim/container.js" => ("a.js", CONTAINER),
        "/desktop/sim/desk.css" => ("a.css", files!("desk.css")),
        "/desktop/scripts/css/finextcommonstyles.css" => {
            ("a.css", files!("finextcommonstyles.css"))
        }
        "/gadgets/js/core.js" => ("a.js", SHINDIG),
        "/desktop/assets/js/finesse.js" | "/desktop/assets/js/finesse.min.js" => {
            return library(shared, FINESSE, |shared| {
                shared.with(|world, _| world.desk.finesse_js.clone())
            });
        }
        "/desktop/assets/js/jquery.js" | "/desktop/assets/js/jquery.min.js" => {
            return library(shared, files!("jquery.js"), |shared| {
                shared.with(|world, _| world.desk.jquery.clone())
            });
        }
        _ => return plain(404, "Resource not available"),
    };
    bytes(200, media_type(name), text)
}

fn library(
    shared: &Shared,
    ours: &'static str,
    theirs: impl Fn(&Shared) -> Option<String>,
) -> Response<Body> {
    let text = theirs(shared).map_or_else(|| ours.into(), bytes::Bytes::from);
    bytes(200, media_type("a.js"), text)
}
