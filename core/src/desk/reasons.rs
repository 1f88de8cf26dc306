/// One reason of the agent's own list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The database id, which is what a request carries.
    pub id: String,
    /// The label.
    pub label: String,
    /// Finesse's own: never chosen (Finesse notes 1.5).
    pub system: bool,
}

/// The agent's reasons for `NOT_READY`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Reasons {
    /// Not read yet, or reading failed.
    #[default]
    Unread,
    /// As Finesse lists them.
    Read(Vec<Listed>),
}

impl Reasons {
    /// Was the list read?
    pub const fn are_read(&self) -> bool {
        matches!(self, Self::Read(_))
    }

    /// Is any reason configured? Until the list is read, Finesse is taken to want one.
    pub fn are_configured(&self) -> bool {
        match self {
            Self::Unread => true,
            Self::Read(list) => list.iter().any(|listed| !listed.system),
        }
    }

    /// The id of the reason with this label: exact, else differing in case only (Finesse notes 6,
    /// 23); never by number, which differs from system to system.
    pub fn id(&self, label: &str) -> Option<&str> {
        let Self::Read(list) = self else { return None };
        let label = label.trim();
        let mut ours = list.iter().filter(|listed| !listed.system && !listed.id.is_empty());
        let exact = ours.clone().find(|listed| listed.label.trim() == label);
        exact
            .or_else(|| ours.find(|listed| listed.label.trim().eq_ignore_ascii_case(label)))
            .map(|listed| listed.id.as_str())
    }

    /// The label of the reason with this id.
    pub fn label(&self, id: &str) -> Option<&str> {
        let Self::Read(list) = self else { return None };
        list.iter().find(|listed| listed.id == id).map(|listed| listed.label.trim())
    }

    /// Those of `labels` that the list does not have; none while it is not read.
    pub fn missing<'a>(&self, labels: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        if *self == Self::Unread || !self.are_configured() {
            return Vec::new();
        }
        labels.into_iter().filter(|label| self.id(label).is_none()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: &str, label: &str, system: bool) -> Listed {
        Listed { id: id.to_owned(), label: label.to_owned(), system }
    }

    fn some() -> Reasons {
        Reasons::Read(vec![
            listed("30", "webex dnd", false),
            listed("31", "Webex DND ", false),
            listed("32", "WEBEX CALL", false),
            listed("33", "Webex Meeting", true),
        ])
    }

    #[test]
    fn a_label_is_found_exactly_or_else_in_another_case() {
        assert_eq!(some().id("Webex DND"), Some("31"));
        assert_eq!(some().id(" Webex Call "), Some("32"));
    }

    #[test]
    fn what_is_the_systems_own_or_absent_is_missing() {
        assert_eq!(some().id("Webex Meeting"), None);
        let labels = ["Webex DND", "Webex Meeting", "Webex Unavailable"];
        assert_eq!(some().missing(labels), ["Webex Meeting", "Webex Unavailable"]);
    }

    /// Finesse notes 6, 25: where none are configured, none is sent and none is missing.
    #[test]
    fn an_empty_list_wants_no_reason() {
        let none = Reasons::Read(Vec::new());
        assert!(!none.are_configured() && Reasons::Unread.are_configured());
        assert_eq!(none.missing(["Webex DND"]), Vec::<&str>::new());
        assert_eq!(Reasons::Unread.missing(["Webex DND"]), Vec::<&str>::new());
    }
}
