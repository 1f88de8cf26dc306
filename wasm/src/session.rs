//! The session: the desktop's own authorization goes out once, a token comes back.

use lockstep_core::AgentId;
use lockstep_core::desk::Trouble;
use lockstep_core::protocol::{Refusal, RefusalCode, SESSION_PATH, SessionReply, SessionRequest};
use wasm_bindgen::prelude::*;

use crate::{js, wire};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    fn fetch(address: &str, options: &JsValue) -> js_sys::Promise;
}

/// Asks for a session of `agent`. The authorization is in no error and in no address.
pub(crate) fn ask(
    server: &str,
    agent: &AgentId,
    authorization: &str,
    answered: impl Fn(Result<SessionReply, Trouble>) + Clone + 'static,
) {
    let headers = js::object(&[
        ("authorization", JsValue::from_str(authorization)),
        ("content-type", JsValue::from_str("application/json")),
    ]);
    let body = wire::request(&SessionRequest { agent: agent.clone() }).print();
    let options = js::object(&[
        ("method", JsValue::from_str("POST")),
        ("headers", headers),
        ("body", JsValue::from_str(&body)),
        ("credentials", JsValue::from_str("omit")),
        ("cache", JsValue::from_str("no-store")),
    ]);
    let failed = {
        let answered = answered.clone();
        js::function(move |_| answered(Err(Trouble::Unreachable)))
    };
    let heard = {
        let failed = failed.clone();
        js::function(move |response| {
            let status = js::get(&response, "status").and_then(|status| js::text(&status));
            let ok = js::get(&response, "ok").is_some_and(|ok| ok.is_truthy());
            let answered = answered.clone();
            let read = js::function(move |body| {
                let body = js::text(&body).unwrap_or_default();
                answered(read(ok, status.as_deref().unwrap_or("?"), &body));
            });
            if let Some(text) = js::call(&response, "text", &[]) {
                js::call(&text, "then", &[read, failed.clone()]);
            }
        })
    };
    let promise = fetch(&[server, SESSION_PATH].concat(), &options);
    js::call(promise.as_ref(), "then", &[heard, failed]);
}

fn read(ok: bool, status: &str, body: &str) -> Result<SessionReply, Trouble> {
    if ok && let Some(reply) = wire::session(body) {
        return Ok(reply);
    }
    // What is no refusal of ours comes from something on the way.
    let stranger = || Refusal {
        code: RefusalCode::Other,
        message: ["the server's address answers ", status, ", and not as Lockstep does"].concat(),
        retry_after: None,
    };
    let refusal = if ok { None } else { wire::refusal(body) };
    Err(Trouble::Refused(refusal.unwrap_or_else(stranger)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_as_it_came_and_a_proxys_page_is_none() {
        let said = r#"{"code":"not_watched","message":"x","retry_after":7}"#;
        let refused = |trouble| match trouble {
            Err(Trouble::Refused(refusal)) => (refusal.code, refusal.retry_after),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(read(false, "403", said)), (RefusalCode::NotWatched, Some(7)));
        assert_eq!(refused(read(false, "502", "<html>")), (RefusalCode::Other, None));
        assert_eq!(refused(read(true, "200", "<html>")), (RefusalCode::Other, None));
        let granted = r#"{"agent":"1","token":"t","expires_at":2,"now":1}"#;
        assert_eq!(read(true, "200", granted).unwrap().token, "t");
    }
}
