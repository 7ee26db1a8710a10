//! Who is told how a build goes on.

use std::ops::ControlFlow;

use crate::{BuildPlan, Unit};

/// Is told how a build goes on, and may stop it. `()` listens to nothing.
///
/// Two units may be at work at once, so their blocks come interleaved. A build that was stopped is
/// gone on with by the next, as after a kill.
pub trait BuildObserver: Send {
    /// Before anything is written.
    fn on_plan(&mut self, _plan: &BuildPlan) {}

    /// After every block of a unit: `done` of `total`.
    fn on_block(&mut self, _unit: Unit, _done: usize, _total: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// After every unit that the plan had to do.
    fn on_unit(&mut self, _unit: Unit, _outcome: UnitOutcome) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl BuildObserver for () {}

/// What became of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitOutcome {
    /// Written.
    Written,
    /// Its files have other times, but hold the same: nothing was written.
    Unchanged,
    /// Written, but a file changed while it was read, so that the next build does it again.
    Unsettled,
}
