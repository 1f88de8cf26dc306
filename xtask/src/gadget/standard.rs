//! Which standard library the module is built with.
//!
//! The one that comes with the compiler can explain every panic and is optimised for speed; nobody in
//! a desktop reads that, and it is a seventh of what the desktop loads. So it is rebuilt for size
//! where its sources are there or can be had; the way is the one for those who have no standard
//! library for the browser at all.

use std::process::Command;

use crate::out::say;

/// A standard library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standard {
    /// For size, and a panic stops at once without a word.
    Rebuilt,
    /// As it comes with the compiler.
    AsItComes,
}

/// What the compiler is told for [`Standard::Rebuilt`].
const FLAGS: [&str; 4] =
    ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"];
/// What cargo is told.
const ARGUMENTS: [&str; 2] =
    ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

// === impl Standard ===

impl Standard {
    /// Has `cargo` build with it. The caller's flags are meant for this machine.
    pub(super) fn set(self, cargo: &mut Command) {
        for variable in ["RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"] {
            cargo.env_remove(variable);
        }
        match self {
            // The flags are as old as the compiler and no part of what it promises: a compiler that
            // does not know them builds the other one.
            Self::Rebuilt => {
                cargo.args(ARGUMENTS).env("RUSTC_BOOTSTRAP", "1");
                cargo.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
            }
            Self::AsItComes => {
                cargo.env_remove("CARGO_ENCODED_RUSTFLAGS");
            }
        }
    }
}

/// Builds with the smaller one, or says why not and builds with the other.
pub(super) fn smallest<T>(
    sources: anyhow::Result<()>,
    build: impl Fn(Standard) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    sources.and_then(|()| build(Standard::Rebuilt)).or_else(|error| {
        say(&format!(
            "the standard library is not rebuilt for size: {error:#}; \
             with the compiler's own the module becomes about a sixth larger"
        ));
        build(Standard::AsItComes)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// What was built, where the sources are there or not and the smaller one builds or not.
    fn built(there: bool, builds: bool) -> Vec<Standard> {
        let tried = RefCell::new(Vec::new());
        let sources = if there { Ok(()) } else { Err(anyhow::anyhow!("no network")) };
        let done = smallest(sources, |standard| {
            tried.borrow_mut().push(standard);
            anyhow::ensure!(builds || standard == Standard::AsItComes, "no crates of its own");
            Ok(standard)
        });
        assert_eq!(done.ok(), tried.borrow().last().copied());
        tried.into_inner()
    }

    #[test]
    fn the_smaller_one_is_built_and_otherwise_the_one_that_is_there() {
        assert_eq!(built(true, true), [Standard::Rebuilt]);
        assert_eq!(built(true, false), [Standard::Rebuilt, Standard::AsItComes]);
        assert_eq!(built(false, true), [Standard::AsItComes]);
    }

    #[test]
    fn the_callers_flags_are_for_the_machine_and_not_for_the_browser() {
        for standard in [Standard::Rebuilt, Standard::AsItComes] {
            let mut cargo = Command::new("cargo");
            standard.set(&mut cargo);
            let said = |name| cargo.get_envs().find(|(known, _)| *known == name);
            assert_eq!(said("RUSTFLAGS"), Some(("RUSTFLAGS".as_ref(), None)));
            let flags = said("CARGO_ENCODED_RUSTFLAGS").and_then(|(_, flags)| flags);
            assert_eq!(flags.is_some(), standard == Standard::Rebuilt);
        }
    }
}
