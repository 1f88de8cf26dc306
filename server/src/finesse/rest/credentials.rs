//! A user name and a password, as they go over the wire and as they must never be shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::settings::{AccountSettings, SettingsError};

/// One user's credentials.
#[derive(Debug)]
pub(super) struct Credentials {
    user: String,
    authorization: HeaderValue,
    /// The password, alone and as it goes over the wire.
    forms: [SecretString; 3],
}

impl Credentials {
    pub(super) fn new(settings: &AccountSettings) -> Result<Self, SettingsError> {
        let user = settings.user.trim();
        if user.is_empty() || user.contains(|c: char| c == ':' || c.is_control()) {
            return Err(SettingsError::Account(settings.user.clone()));
        }
        let password = settings.password.expose_secret();
        let pair = STANDARD.encode(format!("{user}:{password}"));
        let mut authorization = HeaderValue::from_str(&format!("Basic {pair}"))
            .map_err(|_| SettingsError::Account(settings.user.clone()))?;
        authorization.set_sensitive(true);
        let forms = [pair, STANDARD.encode(password), password.to_owned()];
        Ok(Self { user: user.to_owned(), authorization, forms: forms.map(SecretString::from) })
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn authorization(&self) -> HeaderValue {
        self.authorization.clone()
    }

    pub(super) fn has_password_of(&self, other: &Self) -> bool {
        let [_, _, one] = &self.forms;
        let [_, _, other] = &other.forms;
        one.expose_secret() == other.expose_secret()
    }

    /// `text` without the password, should a server repeat it to us.
    pub(super) fn scrub(&self, text: &str) -> String {
        let forms = self.forms.iter().map(ExposeSecret::expose_secret);
        let known = forms.filter(|form| !form.is_empty());
        known.fold(text.to_owned(), |text, form| text.replace(form, "[password]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(user: &str, password: &str) -> Result<Credentials, SettingsError> {
        Credentials::new(&AccountSettings { user: user.into(), password: password.into() })
    }

    #[test]
    fn what_a_server_repeats_is_shown_without_the_password() {
        let own = credentials("supervisor1", "secret").unwrap();
        let pair = STANDARD.encode("supervisor1:secret");
        let text = format!("supervisor1 sent secret, Basic {pair}");
        assert_eq!(own.scrub(&text), "supervisor1 sent [password], Basic [password]");
        assert_eq!(credentials("supervisor1", "").unwrap().scrub("ab"), "ab");
    }

    #[test]
    fn nothing_prints_the_password() {
        let shown = format!("{:?}", credentials("supervisor1", "secret").unwrap());
        assert!(
            !shown.contains("secret") && !shown.contains(&STANDARD.encode("supervisor1:secret"))
        );
    }

    #[test]
    fn names_that_basic_authorization_cannot_carry_are_refused() {
        for user in ["", " ", "a:b", "a\nb"] {
            assert!(credentials(user, "x").is_err(), "{user:?}");
        }
    }
}
