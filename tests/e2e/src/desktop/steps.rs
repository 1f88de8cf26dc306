//! What a desk took in lately, so that a story that fails can tell it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use lockstep_core::Time;
use lockstep_core::desk::{DeskInput, DeskOutput};

/// Steps that are remembered: some turns of taking, seeing and releasing.
const STEPS: usize = 60;

/// One input and what followed from it.
#[derive(Debug)]
struct Step(Time, DeskInput, Vec<DeskOutput>);

/// The last steps; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Steps(Arc<Mutex<VecDeque<Step>>>);

impl Steps {
    pub(super) fn note(&self, at: Time, input: DeskInput, outputs: &[DeskOutput]) {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if steps.len() == STEPS {
            steps.pop_front();
        }
        steps.push_back(Step(at, input, outputs.to_vec()));
    }

    pub(super) fn told(&self) -> String {
        let steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = String::new();
        for Step(at, input, outputs) in &*steps {
            let _ = writeln!(told, "  {} {input:?}", at.as_millis());
            for output in outputs {
                let _ = writeln!(told, "      -> {output:?}");
            }
        }
        told
    }
}
