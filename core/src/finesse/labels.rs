//! The reasons that the rules ask for, against those that Finesse has: what is there, what is
//! missing, and what would have to be created (Finesse notes 1.5).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::Deployment;

/// The number from which free ones are looked for, unless told otherwise: above what sites number
/// by hand, and within the range of either platform.
pub const FIRST_NUMBER: i64 = 801;

/// A `NOT_READY` reason code as the administrator's list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCode {
    /// The database id, which is what a request carries; differs from system to system.
    pub id: String,
    /// The number in reports, where it is told.
    pub code: Option<i64>,
    /// What people read, at most 40 characters.
    pub label: String,
    /// Offered to every team.
    pub for_all: bool,
    /// The platform's own: never chosen.
    pub system: bool,
}

/// How a label stands for one team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Every team has it.
    Global(&'a ReasonCode),
    /// This team has it.
    OnTeam(&'a ReasonCode),
    /// It exists, and this team does not have it.
    Elsewhere(&'a ReasonCode),
    /// The platform's own reason has this label, so that no other one can.
    System(&'a ReasonCode),
    /// There is none.
    Missing,
}

impl Standing<'_> {
    /// Can the agents of the team be given this reason?
    pub const fn is_usable(&self) -> bool {
        matches!(self, Self::Global(_) | Self::OnTeam(_))
    }
}

/// How `label` stands for a team that is offered `offered`, where `all` is everything there is.
///
/// Labels are compared as the gadget does: trimmed, exact before differing in case only.
pub fn standing<'a>(label: &str, all: &'a [ReasonCode], offered: &'a [ReasonCode]) -> Standing<'a> {
    let named = |list: &'a [ReasonCode], system: bool| {
        let label = label.trim();
        let mut of_kind = list.iter().filter(move |reason| reason.system == system);
        let exact = of_kind.clone().find(|reason| reason.label.trim() == label);
        exact.or_else(|| of_kind.find(|reason| reason.label.trim().eq_ignore_ascii_case(label)))
    };
    if let Some(reason) = named(offered, false) {
        return if reason.for_all { Standing::Global(reason) } else { Standing::OnTeam(reason) };
    }
    match named(all, false) {
        Some(reason) if reason.for_all => Standing::Global(reason),
        Some(reason) => Standing::Elsewhere(reason),
        None => named(all, true).map_or(Standing::Missing, Standing::System),
    }
}

/// The numbers that the platform takes.
pub const fn numbers(deployment: Deployment) -> RangeInclusive<i64> {
    match deployment {
        Deployment::Cce => 1..=65_535,
        Deployment::Ccx => 1..=999,
    }
}

/// Can the platform tell this reason in its reports?
pub fn is_in_range(reason: &ReasonCode, deployment: Deployment) -> bool {
    reason.code.is_none_or(|number| numbers(deployment).contains(&number))
}

/// Free numbers from `first` upwards, without those that the platform keeps for itself.
///
/// Nothing tells which numbers of the other category or of the platform's own reports are in use:
/// only what `all` has is known, and what Finesse refuses all the same is told.
pub fn free_numbers(
    deployment: Deployment,
    all: &[ReasonCode],
    first: i64,
) -> impl Iterator<Item = i64> {
    let taken: BTreeSet<i64> = all.iter().filter_map(|reason| reason.code).collect();
    let range = numbers(deployment);
    (first.max(*range.start())..=*range.end())
        .filter(move |number| !taken.contains(number) && !is_reserved(deployment, *number))
}

/// What the platforms stamp themselves (Finesse notes 1.6).
const fn is_reserved(deployment: Deployment, number: i64) -> bool {
    match deployment {
        Deployment::Cce => {
            matches!(number, 255 | 999 | 20_001..=20_003 | 32_700..=32_767 | 50_001..=51_004 | 65_533..)
        }
        Deployment::Ccx => matches!(number, 22 | 33 | 255),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(number: i64, label: &str, for_all: bool, system: bool) -> ReasonCode {
        ReasonCode {
            id: number.to_string(),
            code: Some(number),
            label: label.into(),
            for_all,
            system,
        }
    }

    #[test]
    fn a_label_is_global_on_the_team_elsewhere_the_systems_or_missing() {
        let all = [
            reason(11, "Webex Call", true, false),
            reason(12, "Webex Meeting", false, false),
            reason(13, "Webex DND", false, false),
            reason(32_763, "Call Not Answered", true, true),
        ];
        let offered = [all[0].clone(), all[1].clone()];
        let of = |label| standing(label, &all, &offered);
        assert_eq!(of("webex call "), Standing::Global(&all[0]));
        assert_eq!(of("Webex Meeting"), Standing::OnTeam(&all[1]));
        assert_eq!(of("Webex DND"), Standing::Elsewhere(&all[2]));
        assert_eq!(of("Call Not Answered"), Standing::System(&all[3]));
        assert_eq!(of("Lunch"), Standing::Missing);
        assert!(of("Webex Call").is_usable() && of("Webex Meeting").is_usable());
        assert!(!of("Webex DND").is_usable());
    }

    /// Whether a team's list repeats the global ones differs between releases.
    #[test]
    fn a_global_label_counts_where_the_teams_list_leaves_it_out() {
        let all = [reason(11, "Webex Call", true, false)];
        assert_eq!(standing("Webex Call", &all, &[]), Standing::Global(&all[0]));
    }

    #[test]
    fn exact_labels_come_before_those_that_differ_in_case() {
        let all = [reason(1, "webex call", true, false), reason(2, "Webex Call", true, false)];
        assert_eq!(standing("Webex Call", &all, &all), Standing::Global(&all[1]));
    }

    #[test]
    fn numbers_are_in_range_free_and_nobody_elses() {
        let all = [reason(801, "A", true, false), reason(803, "B", false, false)];
        let ccx: Vec<i64> = free_numbers(Deployment::Ccx, &all, FIRST_NUMBER).take(2).collect();
        assert_eq!(ccx, [802, 804]);
        assert_eq!(free_numbers(Deployment::Ccx, &[], 998).collect::<Vec<_>>(), [998, 999]);
        assert_eq!(
            free_numbers(Deployment::Cce, &[], 998).take(2).collect::<Vec<_>>(),
            [998, 1000]
        );
        assert_eq!(free_numbers(Deployment::Ccx, &[], 1_000).next(), None);
        assert_eq!(free_numbers(Deployment::Ccx, &[], -5).next(), Some(1));
        assert!(!free_numbers(Deployment::Ccx, &[], 20).any(|number| number == 33));
    }

    #[test]
    fn a_number_beyond_the_platforms_range_is_told() {
        let reason = reason(1_000, "A", true, false);
        assert!(is_in_range(&reason, Deployment::Cce));
        assert!(!is_in_range(&reason, Deployment::Ccx));
        assert!(is_in_range(&ReasonCode { code: None, ..reason }, Deployment::Ccx));
    }
}
