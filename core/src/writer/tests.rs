use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What the shell and the gadgets make of the notices.
#[derive(Debug, Default)]
struct World {
    /// Who believes to be the writer.
    acting: BTreeMap<Link, Term>,
    highest: Term,
}

impl World {
    fn carry_out(&mut self, notices: &[Notice]) -> Result<(), TestCaseError> {
        for notice in notices {
            match *notice {
                Notice::Grant { link, term } => {
                    prop_assert!(term > self.highest, "{term:?} after {:?}", self.highest);
                    self.highest = term;
                    self.acting.insert(link, term);
                }
                Notice::Revoke { link, term } => {
                    prop_assert_eq!(self.acting.remove(&link), Some(term));
                }
                Notice::Dismiss { link } => {
                    self.acting.remove(&link);
                }
                Notice::Show { link } => prop_assert!(!self.acting.contains_key(&link)),
            }
            prop_assert!(self.acting.len() <= 1, "two writers: {:?}", self.acting);
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Join(u64),
    Leave(u64),
    Healthy(u64, bool),
    Open(bool),
    Answers(u64),
    WaitNoLonger,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let link = 0_u64..12;
    let step = prop_oneof![
        4 => link.clone().prop_map(Step::Join),
        3 => link.clone().prop_map(Step::Leave),
        4 => (link, any::<bool>()).prop_map(|(link, healthy)| Step::Healthy(link, healthy)),
        4 => (0_u64..12).prop_map(Step::Answers),
        1 => Just(Step::WaitNoLonger),
        1 => prop_oneof![3 => Just(true), 1 => Just(false)].prop_map(Step::Open),
    ];
    prop::collection::vec(step, 0..60)
}

/// The newest who is well, worked out from the history alone.
fn expected(tabs: &[(Link, bool)], open: bool) -> Option<Link> {
    tabs.iter().rev().find(|(_, healthy)| *healthy && open).map(|(link, _)| *link)
}

proptest! {
    #[test]
    fn there_are_never_two_writers_and_terms_only_grow(steps in steps(), open: bool) {
        let mut writers = Writers::new(Time::from_millis(1_000), open);
        let mut world = World::default();
        let (mut tabs, mut open) = (Vec::<(Link, bool)>::new(), open);
        // Whose last account is awaited.
        let mut left: Option<Link> = None;
        for step in steps {
            let notices = match step {
                Step::Join(link) => {
                    let link = Link(link);
                    let known = tabs.iter().any(|(of, _)| *of == link);
                    let notices = writers.join(link);
                    if notices.is_err() {
                        prop_assert!(tabs.len() == TABS && tabs.iter().all(|(_, well)| *well));
                    } else if !known {
                        tabs.push((link, true));
                    }
                    let notices = notices.unwrap_or_default();
                    prop_assert!(!known || notices.is_empty());
                    for notice in &notices {
                        if let Notice::Dismiss { link } = notice {
                            tabs.retain(|(of, _)| of != link);
                        }
                    }
                    notices
                }
                Step::Leave(link) => {
                    let was = writers.writer();
                    let notices = writers.leave(Link(link));
                    tabs.retain(|(of, _)| *of != Link(link));
                    if was.map(|(of, _)| of) == Some(Link(link)) {
                        world.acting.remove(&Link(link));
                    } else if left != Some(Link(link)) {
                        prop_assert!(notices.is_empty(), "who does not act changes nothing");
                        prop_assert_eq!(writers.writer(), was);
                    }
                    left = left.filter(|of| *of != Link(link));
                    notices
                }
                Step::Answers(link) => {
                    left = left.filter(|of| *of != Link(link));
                    writers.answered(Link(link))
                }
                Step::WaitNoLonger => {
                    left = None;
                    writers.wait_no_longer()
                }
                Step::Healthy(link, healthy) => {
                    for (of, well) in &mut tabs {
                        if *of == Link(link) {
                            *well = healthy;
                        }
                    }
                    writers.set_healthy(Link(link), healthy)
                }
                Step::Open(now) => {
                    open = now;
                    writers.set_open(now)
                }
            };
            for notice in &notices {
                match *notice {
                    Notice::Revoke { link, .. } => left = Some(link),
                    Notice::Dismiss { link } => left = left.filter(|of| *of != link),
                    Notice::Grant { .. } => prop_assert_eq!(left, None, "before the last account"),
                    Notice::Show { .. } => {}
                }
            }
            if !open {
                left = None;
            }
            world.carry_out(&notices)?;
            let acts = world.acting.first_key_value().map(|(link, term)| (*link, *term));
            prop_assert_eq!(acts, writers.writer());
            prop_assert_eq!(writers.is_waiting(), left.is_some());
            let expected = expected(&tabs, open).filter(|_| left.is_none());
            prop_assert_eq!(acts.map(|(link, _)| link), expected);
            prop_assert!(writers.links().eq(tabs.iter().map(|(link, _)| *link)));
            prop_assert!(tabs.len() <= TABS);
        }
    }
}

#[test]
fn the_newest_tab_acts_and_the_one_before_comes_back_when_it_goes() {
    let mut writers = Writers::new(Time::default(), true);
    let (one, two) = (Link(1), Link(2));
    let first = Term::default().next();
    let (second, third) = (first.next(), first.next().next());
    assert_eq!(writers.join(one), Ok(vec![Notice::Grant { link: one, term: first }]));
    assert_eq!(
        writers.join(two),
        Ok(vec![Notice::Revoke { link: one, term: first }, Notice::Show { link: two }])
    );
    assert!(writers.is_newest(one, first), "its last account counts");
    assert_eq!(writers.answered(one), [Notice::Grant { link: two, term: second }]);
    assert!(!writers.is_newest(one, first) && writers.is_newest(two, second));
    assert_eq!(writers.leave(two), [Notice::Grant { link: one, term: third }]);
}

/// A late goodbye of an old connection must not take the right away from the new one.
#[test]
fn a_registration_is_removed_only_by_the_connection_that_owns_it() {
    let mut writers = Writers::new(Time::default(), true);
    writers.join(Link(1)).unwrap();
    writers.join(Link(2)).unwrap();
    writers.answered(Link(1));
    let acts = writers.writer();
    assert_eq!(writers.leave(Link(1)), []);
    assert_eq!(writers.leave(Link(1)), []);
    assert_eq!(writers.writer(), acts);
}

#[test]
fn terms_grow_over_a_restart_and_have_no_end_to_fall_off() {
    let mut before = Writers::new(Time::from_millis(5_000), true);
    before.join(Link(1)).unwrap();
    let mut after = Writers::new(Time::from_millis(6_000), true);
    after.join(Link(1)).unwrap();
    assert!(after.writer().unwrap().1 > before.writer().unwrap().1);
    let last = Term::beginning_at(Time::from_millis(u64::MAX));
    assert_eq!(last.next(), last);
}

#[test]
fn one_tab_too_many_takes_the_place_of_one_that_is_not_well_or_none() {
    let mut writers = Writers::new(Time::default(), true);
    for link in 0..TABS as u64 {
        writers.join(Link(link)).unwrap();
    }
    assert_eq!(writers.join(Link(90)), Err(TooMany));
    writers.set_healthy(Link(3), false);
    let notices = writers.join(Link(91)).unwrap();
    assert_eq!(notices[0], Notice::Dismiss { link: Link(3) });
    writers.wait_no_longer();
    assert_eq!(writers.writer().map(|(link, _)| link), Some(Link(91)));
}

/// What the server does between two turns of a gadget counts more than what its tab kept.
#[test]
fn the_servers_own_turn_takes_a_term_where_no_gadget_acts() {
    let mut writers = Writers::new(Time::from_millis(7), true);
    writers.join(Link(1)).unwrap();
    let (_, before) = writers.writer().expect("a gadget acts");
    assert_eq!(writers.own_turn(), before, "its next account tells");
    writers.set_open(false);
    let own = writers.own_turn();
    writers.set_open(true);
    let (_, after) = writers.writer().expect("a gadget acts");
    assert!(before < own && own < after);
}

/// Whoever does not answer is waited for by a bound; its account counts until somebody else acts.
#[test]
fn who_does_not_answer_holds_nobody_up_for_ever() {
    let mut writers = Writers::new(Time::default(), true);
    writers.join(Link(1)).unwrap();
    let (_, term) = writers.writer().expect("it acts");
    assert_eq!(writers.set_healthy(Link(1), false), [Notice::Revoke { link: Link(1), term }]);
    assert_eq!(writers.wait_no_longer(), []);
    assert!(writers.is_newest(Link(1), term), "nobody has acted since");
    let next = Notice::Grant { link: Link(2), term: term.next() };
    assert_eq!(writers.join(Link(2)), Ok(vec![next]));
    assert!(!writers.is_newest(Link(1), term));
}

#[test]
fn terms_follow_those_of_the_ledger_though_the_clock_was_set_back() {
    let known = Term::beginning_at(Time::from_millis(9_000));
    let mut writers = Writers::new(Time::from_millis(5_000), true).after(known);
    writers.join(Link(1)).unwrap();
    assert!(writers.writer().is_some_and(|(_, term)| term > known));
}

#[test]
fn who_closes_waits_for_the_last_account_and_nobody_acts_until_it_is_opened() {
    let (old, new) = (Link(1), Link(2));
    let mut writers = Writers::new(Time::from_millis(1_000), true);
    writers.join(old).expect("there is room");
    let (_, term) = writers.writer().expect("it acts");
    assert_eq!(writers.close(), [Notice::Revoke { link: old, term }]);
    assert!(writers.is_waiting() && writers.is_newest(old, term));
    assert_eq!(writers.join(new), Ok(vec![Notice::Show { link: new }]));
    assert_eq!(writers.answered(old), []);
    assert!(!writers.is_waiting() && writers.writer().is_none());
    assert_eq!(writers.close(), []);
    let granted = writers.set_open(true);
    assert!(
        matches!(granted[..], [Notice::Grant { link, term: next }] if link == new && next > term)
    );
}
