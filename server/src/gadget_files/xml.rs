//! The gadget's XML: a template with one kind of hole, the server's address.

use std::fmt;
use std::str::FromStr;

use url::Url;
use url::form_urlencoded::byte_serialize;

/// The hole.
const SERVER: &str = "{{public_url}}";
/// The hole and what follows it where a file of the gadget is meant.
const FILES: &str = "{{public_url}}/gadget/";

/// An address without a slash at its end, inert wherever the template puts it: XML, HTML and the
/// texts of a script.
///
/// A parsed address holds no `<`, `>`, `"`, backslash or space any more; what is left of what could
/// end a text (`'`) or begin an entity (`&`) is written as `%27` and `%26`, which mean the same in a
/// path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

/// An address that cannot be where the gadget's files are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}; write https://host[:port][/folder], or a folder of the desktop's own host: /3rdpartygadget/files/lockstep"
)]
pub struct NotAPlace(pub(crate) &'static str);

/// Renders `template` for a server at `server` which serves the gadget's files itself.
pub fn served(template: &str, server: &Place) -> String {
    template.replace(SERVER, &server.0)
}

/// Renders `template` for files that lie in the folder `files`, and a server at `server`, which the
/// loader, the file `loader`, is told in its address: it cannot know it from where it lies.
pub fn exported(template: &str, loader: &str, server: &Place, files: &Place) -> String {
    if *files == server.folder("gadget") {
        return served(template, server);
    }
    let encoded: String = byte_serialize(server.0.as_bytes()).collect();
    template
        .replace(&format!("{FILES}{loader}"), &format!("{}/{loader}?server={encoded}", files.0))
        .replace(FILES, &format!("{}/", files.0))
        .replace(SERVER, &server.0)
}

// === impl Place ===

impl Place {
    /// The folder of this name in this one.
    #[must_use]
    pub fn folder(&self, name: &str) -> Self {
        Self(format!("{}/{name}", self.0))
    }

    /// As text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is it a folder of the desktop's own host, whichever node that is?
    pub fn is_path(&self) -> bool {
        self.0.starts_with('/')
    }

    /// Is it where Finesse keeps the gadgets that are uploaded to it (Finesse notes 3.5)?
    pub fn is_on_finesse(&self) -> bool {
        self.0.contains("/3rdpartygadget/")
    }
}

impl From<&Url> for Place {
    fn from(url: &Url) -> Self {
        Self(url.as_str().trim_end_matches('/').replace('\'', "%27").replace('&', "%26"))
    }
}

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let is_path = text.starts_with('/') && !text.starts_with("//");
        let whole = if is_path { format!("https://desktop{text}") } else { text.to_owned() };
        let url = Url::parse(&whole).map_err(|_| NotAPlace("this is not an address"))?;
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return Err(NotAPlace("this is not an address that a browser can load from"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotAPlace("this holds a name or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(NotAPlace("this has a query or a fragment"));
        }
        if url.scheme() == "http" && !url.host().is_some_and(|h| crate::config::is_loopback(&h)) {
            return Err(NotAPlace("a desktop loads nothing over http"));
        }
        let Self(place) = Self::from(&url);
        Ok(Self(if is_path { place["https://desktop".len()..].to_owned() } else { place }))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
