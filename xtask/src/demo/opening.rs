//! Opens the page in the reader's own browser, where there is one.

use std::ffi::OsString;
use std::process::{Command, Stdio};

/// The program that opens addresses; nothing where there is no display to open them on.
fn opener(variable: impl Fn(&str) -> Option<OsString>) -> Option<&'static str> {
    let unwanted = variable("BROWSER").is_some_and(|browser| browser == "none");
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|name| variable(name).is_some());
    match () {
        () if unwanted => None,
        () if cfg!(target_os = "macos") => Some("open"),
        () if display => Some("xdg-open"),
        () => None,
    }
}

/// Opens it and tells whether; the address is on the terminal in any case.
pub(super) fn open(url: &str) -> bool {
    let Some(program) = opener(|name| std::env::var_os(name)) else { return false };
    let mut command = Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    // Somebody has to take note of its end.
    std::thread::spawn(move || child.wait());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_browser_is_opened_only_where_somebody_can_see_it() {
        let with = |names: &'static [(&str, &str)]| {
            opener(|name| {
                let found = names.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[("DISPLAY", ":0")]), Some("xdg-open"));
        assert_eq!(with(&[("DISPLAY", ":0"), ("BROWSER", "none")]), None);
    }
}
