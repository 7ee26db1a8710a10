//! Progress on stderr: bars on a terminal, plain lines in a log, nothing when quiet.

use std::io::IsTerminal;
use std::time::Duration;

use vadose_study::StudyObserver;

use crate::print;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    /// Bars that redraw themselves.
    Bars,
    /// A line at each phase and each tenth of the way.
    Lines,
    /// Nothing.
    Quiet,
}

impl Display {
    /// Bars if stderr is a terminal, else lines.
    pub(crate) fn for_stderr() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Bars
        } else {
            Self::Lines
        }
    }

    /// A note to the user.
    pub(crate) fn note(self, message: impl std::fmt::Display) {
        if self != Self::Quiet {
            print::note(message);
        }
    }

    /// Starts to show a task of `total` steps (0: unknown).
    pub(crate) fn task(self, name: &str, total: u64) -> Task {
        let bar = match self {
            Self::Bars => bar(name, total),
            Self::Lines | Self::Quiet => {
                ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
            }
        };
        if self == Self::Lines {
            print::note(format_args!("{name} …"));
        }
        Task {
            display: self,
            name: name.to_owned(),
            total,
            tenths: 0,
            bar,
        }
    }
}

fn bar(name: &str, total: u64) -> ProgressBar {
    let template = if total == 0 {
        "{spinner} {prefix:<12} {msg} [{elapsed}]"
    } else {
        "{spinner} {prefix:<12} [{bar:30}] {pos}/{len} {msg} [{elapsed}, {eta} left]"
    };
    let style = ProgressStyle::with_template(template)
        .expect("the template is valid")
        .progress_chars("=> ");
    let bar = if total == 0 {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::new(total)
    };
    bar.enable_steady_tick(Duration::from_millis(200));
    bar.with_style(style).with_prefix(name.to_owned())
}

/// A task whose progress is shown.
pub(crate) struct Task {
    display: Display,
    name: String,
    total: u64,
    tenths: u64,
    bar: ProgressBar,
}

impl Task {
    /// Shows that `done` steps are done.
    pub(crate) fn at(&mut self, done: u64, message: impl Into<String>) {
        let message = message.into();
        self.bar.set_position(done);
        if self.display == Display::Lines && self.total > 0 {
            let tenths = done * 10 / self.total;
            if tenths > self.tenths {
                self.tenths = tenths;
                print::note(format_args!(
                    "{}: {done} of {} {message}",
                    self.name, self.total
                ));
            }
        }
        self.bar.set_message(message);
    }

    /// Ends the task.
    pub(crate) fn done(self, message: impl Into<String>) {
        let message = message.into();
        match self.display {
            Display::Bars => self.bar.finish_with_message(message),
            Display::Lines => print::note(format_args!("{}: done {message}", self.name)),
            Display::Quiet => {}
        }
    }
}

/// Shows each phase of a study as a task.
pub(crate) struct Phases {
    display: Display,
    task: Option<Task>,
}

impl Phases {
    /// Before the first phase.
    pub(crate) fn new(display: Display) -> Self {
        Self {
            display,
            task: None,
        }
    }

    /// Ends the last phase.
    pub(crate) fn finish(&mut self) {
        if let Some(task) = self.task.take() {
            task.done("");
        }
    }
}

impl StudyObserver for Phases {
    fn on_phase(&mut self, name: &str, total: u64) {
        self.finish();
        self.task = Some(self.display.task(name, total));
    }

    fn on_progress(&mut self, done: u64, message: &str) {
        if let Some(task) = &mut self.task {
            task.at(done, message);
        }
    }
}
