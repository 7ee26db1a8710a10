//! The phases of a study: who is told of them, and how long each took.

use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Is told how a study goes on. `()` listens to nothing.
pub trait StudyObserver {
    /// A phase begins; `total` steps, 0 where unknown.
    fn on_phase(&mut self, _name: &str, _total: u64) {}
    /// `done` steps of the phase are done.
    fn on_progress(&mut self, _done: u64, _message: &str) {}
}

impl StudyObserver for () {}

/// Seconds that a phase took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseTime {
    /// The phase.
    pub name: String,
    /// Wall-clock time, seconds.
    pub seconds: f64,
}

/// Times the phases of a study, one after the other, and tells the observer.
pub struct PhaseClock<'a> {
    observer: &'a mut dyn StudyObserver,
    finished: Vec<PhaseTime>,
    running: Option<(String, Instant)>,
}

impl<'a> PhaseClock<'a> {
    /// A clock before the first phase.
    pub fn new(observer: &'a mut dyn StudyObserver) -> Self {
        Self {
            observer,
            finished: Vec::new(),
            running: None,
        }
    }

    /// Ends the running phase and begins the next one.
    pub fn begin(&mut self, name: &str, total: u64) {
        self.end();
        self.observer.on_phase(name, total);
        self.running = Some((name.to_owned(), Instant::now()));
    }

    /// Passes progress on.
    pub fn progress(&mut self, done: u64, message: &str) {
        self.observer.on_progress(done, message);
    }

    /// The observer, for work that times its own phases within the running one.
    pub fn observer(&mut self) -> &mut dyn StudyObserver {
        &mut *self.observer
    }

    fn end(&mut self) {
        if let Some((name, start)) = self.running.take() {
            self.finished.push(PhaseTime {
                name,
                seconds: start.elapsed().as_secs_f64(),
            });
        }
    }

    /// Ends the running phase and gives all times, in order.
    #[must_use]
    pub fn finish(mut self) -> Vec<PhaseTime> {
        self.end();
        self.finished
    }
}

/// Largest memory that this process has held, bytes; `None` where the system does not tell.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_timed_in_order() {
        let mut nobody = ();
        let mut clock = PhaseClock::new(&mut nobody);
        clock.begin("read", 0);
        clock.begin("train", 10);
        let times = clock.finish();
        assert_eq!(
            times.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
            ["read", "train"]
        );
        assert!(times.iter().all(|time| time.seconds >= 0.0));
    }

    #[test]
    fn peak_memory_grows_with_use() {
        let Some(before) = peak_memory_bytes() else {
            return;
        };
        let block = vec![1u8; 64 << 20];
        assert_eq!(block.iter().map(|b| u64::from(*b)).sum::<u64>(), 64 << 20);
        assert!(peak_memory_bytes().unwrap() >= before.max(32 << 20));
    }
}
