//! What must never be shown, and where it is looked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::config::{CLIENT_SECRET, PASSWORD, REFRESH_TOKEN};
use crate::http::Page;
use crate::site::Site;

/// The accounts whose password a site has.
const ACCOUNTS: [&str; 2] = ["administrator", "supervisor1"];

impl Site {
    /// The password of an account, alone and as it goes over the wire.
    pub fn secrets_of(user: &str) -> [String; 3] {
        let pair = STANDARD.encode(format!("{user}:{PASSWORD}"));
        [PASSWORD.to_owned(), STANDARD.encode(PASSWORD), pair]
    }

    /// Every token and every password.
    fn secrets(&self) -> Vec<String> {
        let mut secrets = self.webex.tokens_shown();
        secrets.extend([self.webex.token(), CLIENT_SECRET.to_owned(), REFRESH_TOKEN.to_owned()]);
        secrets.extend(ACCOUNTS.iter().flat_map(|user| Self::secrets_of(user)));
        secrets
    }

    /// No secret is in anything that Lockstep prints, serves or keeps.
    pub(crate) fn assert_no_secret(&self, pages: &[(&str, Page)]) {
        let secrets = self.secrets();
        let check = |place: &str, text: &str| {
            let shown = secrets.iter().any(|secret| text.contains(secret.as_str()));
            assert!(!shown, "a secret is shown in {place}: {text}");
        };
        for (name, log) in [("stdout", &self.stdout), ("stderr", &self.log)] {
            log.from(0).iter().for_each(|line| check(name, &line.text));
        }
        for (path, page) in pages {
            check(path, &page.body);
        }
        // A refresh token is kept on purpose.
        let kept = self.folder.state_files().into_iter();
        for (name, text) in kept.filter(|(name, _)| !name.contains("token")) {
            check(&name, &text);
        }
    }
}
