//! What was asked: an ordered, bounded log of requests and the counters over all of them.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use crate::model::history::{as_wire_time, push_bounded};
use crate::rest::reply::Verdict;
use crate::rest::route::Endpoint;
use crate::server::Node;

/// Requests kept; the counters go on.
const RECORD_LIMIT: usize = 20_000;
/// Names counted one by one; clients may invent names without end.
const NAMES_LIMIT: usize = 20_000;
/// Violations kept as sentences.
const SENTENCE_LIMIT: usize = 200;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Not answered yet, or never.
    Open,
    /// Answered as asked.
    Fine,
    /// Refused for a reason that a correct client may meet.
    Refused,
    /// The document does not allow such a request.
    Violation,
    /// A fault answered.
    Fault,
    /// The client went away, or a fault cut the connection.
    Abandoned,
}

/// One request of the REST API; never with a password.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// Order of arrival, over both nodes.
    pub seq: u64,
    /// When it arrived.
    #[serde(serialize_with = "as_wire_time")]
    pub time: Timestamp,
    /// The same moment to the microsecond, for measurements in this process.
    #[serde(skip)]
    pub arrived: Instant,
    /// Where.
    pub node: Node,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The kind of resource.
    pub endpoint: Endpoint,
    /// The account whose credentials were sent, right or wrong.
    pub actor: Option<String>,
    /// The user in the path: the loginId where it is known.
    pub target: Option<String>,
    /// The `requestId` header.
    pub request_id: Option<String>,
    /// The first bytes of the body.
    pub body: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused, or which faults struck.
    pub sentence: Option<String>,
    /// From arrival to answer, in milliseconds.
    pub duration_ms: Option<u64>,
    /// PUTs of this account for this user without an answer, this one included.
    pub in_flight: u32,
}

/// Sums over everything that was ever asked.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Requests of the REST API.
    pub requests: u64,
    /// Requests that the document does not allow; a correct client has none.
    pub violations: u64,
    /// Refusals that a correct client may meet.
    pub refusals: u64,
    /// Answers given by faults.
    pub faults: u64,
    /// Requests whose client went away, or whose connection was cut.
    pub abandoned: u64,
    /// Most PUTs that one account had unanswered for one user at a time.
    pub max_in_flight: u32,
    /// Per kind of resource.
    pub by_endpoint: BTreeMap<String, u64>,
    /// Per status.
    pub by_status: BTreeMap<u16, u64>,
    /// PUTs per user.
    pub writes: BTreeMap<String, u64>,
    /// Most unanswered PUTs of one account per user; users with one at most are left out.
    pub in_flight_per_user: BTreeMap<String, u32>,
    /// 401s for wrong credentials, per account.
    pub unauthorized: BTreeMap<String, u64>,
    /// The violations in words, the first of them.
    pub violation_sentences: Vec<String>,
}

/// The log and its counters.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    records: VecDeque<RequestRecord>,
    next_seq: u64,
    open_writes: BTreeMap<(String, String), u32>,
    pub(crate) counters: Counters,
}

impl RequestLog {
    /// Writes down an arrival and returns its number.
    pub(crate) fn arrived(&mut self, mut record: RequestRecord) -> u64 {
        self.next_seq += 1;
        record.seq = self.next_seq;
        self.counters.requests += 1;
        let endpoint = serde_json::to_value(record.endpoint).unwrap_or_default();
        bump(&mut self.counters.by_endpoint, endpoint.as_str().unwrap_or_default());
        if let Some(key) = write_key(&record) {
            bump(&mut self.counters.writes, &key.1);
            let open = self.open_writes.entry(key.clone()).or_default();
            *open += 1;
            record.in_flight = *open;
            self.counters.max_in_flight = self.counters.max_in_flight.max(*open);
            if *open > 1 {
                let most = self.counters.in_flight_per_user.entry(key.1).or_default();
                *most = (*most).max(*open);
            }
        }
        push_bounded(&mut self.records, record, RECORD_LIMIT);
        self.next_seq
    }

    /// Writes down the end of a request.
    pub(crate) fn ended(&mut self, seq: u64, status: Option<u16>, verdict: &Verdict, ms: u64) {
        let (outcome, sentence) = match (status, verdict) {
            (None, _) => (Outcome::Abandoned, None),
            (_, Verdict::Fine) => (Outcome::Fine, None),
            (_, Verdict::Refused(why)) => (Outcome::Refused, Some(why.clone())),
            (_, Verdict::Violation(why)) => (Outcome::Violation, Some(why.clone())),
            (_, Verdict::Fault) => (Outcome::Fault, None),
        };
        self.count(status, outcome);
        let Some(record) = self.record_mut(seq) else { return };
        record.status = status;
        record.outcome = outcome;
        record.duration_ms = Some(ms);
        record.sentence = sentence.or(record.sentence.take());
        let line = record
            .sentence
            .as_ref()
            .map(|why| format!("#{seq} {} {}: {why}", record.method, record.path));
        let key = write_key(record);
        if let Some(key) = key
            && let Some(open) = self.open_writes.get_mut(&key)
        {
            *open -= 1;
            if *open == 0 {
                self.open_writes.remove(&key);
            }
        }
        if outcome == Outcome::Violation && self.counters.violation_sentences.len() < SENTENCE_LIMIT
        {
            self.counters.violation_sentences.extend(line);
        }
    }

    /// Notes which faults struck a request.
    pub(crate) fn struck(&mut self, seq: u64, faults: &[String]) {
        if !faults.is_empty()
            && let Some(record) = self.record_mut(seq)
        {
            record.sentence = Some(format!("struck by {}", faults.join(", ")));
        }
    }

    pub(crate) fn count_unauthorized(&mut self, account: &str) {
        bump(&mut self.counters.unauthorized, account);
    }

    /// The records after this number, oldest first.
    pub(crate) fn after(&self, seq: u64) -> Vec<RequestRecord> {
        self.records.iter().filter(|record| record.seq > seq).cloned().collect()
    }

    /// Forgets the records and starts counting anew; what is open stays open.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.counters = Counters::default();
    }

    fn count(&mut self, status: Option<u16>, outcome: Outcome) {
        if let Some(status) = status {
            *self.counters.by_status.entry(status).or_default() += 1;
        }
        match outcome {
            Outcome::Refused => self.counters.refusals += 1,
            Outcome::Violation => self.counters.violations += 1,
            Outcome::Fault => self.counters.faults += 1,
            Outcome::Abandoned => self.counters.abandoned += 1,
            Outcome::Open | Outcome::Fine => {}
        }
    }

    fn record_mut(&mut self, seq: u64) -> Option<&mut RequestRecord> {
        let first = self.records.front()?.seq;
        let at = usize::try_from(seq.checked_sub(first)?).ok()?;
        self.records.get_mut(at)
    }
}

fn write_key(record: &RequestRecord) -> Option<(String, String)> {
    let is_write = record.endpoint == Endpoint::User && record.method == "PUT";
    let target = record.target.clone().filter(|_| is_write)?;
    Some((record.actor.clone().unwrap_or_default(), target))
}

fn bump(counts: &mut BTreeMap<String, u64>, name: &str) {
    if counts.len() < NAMES_LIMIT || counts.contains_key(name) {
        *counts.entry(name.to_owned()).or_default() += 1;
    }
}
