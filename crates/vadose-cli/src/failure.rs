//! How a command fails: with a message and an exit code.

use std::fmt;
use std::process::ExitCode;

use vadose::train::TrainError;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wrong usage or configuration: exit code 2.
    Usage(anyhow::Error),
    /// Anything else: exit code 1.
    Failed(anyhow::Error),
    /// The result is there, but some input could not be used in full: exit code 3.
    Incomplete(anyhow::Error),
}

impl Failure {
    /// A usage failure with this message.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::Usage(anyhow::anyhow!("{message}"))
    }

    /// A failure with this message.
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self::Failed(anyhow::anyhow!("{message}"))
    }

    /// A result that lacks something, with this message.
    pub(crate) fn incomplete(message: impl fmt::Display) -> Self {
        Self::Incomplete(anyhow::anyhow!("{message}"))
    }

    /// The failure of an operation: wrong usage where the configuration is at fault.
    pub(crate) fn of_training(error: TrainError) -> Self {
        match error {
            TrainError::Config { .. } => Self::Usage(error.into()),
            _ => Self::Failed(error.into()),
        }
    }

    /// Prints the message with its causes, and gives the exit code. A reader of stdout that went away (as
    /// `head` does) is no failure.
    pub(crate) fn report(self) -> ExitCode {
        let (error, code) = match self {
            Self::Usage(error) => (error, 2),
            Self::Failed(error) => (error, 1),
            Self::Incomplete(error) => (error, 3),
        };
        let stdout_is_closed = error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe);
        if stdout_is_closed {
            return ExitCode::SUCCESS;
        }
        let kind = if code == 3 { "warning" } else { "error" };
        crate::print::note(format_args!("{kind}: {}", chain(&error)));
        ExitCode::from(code)
    }
}

/// The message and its causes on one line; a cause that its parent already quotes is not repeated, and of a
/// cause with a backtrace only the first line counts.
fn chain(error: &anyhow::Error) -> String {
    let mut causes = error.chain().map(first_line);
    let mut text = causes.next().unwrap_or_default();
    for cause in causes {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn first_line(cause: &(dyn std::error::Error + 'static)) -> String {
    cause
        .to_string()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn causes_follow_on_one_line_without_repetition() {
        let cause = anyhow::anyhow!("file is truncated");
        let error = Err::<(), _>(cause)
            .context("a.h5: file is truncated")
            .context("cannot read")
            .unwrap_err();
        assert_eq!(chain(&error), "cannot read: a.h5: file is truncated");
    }
}
