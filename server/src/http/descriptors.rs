//! How many files and sockets this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many as are ever asked for: every connection that is served, and as many again.
const ENOUGH: u64 = 65_536;
/// Of Webex, Finesse, the ledger and the log.
const OWN: usize = 256;
/// Where nothing limits it.
const UNLIMITED: usize = 1 << 20;

/// Raises the limit as far as it may be raised; most systems give 1,024 unless they are asked.
pub fn raise() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(ENOUGH, |most| most.min(ENOUGH));
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        tracing::warn!(error = %error, "failed to raise the limit of open files; fewer gadgets can connect");
    }
}

/// How many connections the limit leaves room for.
pub(super) fn spare() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    let limit = limit.map_or(UNLIMITED, |limit| usize::try_from(limit).unwrap_or(UNLIMITED));
    limit.saturating_sub(OWN).max(limit / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raising_leaves_room_for_five_thousand_gadgets_where_the_system_lets_us() {
        raise();
        let most = getrlimit(Resource::Nofile).maximum.unwrap_or(ENOUGH).min(ENOUGH);
        assert_eq!(getrlimit(Resource::Nofile).current.map(|now| now >= most), Some(true));
        assert!(spare() as u64 >= most / 2);
    }
}
