//! People of the public API: looked up by mail address, ids told apart (Webex notes 5).

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use lockstep_core::PersonId;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::composition::text;
use super::pauses::Service;
use super::rest::{Rest, RestError, below};

const TOLERANT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, TOLERANT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    TOLERANT.with_encode_padding(false), // as Webex writes them
);

/// Bytes of a raw id: a UUID, and room for what may follow it.
const MAX_ID: usize = 64;

/// The raw id in a public one: base64, padded or not, of `ciscospark://us/PEOPLE/<uuid>`.
/// A raw UUID gets its usual spelling, so that one person has one id.
pub(super) fn raw_id(public: &str) -> Option<PersonId> {
    if let Ok(uuid) = Uuid::try_parse(public) {
        return Some(PersonId::new(uuid.hyphenated().to_string()));
    }
    let bytes = URL_SAFE.decode(public).or_else(|_| PLAIN.decode(public)).ok()?;
    let address = String::from_utf8(bytes).ok()?;
    let (_, last) = address.strip_prefix("ciscospark://")?.rsplit_once('/')?;
    (1..=MAX_ID).contains(&last.len()).then(|| PersonId::new(last.to_ascii_lowercase()))
}

/// The public id of a person; people are always in `us`.
pub(super) fn public_id(person: &PersonId) -> String {
    URL_SAFE.encode(format!("ciscospark://us/PEOPLE/{person}"))
}

/// What the public API shows of a person's presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// The status.
    Status(String),
    /// The person, without a status: outside our organisation, or not to this bot.
    Hidden,
    /// Nobody of this id.
    Nobody,
}

impl Rest {
    /// `GET {api}/people?email=…`.
    pub(super) async fn person_of(
        &self,
        api: &Url,
        address: &str,
    ) -> Result<Option<PersonId>, RestError> {
        let mut url = below(api, &["people"]);
        url.query_pairs_mut().append_pair("email", address);
        match self.get(Service::People, url).await {
            Ok(reply) => found(&reply, address)
                .map_err(|detail| RestError::Failed { service: Service::People.label(), detail }),
            // 400 is Webex's word for an address that cannot be one.
            Err(error) if matches!(error.status(), Some(400 | 404)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `GET {api}/people/me`: is the token accepted?
    pub(super) async fn me(&self, api: &Url) -> Result<(), RestError> {
        self.get(Service::People, below(api, &["people", "me"])).await.map(drop)
    }

    /// `GET {api}/people/{id}`: the status word in the feed's spelling.
    pub(super) async fn status_of(&self, api: &Url, person: &PersonId) -> Result<Shown, RestError> {
        match self.get(Service::People, below(api, &["people", &public_id(person)])).await {
            Ok(reply) => Ok(text(&reply, "status")
                .map_or(Shown::Hidden, |word| Shown::Status(feed_word(word).to_owned()))),
            Err(error) if error.status() == Some(404) => Ok(Shown::Nobody),
            Err(error) => Err(error),
        }
    }
}

/// The one with that address, else the first; Webex has searched by the address already.
pub(super) fn found(reply: &Value, address: &str) -> Result<Option<PersonId>, String> {
    let items = reply.get("items").and_then(Value::as_array);
    let items = items.ok_or_else(|| "the answer has no items".to_owned())?;
    let Some(item) = items.iter().find(|item| has_address(item, address)).or(items.first()) else {
        return Ok(None);
    };
    let id = text(item, "id").and_then(raw_id);
    id.map(Some).ok_or_else(|| "the person's id cannot be read".to_owned())
}

fn has_address(item: &Value, address: &str) -> bool {
    let emails = item.get("emails").and_then(Value::as_array).map(Vec::as_slice);
    emails
        .unwrap_or_default()
        .iter()
        .any(|email| email.as_str().is_some_and(|email| email.eq_ignore_ascii_case(address)))
}

/// The public API's spelling, translated (Webex notes 5).
fn feed_word(status: &str) -> &str {
    match status {
        "DoNotDisturb" => "dnd",
        "OutOfOffice" => "ooo",
        other => super::composition::normal(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RAW: &str = "1eb65fdf-9643-417f-9974-ad72cae0e10f";

    #[test]
    fn ids_are_read_with_and_without_padding_and_written_without() {
        let person = PersonId::new(RAW);
        let public = public_id(&person);
        assert_eq!(public.len(), 79);
        assert!(!public.contains('='));
        assert_eq!(raw_id(&public), Some(person.clone()));
        assert_eq!(raw_id(&format!("{public}=")), Some(person.clone()));
        assert_eq!(raw_id(&RAW.to_uppercase()), Some(person.clone()));
        let elsewhere = PLAIN.encode(format!("ciscospark://urn:TEAM:eu-central-1_k/PEOPLE/{RAW}"));
        assert_eq!(raw_id(&elsewhere), Some(person));
        for spelling in [RAW.replace('-', ""), format!("{{{RAW}}}"), format!("urn:uuid:{RAW}")] {
            assert_eq!(raw_id(&spelling), raw_id(RAW), "{spelling}");
        }
        let long = PLAIN.encode(format!("ciscospark://us/PEOPLE/{}", "x".repeat(MAX_ID + 1)));
        assert_eq!(raw_id(&long), None);
        for junk in ["", "%%%", "aGVsbG8", "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8"] {
            assert_eq!(raw_id(junk), None, "{junk}");
        }
    }

    #[test]
    fn the_person_with_the_address_is_preferred() {
        let other = public_id(&PersonId::new("other"));
        let wanted = public_id(&PersonId::new("wanted"));
        let reply = json!({"items": [
            {"id": other, "emails": ["x@example.com"]},
            {"id": wanted, "emails": ["A@example.com"]},
        ]});
        assert_eq!(found(&reply, "a@example.com"), Ok(Some(PersonId::new("wanted"))));
        assert_eq!(found(&reply, "alias@example.com"), Ok(Some(PersonId::new("other"))));
        assert_eq!(found(&json!({"items": []}), "a"), Ok(None));
        assert!(found(&json!({}), "a").is_err());
    }

    #[test]
    fn the_public_words_become_those_of_the_feed() {
        for (public, feed) in
            [("DoNotDisturb", "dnd"), ("OutOfOffice", "ooo"), ("Meeting", "meeting")]
        {
            assert_eq!(feed_word(public), feed);
        }
    }
}
