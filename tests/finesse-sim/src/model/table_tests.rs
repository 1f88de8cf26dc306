//! The table of Finesse notes 1.3 and 1.10, written out: what becomes of each request in each state.
//!
//! `400`: refused at once. `=X`: X at once. `~X`: X is pending. `.`: nothing. A number: the
//! asynchronous error; `500`: the asynchronous Internal Server Error.

use super::cti::{Effect, Situation, decide};
use super::rules::check_state;
use super::state::{AgentState, By, Deployment, Wish};

const WISHES: [Wish; 3] = [Wish::Ready, Wish::NotReady, Wish::Logout];

fn outcome(by: By, deployment: Deployment, state: AgentState, wish: &Wish) -> String {
    if check_state(by, deployment, state, wish).is_err() {
        return "400".to_owned();
    }
    let at = Situation { deployment, state, busy_elsewhere: false, asked_during_call: false };
    match decide(by, at, wish) {
        Ok(Effect::Now(state)) => format!("={state}"),
        Ok(Effect::Pending(state)) => format!("~{state}"),
        Ok(Effect::Nothing) => ".".to_owned(),
        Err(error) if error.error_type == "Internal Server Error" => "500".to_owned(),
        Err(error) => error.error_data,
    }
}

fn assert_table(by: By, deployment: Deployment, table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let state = AgentState::from_wire(words[0]).expect("a state");
        let seen: Vec<String> =
            WISHES.iter().map(|wish| outcome(by, deployment, state, wish)).collect();
        assert_eq!(seen, words[1..], "{by:?} on {deployment:?} in {state}");
    }
    let rows = table.lines().filter(|line| !line.trim().is_empty()).count();
    assert_eq!(rows, AgentState::ALL.len(), "every state has a row");
}

#[test]
fn an_agent_on_cce() {
    let table = "
        LOGOUT                     257     257         400
        NOT_READY                  =READY  =NOT_READY  =LOGOUT
        READY                      .       =NOT_READY  400
        RESERVED                   400     400         400
        RESERVED_OUTBOUND          =READY  =NOT_READY  400
        RESERVED_OUTBOUND_PREVIEW  400     ~NOT_READY  400
        TALKING                    ~READY  ~NOT_READY  400
        HOLD                       ~READY  ~NOT_READY  400
        WORK                       =READY  =NOT_READY  400
        WORK_READY                 =READY  =NOT_READY  400
        UNKNOWN                    400     400         400
    ";
    assert_table(By::Agent, Deployment::Ucce, table);
}

#[test]
fn an_agent_on_ccx() {
    let table = "
        LOGOUT                     1010    1010        400
        NOT_READY                  =READY  =NOT_READY  =LOGOUT
        READY                      .       =NOT_READY  =LOGOUT
        RESERVED                   400     400         400
        RESERVED_OUTBOUND          500     500         400
        RESERVED_OUTBOUND_PREVIEW  400     500         400
        TALKING                    265     ~NOT_READY  400
        HOLD                       265     ~NOT_READY  400
        WORK                       =READY  =NOT_READY  400
        WORK_READY                 =READY  =NOT_READY  400
        UNKNOWN                    400     400         400
    ";
    assert_table(By::Agent, Deployment::Uccx, table);
}

#[test]
fn a_supervisor_on_both() {
    let table = "
        LOGOUT                     400     400         400
        NOT_READY                  =READY  400         =LOGOUT
        READY                      400     =NOT_READY  =LOGOUT
        RESERVED                   400     400         =LOGOUT
        RESERVED_OUTBOUND          400     400         =LOGOUT
        RESERVED_OUTBOUND_PREVIEW  400     400         =LOGOUT
        TALKING                    400     400         =LOGOUT
        HOLD                       400     400         =LOGOUT
        WORK                       =READY  =NOT_READY  =LOGOUT
        WORK_READY                 =READY  =NOT_READY  =LOGOUT
        UNKNOWN                    400     400         400
    ";
    for deployment in [Deployment::Ucce, Deployment::Uccx] {
        assert_table(By::Supervisor, deployment, table);
    }
}
