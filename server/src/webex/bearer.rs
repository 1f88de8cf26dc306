use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// An access token and which one it is.
#[derive(Debug, Clone)]
pub(super) struct Bearer {
    pub(super) secret: Arc<SecretString>,
    /// Grows by one with each new token.
    pub(super) generation: u64,
}

impl Bearer {
    /// The first token of a run.
    pub(super) fn first(secret: &SecretString) -> Self {
        Self { secret: Arc::new(secret.clone()), generation: 0 }
    }

    /// `value` without the token in any text of it, should a server repeat it to us.
    ///
    /// To be called on what was parsed: JSON may spell a token in escapes.
    pub(super) fn scrub_all(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.is_in(text) => *text = self.scrub(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.scrub_all(value)),
            Value::Object(fields) => {
                if fields.keys().any(|name| self.is_in(name)) {
                    let all = std::mem::take(fields).into_iter();
                    fields.extend(all.map(|(name, value)| (self.scrub(&name), value)));
                }
                fields.values_mut().for_each(|value| self.scrub_all(value));
            }
            _ => {}
        }
    }

    fn is_in(&self, text: &str) -> bool {
        let secret = self.secret.expose_secret();
        !secret.is_empty() && text.contains(secret)
    }

    /// `text` without the token, should a server repeat it to us.
    pub(super) fn scrub(&self, text: &str) -> String {
        if self.is_in(text) {
            text.replace(self.secret.expose_secret(), "[token]")
        } else {
            text.to_owned()
        }
    }
}
