//! Which of the messages sent on one socket were acknowledged (wire notes 3.5).

use std::collections::{HashMap, VecDeque};

/// Messages remembered per socket: twenty seconds at 400 a second. An acknowledgement that comes
/// later than that is taken on trust.
const REMEMBERED: usize = 8_192;

#[derive(Debug, Default)]
pub(super) struct Acks {
    order: VecDeque<String>,
    /// `true` once acknowledged.
    sent: HashMap<String, bool>,
    waiting: usize,
    forgot: bool,
}

// === impl Acks ===

impl Acks {
    pub(super) fn sent(&mut self, id: String) {
        if self.sent.insert(id.clone(), false).is_some() {
            return;
        }
        self.waiting += 1;
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.forgot = true;
            if self.sent.remove(&oldest) == Some(false) {
                self.waiting -= 1;
            }
        }
    }

    /// `false` when nothing with this id was ever sent.
    pub(super) fn acknowledged(&mut self, id: &str) -> bool {
        match self.sent.get_mut(id) {
            Some(done) => {
                if !*done {
                    *done = true;
                    self.waiting -= 1;
                }
                true
            }
            None => self.forgot,
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_counts_once_and_one_for_nothing_is_told() {
        let mut acks = Acks::default();
        acks.sent("a".to_owned());
        acks.sent("b".to_owned());
        assert!(acks.acknowledged("a") && acks.acknowledged("a"));
        assert_eq!(acks.waiting(), 1);
        assert!(!acks.acknowledged("c"));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut acks = Acks::default();
        for number in 0..=REMEMBERED {
            acks.sent(number.to_string());
        }
        assert_eq!(acks.waiting(), REMEMBERED);
        assert!(acks.acknowledged("0"), "an old one is taken on trust");
    }
}
