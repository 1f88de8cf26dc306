//! Ids: new ones from a generator that was handed over, a person's from the address, and the
//! public API's wrapping of both.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};
use rand::rngs::{StdRng, SysRng};
use rand::{RngExt as _, SeedableRng as _};
use uuid::{Builder, Uuid};

/// Written without padding, read with or without it (wire notes 5).
const PUBLIC: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Draws device, envelope and token ids.
#[derive(Debug)]
pub(crate) struct Ids(StdRng);

// === impl Ids ===

impl Ids {
    /// The same ids for the same seed; without one, ids that no earlier run has used, so that a
    /// device of a simulator that was restarted on the same port is really unknown.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let generator = match seed {
            Some(seed) => StdRng::seed_from_u64(seed),
            None => StdRng::try_from_rng(&mut SysRng).unwrap_or_else(|_| StdRng::seed_from_u64(0)),
        };
        Self(generator)
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        Builder::from_random_bytes(self.0.random()).into_uuid()
    }

    /// A number from 0 to `top`, both included.
    pub(crate) fn up_to(&mut self, top: u64) -> u64 {
        self.0.random_range(0..=top)
    }
}

/// The id of the person with this address: the same in every run (FNV-1a over the address).
pub(crate) fn of_address(address: &str) -> Uuid {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = address
        .to_ascii_lowercase()
        .bytes()
        .fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    Builder::from_random_bytes(hash.to_be_bytes()).into_uuid()
}

/// The public id of a raw one: unpadded base64 of `ciscospark://us/<kind>/<uuid>`
/// (wire notes 5).
pub(crate) fn public(kind: &str, id: Uuid) -> String {
    PUBLIC.encode(format!("ciscospark://us/{kind}/{id}"))
}

/// The raw id inside a public one.
pub(crate) fn raw_of_public(text: &str) -> Option<Uuid> {
    let bytes = PUBLIC.decode(text).ok()?;
    let uri = String::from_utf8(bytes).ok()?;
    let tail = uri.strip_prefix("ciscospark://")?.rsplit('/').next()?;
    Uuid::try_parse(tail).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_person_id_has_79_characters_and_reads_back_padded_or_not() {
        let id = of_address("agent1001@example.com");
        let text = public("PEOPLE", id);
        assert_eq!(text.len(), 79);
        assert_eq!(raw_of_public(&text), Some(id));
        assert_eq!(raw_of_public(&format!("{text}=")), Some(id));
        assert_eq!(raw_of_public(&id.to_string()), None);
    }

    #[test]
    fn an_address_has_one_id_whatever_its_case() {
        assert_eq!(of_address("Agent1001@Example.com"), of_address("agent1001@example.com"));
        assert_ne!(of_address("agent1001@example.com"), of_address("agent1002@example.com"));
    }
}
