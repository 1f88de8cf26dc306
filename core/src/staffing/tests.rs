use proptest::prelude::*;

use super::*;
use AgentState::{NotReady, Ready, Talking};

const FLOOR: usize = 3;
const PEOPLE: usize = 10;

/// A team whose members do at once what they may.
struct Team {
    staffing: Staffing,
    id: TeamId,
    states: Vec<AgentState>,
    wishes: Vec<Option<Wish>>,
    moment: u64,
}

impl Team {
    fn new(states: &[AgentState]) -> Self {
        let mut team = Self {
            staffing: Staffing::default(),
            id: TeamId::new("1"),
            states: states.to_vec(),
            wishes: vec![None; states.len()],
            moment: 0,
        };
        team.look();
        team
    }

    fn ready() -> Self {
        Self::new(&[Ready; PEOPLE])
    }

    fn member(at: usize) -> AgentId {
        AgentId::new(format!("{at:04}"))
    }

    fn look(&mut self) {
        let states = self.states.iter().enumerate().map(|(at, state)| (Self::member(at), *state));
        self.staffing.read(&self.id, states);
        self.act();
    }

    fn becomes(&mut self, at: usize, state: AgentState) {
        self.states[at] = state;
        self.look();
    }

    fn wants(&mut self, at: usize, on_phone: bool) {
        self.moment += 1;
        let since = Time::from_millis(self.moment);
        self.wishes[at] = Some(Wish { floor: FLOOR, since, on_phone, stage: Stage::Waiting });
        self.tell(at);
        self.act();
    }

    /// Free again: who is held is released.
    fn ends(&mut self, at: usize) {
        if self.is_held(at) {
            self.states[at] = Ready;
        }
        self.wishes[at] = None;
        self.tell(at);
        self.look();
    }

    fn tell(&mut self, at: usize) {
        self.staffing.wish(&self.id, &Self::member(at), self.wishes[at]);
    }

    fn is_held(&self, at: usize) -> bool {
        self.wishes[at].is_some_and(|wish| wish.stage == Stage::Done)
    }

    fn is_spared(&self, at: usize) -> bool {
        self.staffing.is_spared(&self.id, &Self::member(at))
    }

    /// Whoever is READY and may be taken is taken, one after the other.
    fn act(&mut self) {
        self.staffing.decide(&self.id);
        for at in 0..self.states.len() {
            let waits = self.wishes[at].is_some_and(|wish| wish.stage == Stage::Waiting);
            if waits && self.states[at] == Ready && !self.is_spared(at) {
                let on_phone = self.wishes[at].is_some_and(|wish| wish.on_phone);
                self.states[at] = NotReady;
                self.wishes[at].iter_mut().for_each(|wish| wish.stage = Stage::Done);
                self.staffing.saw(&self.id, &Self::member(at), NotReady);
                self.tell(at);
                let left = self.count();
                assert!(on_phone || left >= FLOOR, "taken below the floor: {left} are left");
            }
        }
    }

    fn count(&self) -> usize {
        self.states.iter().filter(|state| **state == Ready).count()
    }

    fn spared(&self) -> Vec<usize> {
        (0..self.states.len()).filter(|at| self.is_spared(*at)).collect()
    }
}

#[test]
fn a_meeting_of_the_whole_team_leaves_the_floor_and_marks_who_is_left() {
    let mut team = Team::ready();
    for at in 0..PEOPLE {
        team.wants(at, false);
    }
    assert_eq!((team.count(), team.spared()), (FLOOR, vec![7, 8, 9]));
    assert_eq!(team.staffing.teams_at_floor(), 1);
}

#[test]
fn whoever_comes_back_lets_the_one_go_who_has_waited_longest() {
    let mut team = Team::ready();
    for at in (0..PEOPLE).rev() {
        team.wants(at, false);
    }
    assert_eq!(team.spared(), [0, 1, 2]);
    team.ends(9);
    assert_eq!((team.count(), team.spared()), (FLOOR, vec![0, 1]));
    for at in 0..PEOPLE {
        team.ends(at);
    }
    assert_eq!((team.count(), team.staffing.teams_at_floor()), (PEOPLE, 0));
}

#[test]
fn who_is_on_the_phone_is_never_held_back_and_counts_as_gone() {
    let mut team = Team::new(&[Ready; FLOOR]);
    team.wants(0, true);
    team.wants(1, false);
    assert_eq!((team.count(), team.spared()), (FLOOR - 1, vec![1]));
}

#[test]
fn who_is_on_a_customers_call_does_not_count_until_it_is_over() {
    let mut team = Team::new(&[Ready, Ready, Ready, Talking, Talking]);
    team.wants(0, false);
    team.wants(3, false);
    assert_eq!(team.spared(), [0], "those on calls serve customers, but answer no new ones");
    team.becomes(4, Ready);
    assert_eq!(team.spared(), [] as [usize; 0]);
    team.becomes(4, NotReady);
    team.becomes(3, Ready);
    assert_eq!(team.spared(), [3], "the call is over, and somebody else has left meanwhile");
}

#[test]
fn lunch_and_people_whom_nobody_watches_count_as_finesse_shows_them() {
    let mut team = Team::ready();
    for at in 0..6 {
        team.becomes(at, NotReady);
    }
    team.wants(6, false);
    team.wants(7, false);
    assert_eq!((team.count(), team.spared()), (FLOOR, vec![7]));
    team.wants(0, false);
    assert_eq!(team.spared(), [7], "who is at lunch is not spared: nobody takes them");
}

#[test]
fn a_choice_of_a_human_keeps_nobody_else() {
    let mut team = Team::new(&[Ready; FLOOR + 1]);
    let dropped =
        Wish { floor: FLOOR, since: Time::from_millis(1), on_phone: false, stage: Stage::Dropped };
    team.wishes[0] = Some(dropped);
    team.tell(0);
    team.wants(1, false);
    assert_eq!((team.count(), team.spared()), (FLOOR, vec![]));
}

#[test]
fn what_finesse_no_longer_tells_does_not_count() {
    let mut team = Team::ready();
    team.staffing.forget_states();
    team.wishes[0] = Some(Wish {
        floor: 1,
        since: Time::from_millis(1),
        on_phone: false,
        stage: Stage::Waiting,
    });
    team.tell(0);
    team.staffing.decide(&team.id.clone());
    assert!(team.is_spared(0));
}

#[test]
fn without_a_floor_nobody_is_spared() {
    let mut team = Team::new(&[Ready]);
    team.wishes[0] = Some(Wish {
        floor: 0,
        since: Time::from_millis(1),
        on_phone: false,
        stage: Stage::Waiting,
    });
    team.tell(0);
    team.staffing.decide(&team.id.clone());
    assert!(!team.is_spared(0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Never below the floor by our doing, whatever happens; and nobody is left who could go.
    #[test]
    fn never_below_the_floor_by_our_doing(
        history in prop::collection::vec((0usize..PEOPLE, 0u8..6), 0..120)
    ) {
        let mut team = Team::ready();
        for (at, what) in history {
            match what {
                0 | 1 => {
                    if team.wishes[at].is_none() {
                        team.wants(at, false);
                    }
                }
                2 => {
                    if team.wishes[at].is_none() {
                        team.wants(at, true);
                    }
                }
                3 => team.ends(at),
                4 => {
                    if !team.is_held(at) {
                        team.becomes(at, if team.states[at] == Ready { Talking } else { Ready });
                    }
                }
                _ => {
                    if !team.is_held(at) {
                        team.becomes(at, NotReady);
                    }
                }
            }
            let free = (0..PEOPLE).filter(|at| team.states[*at] == Ready && team.is_spared(*at));
            prop_assert!(team.count() <= FLOOR || free.count() == 0, "somebody could go");
        }
    }
}
