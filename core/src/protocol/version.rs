use thiserror::Error;

/// A version of the messages between server and gadget.
pub type Version = u32;
/// The version that this code speaks.
pub const VERSION: Version = 1;

/// The two sides speak different versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VersionMismatch {
    /// The gadget was loaded before the server was updated.
    #[error(
        "this panel is out of date (version {gadget}, the server has {server}): reload the desktop; this does not affect your calls"
    )]
    GadgetTooOld {
        /// The gadget's version.
        gadget: Version,
        /// The server's version.
        server: Version,
    },
    /// The gadget comes from a newer release than the server.
    #[error(
        "the server is out of date (version {server}, this panel has {gadget}): your administrator has to update it; this does not affect your calls"
    )]
    ServerTooOld {
        /// The gadget's version.
        gadget: Version,
        /// The server's version.
        server: Version,
    },
}

/// Do a gadget and a server of these versions understand each other?
pub const fn agree(gadget: Version, server: Version) -> Result<(), VersionMismatch> {
    if gadget < server {
        Err(VersionMismatch::GadgetTooOld { gadget, server })
    } else if gadget > server {
        Err(VersionMismatch::ServerTooOld { gadget, server })
    } else {
        Ok(())
    }
}
