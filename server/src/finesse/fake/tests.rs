use lockstep_core::Time;
use lockstep_core::finesse::Target;

use super::*;

fn fake() -> Fake {
    let fake = Fake::new(Deployment::Ccx, Clock::starting_at(Time::from_millis(1_000_000)));
    fake.add_agent("1001", "7", AgentState::Ready);
    fake
}

fn change(target: Target, request_id: &str) -> Change {
    Change {
        agent: AgentId::new("1001"),
        team: TeamId::new("7"),
        target,
        request_id: request_id.into(),
        seen_at: Time::from_millis(1_000_000),
    }
}

#[tokio::test(start_paused = true)]
async fn an_accepted_change_shows_after_its_delay_with_the_supervisors_reason() {
    let fake = fake();
    fake.apply_after(Duration::from_secs(2));
    let asked = Instant::now();
    fake.change(&change(Target::NotReady, "r1")).await.unwrap();
    assert_eq!(fake.state("1001"), AgentState::Ready);
    fake.until("not ready", |fake| fake.state("1001") == AgentState::NotReady).await;
    assert_eq!(asked.elapsed(), Duration::from_secs(2));
    let reason = fake.view("1001").reason.unwrap();
    assert!(reason.is_supervisor(Deployment::Ccx));
    assert_eq!(fake.changes()[0].outcome, Outcome::Queued);
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_is_refused_during_a_call() {
    let fake = fake();
    fake.call("1001", CallEvent::Ring);
    fake.call("1001", CallEvent::Answer);
    let answer = fake.change(&change(Target::NotReady, "r1")).await;
    assert!(matches!(answer, Err(FinesseError::InvalidState { .. })));
    fake.call("1001", CallEvent::End { wrap_up: true });
    fake.call("1001", CallEvent::WrapUpOver);
    fake.change(&change(Target::NotReady, "r2")).await.unwrap();
    assert_eq!(fake.state("1001"), AgentState::NotReady);
}

#[tokio::test(start_paused = true)]
async fn scripts_replace_the_rules_one_change_at_a_time() {
    let fake = fake();
    let silent = || FinesseError::Silent { detail: "cut".into() };
    fake.next_change("1001", Script::Fail(silent()));
    fake.next_change("1001", Script::Lose);
    fake.next_change("1001", Script::ApplyAndFail(silent()));
    assert!(fake.change(&change(Target::NotReady, "r1")).await.is_err());
    assert_eq!(fake.state("1001"), AgentState::Ready);
    fake.change(&change(Target::NotReady, "r2")).await.unwrap();
    assert_eq!(fake.state("1001"), AgentState::Ready);
    assert!(fake.change(&change(Target::NotReady, "r3")).await.is_err());
    assert_eq!(fake.state("1001"), AgentState::NotReady);
    fake.assert_script_is_spent();
    let outcomes: Vec<_> = fake.changes().iter().map(|seen| seen.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed("silent"), Outcome::Lost, Outcome::Failed("silent")]);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_comes_too_late_is_refused_by_cti() {
    let fake = fake();
    fake.apply_after(Duration::from_secs(1));
    fake.change(&change(Target::NotReady, "r1")).await.unwrap();
    fake.call("1001", CallEvent::Ring);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(fake.state("1001"), AgentState::Reserved);
}

#[tokio::test(start_paused = true)]
async fn an_agents_own_choice_during_a_call_pends() {
    let fake = fake();
    fake.call("1001", CallEvent::Ring);
    fake.call("1001", CallEvent::Answer);
    fake.set_by_agent("1001", AgentState::NotReady, Some("Lunch"));
    assert_eq!(fake.view("1001").pending, Some(AgentState::NotReady));
    fake.call("1001", CallEvent::Hold);
    fake.call("1001", CallEvent::End { wrap_up: false });
    assert_eq!(fake.state("1001"), AgentState::NotReady);
}

#[tokio::test(start_paused = true)]
async fn reads_fail_by_script_and_out_of_service() {
    let fake = fake();
    fake.next_read(Read::Look, FinesseError::Silent { detail: "cut".into() });
    assert!(fake.look(&AgentId::new("1001")).await.is_err());
    assert!(fake.look(&AgentId::new("1001")).await.is_ok());
    fake.set_out_of_service(true);
    assert!(fake.users().await.is_err() && fake.system().await.is_err());
    let answer = fake.change(&change(Target::NotReady, "r1")).await;
    assert!(matches!(answer, Err(FinesseError::Unavailable { not_sent: true, .. })));
    fake.set_out_of_service(false);
    assert_eq!(fake.users().await.unwrap().len(), 1);
    assert_eq!((fake.reads(Read::Look), fake.reads(Read::Users)), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn another_team_is_not_ours_and_an_unsupervised_one_has_no_supervisor() {
    let fake = fake();
    fake.move_agent("1001", "8");
    let answer = fake.change(&change(Target::NotReady, "r1")).await;
    assert!(matches!(answer, Err(FinesseError::NotOurs { .. })));
    fake.leave_unsupervised("7");
    let wanted = [TeamId::new("7"), TeamId::new("8")];
    assert_eq!(fake.assign(&[], &wanted).unsupervised, [TeamId::new("7")]);
    assert!(matches!(
        fake.team(&wanted[0], Need::Routine).await,
        Err(FinesseError::NoSupervisor { .. })
    ));
    let answer = fake.change(&change(Target::NotReady, "r2")).await;
    assert!(matches!(answer, Err(FinesseError::NoSupervisor { .. })));
}

#[tokio::test(start_paused = true)]
async fn two_changes_in_flight_for_one_agent_panic() {
    let fake = fake();
    fake.answer_after(Duration::from_secs(1));
    let both = tokio::spawn({
        let fake = fake.clone();
        async move {
            let (one, two) = (change(Target::NotReady, "r1"), change(Target::Ready, "r2"));
            tokio::join!(fake.change(&one), fake.change(&two))
        }
    });
    assert!(both.await.unwrap_err().is_panic());
    assert_eq!(fake.most_in_flight("1001"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_the_caller_drops_is_no_longer_in_flight() {
    let fake = fake();
    fake.next_change("1001", Script::AnswerAfter(Duration::from_secs(9)));
    let one = change(Target::NotReady, "r1");
    assert!(tokio::time::timeout(Duration::from_secs(1), fake.change(&one)).await.is_err());
    fake.change(&change(Target::NotReady, "r2")).await.unwrap();
    assert_eq!(fake.changes()[0].outcome, Outcome::InFlight);
    assert_eq!(fake.most_in_flight("1001"), 1);
}
