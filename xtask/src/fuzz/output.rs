//! What libFuzzer says, line by line.

use std::collections::VecDeque;

/// Lines kept of what is no status: a panic, its backtrace, libFuzzer's own report.
const LINES: usize = 60;

/// What was understood of it.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) runs: u64,
    /// What libFuzzer counts as covered: edges, and how often each was taken.
    pub(super) features: u64,
    /// Inputs that were kept because they cover something new.
    pub(super) new_files: usize,
    pub(super) peak_mb: u64,
    words: VecDeque<String>,
    broken: bool,
}

impl Output {
    /// `#1234\tNEW    cov: 890 ft: 3258 corp: 545/147Kb …`, `stat::peak_rss_mb: 33`, or any word.
    pub(super) fn take(&mut self, line: &str) {
        if let Some((name, number)) = line.strip_prefix("stat::").and_then(|l| l.split_once(':')) {
            let number = number.trim().parse().unwrap_or_default();
            match name {
                "number_of_executed_units" => self.runs = number,
                "peak_rss_mb" => self.peak_mb = number,
                _ => {}
            }
            return;
        }
        let Some((runs, rest)) = line.strip_prefix('#').and_then(|line| line.split_once('\t'))
        else {
            if self.words.len() == LINES {
                self.words.pop_front();
            }
            self.words.push_back(line.to_owned());
            return;
        };
        self.runs = runs.parse().unwrap_or(self.runs);
        let features = rest.split_once(" ft: ").and_then(|(_, rest)| rest.split(' ').next());
        self.features = features.and_then(|text| text.parse().ok()).unwrap_or(self.features);
    }

    pub(super) fn ended(&mut self, well: bool, new_files: usize) {
        self.broken = !well;
        self.new_files = new_files;
    }

    /// Did an input break a promise?
    pub(super) const fn is_broken(&self) -> bool {
        self.broken
    }

    /// From the panic on, where there was one.
    pub(super) fn last_words(&self) -> impl Iterator<Item = &str> {
        let at = self.words.iter().position(|line| line.contains("panicked at"));
        self.words.iter().skip(at.unwrap_or(0)).map(String::as_str).take(LINES / 2)
    }

    /// The file with the input that did it.
    pub(super) fn artifact(&self) -> Option<&str> {
        self.words.iter().find_map(|line| Some(line.split_once("Test unit written to ")?.1.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_features_and_memory_are_read() {
        let mut output = Output::default();
        for line in [
            "INFO: seed corpus: files: 14",
            "#15\tINITED cov: 510 ft: 1034 corp: 14/3826b exec/s: 0 rss: 31Mb",
            "#43459\tDONE   cov: 890 ft: 3258 corp: 545/147Kb lim: 1208 exec/s: 7243 rss: 33Mb",
            "stat::number_of_executed_units: 43460",
            "stat::peak_rss_mb:              34",
        ] {
            output.take(line);
        }
        output.ended(true, 3);
        let seen = (output.runs, output.features, output.peak_mb, output.new_files);
        assert_eq!(seen, (43_460, 3_258, 34, 3));
        assert!(!output.is_broken());
    }

    #[test]
    fn a_broken_promise_is_told_from_its_panic_on_with_its_input() {
        let mut output = Output::default();
        for line in [
            "INFO: Loaded 1 modules",
            "thread '<unnamed>' panicked at fuzz/src/rules.rs:32:9:",
            "not the same",
            "==1== ERROR: libFuzzer: deadly signal",
            "Test unit written to target/fuzz/broken/rules/crash-1",
        ] {
            output.take(line);
        }
        output.ended(false, 0);
        assert!(output.is_broken());
        assert_eq!(output.last_words().nth(1), Some("not the same"));
        assert_eq!(output.artifact(), Some("target/fuzz/broken/rules/crash-1"));
    }
}
