//! Reason codes, as the administrator (Finesse notes 1.5).

use lockstep_core::finesse::labels::ReasonCode;
use lockstep_core::{AgentId, TeamId};
use reqwest::Method;

use super::Rest;
use super::answer::Subject;
use super::ask::{Ask, Written};
use super::metering::Call;
use super::urgency::Urgency;
use super::wire;
use crate::finesse::FinesseError;

const CATEGORY: Option<(&str, &str)> = Some(("category", "NOT_READY"));

impl Rest {
    /// The `NOT_READY` reasons that agents of `team` may choose, without the system's own.
    ///
    /// Before 12.5 Finesse has no list by team and answers 404; [`Self::reason_codes_of`] reads
    /// the same by agent.
    pub async fn reason_codes(&self, team: &TeamId) -> Result<Vec<ReasonCode>, FinesseError> {
        let subject = Subject::ReasonCodes(team.as_str());
        self.chosen(&["Team", team.as_str(), "ReasonCodes"], subject).await
    }

    /// The `NOT_READY` reasons that `agent` may choose; deprecated since 12.5 and still served.
    pub async fn reason_codes_of(&self, agent: &AgentId) -> Result<Vec<ReasonCode>, FinesseError> {
        let subject = Subject::ReasonCodes(agent.as_str());
        self.chosen(&["User", agent.as_str(), "ReasonCodes"], subject).await
    }

    async fn chosen(
        &self,
        path: &[&str],
        subject: Subject<'_>,
    ) -> Result<Vec<ReasonCode>, FinesseError> {
        let admin = self.accounts.admin();
        let ask = Ask::get(Call::ReasonCodes, subject, path, &admin, Urgency::Routine);
        self.read(Ask { query: CATEGORY, ..ask }, wire::reason_codes).await
    }

    /// Every `NOT_READY` reason of every team, the system's own included where Finesse lists them.
    pub async fn all_reason_codes(&self) -> Result<Vec<ReasonCode>, FinesseError> {
        let (admin, subject) = (self.accounts.admin(), Subject::ReasonCodes("every team"));
        let path = ["ReasonCodes"];
        let ask = Ask::get(Call::ReasonCodes, subject, &path, &admin, Urgency::Routine);
        self.read(Ask { query: CATEGORY, ..ask }, wire::all_reason_codes).await
    }

    /// Creates a `NOT_READY` reason: for every team, or for none until one is assigned. Finesse
    /// takes it on its primary node only and answers 403 elsewhere. Never repeated: after an error
    /// only the list tells whether it is there.
    pub async fn create_reason_code(
        &self,
        number: i64,
        label: &str,
        for_all: bool,
    ) -> Result<(), FinesseError> {
        let written =
            Written { method: Method::POST, body: wire::reason_body(number, label, for_all) };
        self.write(&["ReasonCode"], None, Subject::ReasonCode(label), written).await
    }

    /// Says which reasons `team` has besides the global ones. What is left out is taken from it, so
    /// `ids` are those it has and those it gets.
    pub async fn assign_reason_codes(
        &self,
        team: &TeamId,
        ids: &[&str],
    ) -> Result<(), FinesseError> {
        let body = wire::assignment_body(ids.iter().copied());
        let written = Written { method: Method::PUT, body };
        let path = ["Team", team.as_str(), "ReasonCodes"];
        self.write(&path, CATEGORY, Subject::ReasonCodes(team.as_str()), written).await
    }

    async fn write(
        &self,
        path: &[&str],
        query: Option<(&str, &str)>,
        subject: Subject<'_>,
        written: Written,
    ) -> Result<(), FinesseError> {
        let admin = self.accounts.admin();
        let ask = Ask::get(Call::ReasonConfig, subject, path, &admin, Urgency::Routine);
        self.queue(Ask { query, written: Some(written), ..ask }).await
    }
}
