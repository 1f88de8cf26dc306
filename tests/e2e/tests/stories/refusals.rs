//! Each kind of refusal has its own reaction (Finesse notes 1.4): one story per kind, on a change.

use finesse_sim::AgentState::Ready;
use finesse_sim::{Endpoint, Fault, Phase, Scope, Unauthorized};
use lockstep_e2e::{Site, SiteConfig, on_both};

fn puts(times: u32) -> Scope {
    let method = Some("PUT".to_owned());
    Scope { method, endpoint: Some(Endpoint::User), times: Some(times), ..Scope::default() }
}

fn status(status: u16, kind: &str, data: &str, message: &str) -> Fault {
    Fault::Status {
        status,
        error_type: Some(kind.to_owned()),
        error_data: Some(data.to_owned()),
        error_message: Some(message.to_owned()),
        phase: Phase::Before,
    }
}

/// What repetition does not mend is told once with Finesse's words, and not sent in a loop; another
/// want is another attempt.
#[tokio::test]
async fn f_status_400_what_finesse_will_not_take_is_told_with_its_words_and_not_repeated() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.two_looks().await;
        for (kind, data, message) in [
            ("Parameter Missing", "finesse.api.reasoncode.require_reasoncode", "needs a reason"),
            ("Invalid Input", "finesse.api.reasoncode.not_valid", "does not exist"),
            ("Invalid Input", "finesse.api.reasoncode.not_allowed", "Reason Codes are not allowed"),
            ("Bad Request", "", "malformed"),
            ("Generic Error", "", "unaccounted for"),
        ] {
            let id = site.finesse.fault_in(status(400, kind, data, message), puts(9));
            site.presence("agent1001", "dnd");
            site.decides("agent1001", "refused_for_good").await;
            site.says("finesse's words", &["failed to change a state", kind, message]).await;
            site.two_looks().await;
            assert_eq!(site.finesse.fault_struck(id), Some(1), "{kind}: not in a loop");
            site.finesse.end_fault(id);
            site.stands("agent1001", Ready);
            site.presence("agent1001", "active");
            site.decides("agent1001", "nothing_to_do").await;
        }
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.end().await;
    })
    .await;
}

/// A state that does not allow it is looked at again: by 400, and by the 401 that one table has.
#[tokio::test]
async fn f_unauthorized_invalid_state_is_no_fault_of_the_password() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        for fault in [
            Fault::Unauthorized { kind: Unauthorized::InvalidState },
            status(400, "Invalid State", "", "not in this state"),
        ] {
            site.two_looks().await;
            site.finesse.fault_in(fault, puts(1));
            site.presence("agent1001", "dnd");
            site.decides("agent1001", "refused_by_state").await;
            site.taken("agent1001").await;
            site.presence("agent1001", "active");
            site.released("agent1001").await;
        }
        assert_eq!(site.get("/readyz").await.json()["stopped_accounts"].to_string(), "[]");
        site.end().await;
    })
    .await;
}

/// 500 and 503 in all their words: in doubt, looked at, asked again, and nobody is stopped by it.
#[tokio::test]
async fn f_status_5xx_is_asked_again_after_a_look() {
    on_both(|deployment| async move {
        let faults = [
            status(500, "Internal Server Error", "AWS_SERVICE_UNAVAILABLE", ""),
            status(500, "Internal Server Error", "DB_RUNTIME_EXCEPTION", ""),
            status(500, "Internal Server Error", "RUNTIME_EXCEPTION", ""),
            status(503, "Service Unavailable", "SERVER_OUT_OF_SERVICE", "retry later"),
            Fault::HtmlError { status: 500 },
            Fault::HtmlError { status: 503 },
            status(429, "", "", "too fast"),
        ];
        let site = Site::start(SiteConfig::new(deployment, faults.len())).await;
        site.two_looks().await;
        let agents: Vec<String> = (1..=faults.len()).map(|at| format!("agent100{at}")).collect();
        for (at, fault) in faults.iter().enumerate() {
            let user = Some(format!("100100{}", at + 1));
            site.finesse.fault_in(fault.clone(), Scope { user, ..puts(2) });
            site.presence(&agents[at], "dnd");
        }
        for (agent, fault) in agents.iter().zip(&faults) {
            site.taken(agent).await;
            assert_eq!(site.asked(agent), ["NOT_READY"; 3], "twice in vain: {fault:?}");
            site.presence(agent, "active");
        }
        for agent in &agents {
            site.released(agent).await;
        }
        site.end().await;
    })
    .await;
}

/// Any 2xx is an acceptance, and nothing depends on the echo of a request's id.
#[tokio::test]
async fn f_put_answers200_no_request_id_echo_lower_case_reason_code_change_nothing() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.finesse.fault(Fault::PutAnswers200);
        site.finesse.fault(Fault::NoRequestIdEcho);
        site.finesse.fault(Fault::LowerCaseReasonCode);
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.two_looks().await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        assert_eq!(site.asked("agent1001"), ["NOT_READY", "READY"]);
        site.end().await;
    })
    .await;
}

/// Each number of CTI's failures after a 202 shows as "no effect", is explained, and asked again.
#[tokio::test]
async fn f_cti_error_after_the_202_is_found_by_looking() {
    on_both(|deployment| async move {
        let codes = [33, 257, 265, 1010];
        let site = Site::start(SiteConfig::new(deployment, codes.len())).await;
        site.two_looks().await;
        for (at, code) in codes.into_iter().enumerate() {
            let user = Some(format!("100100{}", at + 1));
            let error = Fault::CtiError { code, error_type: None, error_message: None };
            site.finesse.fault_in(error, Scope { user, times: Some(1), ..Scope::default() });
            site.presence(&format!("agent100{}", at + 1), "dnd");
        }
        let began = tokio::time::Instant::now();
        for at in 1..=codes.len() {
            let agent = format!("agent100{at}");
            let told = site.decides(&agent, "no_effect").await;
            assert!(told.text.contains("nothing changed"), "{told:?}");
            site.taken(&agent).await;
            assert_eq!(site.asked(&agent), ["NOT_READY", "NOT_READY"]);
        }
        // State events were seen 14 s late, so that an accepted request is given 20 s.
        let took = began.elapsed();
        assert!(took.as_secs() >= 19, "given up too soon: {took:?}");
        site.end().await;
    })
    .await;
}

/// A state that shows only 14 s after the 202 (seen at a real site) is waited for, not repeated.
#[tokio::test]
async fn f_slow_cti_14_s_is_waited_for() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.two_looks().await;
        site.finesse.fault(Fault::SlowCti { delay_ms: 14_000 });
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        assert_eq!(site.asked("agent1001"), ["NOT_READY"], "patience, not repetition");
        assert!(site.decisions("agent1001").iter().all(|told| told.code != "no_effect"));
        site.end().await;
    })
    .await;
}

/// A supervisor sends no reason, so that how reasons are listed does not matter (law 8).
#[tokio::test]
async fn f_no_reason_codes_reason_ids_missing_system_codes_listed_do_not_concern_a_supervisor() {
    on_both(|deployment| async move {
        let faults = [Fault::NoReasonCodes, Fault::ReasonIdsMissing, Fault::SystemCodesListed];
        for fault in faults {
            let mut config = SiteConfig::new(deployment, 1);
            config.finesse.faults = vec![(fault, Scope::default())];
            let site = Site::start(config).await;
            site.presence("agent1001", "dnd");
            site.taken("agent1001").await;
            site.presence("agent1001", "active");
            site.released("agent1001").await;
            assert_eq!(site.asked("agent1001"), ["NOT_READY", "READY"]);
            site.end().await;
        }
    })
    .await;
}

/// 401 Invalid Authorization User Specified is about the agent, not about the password.
#[tokio::test]
async fn f_unauthorized_invalid_user_stops_nobody_else() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 2)).await;
        site.two_looks().await;
        let user = Some("1001001".to_owned());
        let wrong = Fault::Unauthorized { kind: Unauthorized::InvalidUser };
        site.finesse.fault_in(wrong, Scope { user, ..puts(1) });
        for agent in ["agent1001", "agent1002"] {
            site.presence(agent, "dnd");
        }
        site.decides("agent1001", "not_permitted").await;
        site.taken("agent1002").await;
        let ready = site.get("/readyz").await.json();
        assert_eq!(ready["stopped_accounts"].to_string(), "[]");
        // Another want is another attempt.
        site.presence("agent1001", "active");
        site.decides("agent1001", "nothing_to_do").await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.end().await;
    })
    .await;
}

/// An answer that takes longer than we wait is no answer; what it did is found by looking.
#[tokio::test]
async fn f_latency_an_answer_that_comes_too_late_is_found_by_looking() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.two_looks().await;
        let late = Fault::Latency { min_ms: 12_000, max_ms: 12_000, phase: Phase::After };
        site.finesse.fault_in(late, puts(1));
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        assert_eq!(site.asked("agent1001"), ["NOT_READY"], "it had taken effect");
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.end().await;
    })
    .await;
}
