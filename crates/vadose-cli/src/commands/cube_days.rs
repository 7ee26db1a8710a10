//! Which days of a cube a command takes.

use std::path::Path;

use jiff::civil::Date;
use vadose::cube::Cube;

use crate::failure::Failure;

/// Options of commands that take granules or a cube.
#[derive(clap::Args)]
pub(super) struct CubeDays {
    /// Day of a cube to begin with, e.g. 2017-06-01.
    #[arg(long, value_name = "DATE")]
    first: Option<Date>,
    /// Last day of a cube.
    #[arg(long, value_name = "DATE")]
    last: Option<Date>,
}

/// The folder holds a cube.
pub(super) fn is_cube(path: &Path) -> bool {
    path.join("cube.zarr").is_dir()
}

impl CubeDays {
    /// Positions in [`Cube::days`]; at least one.
    pub(super) fn of(&self, cube: &Cube) -> Result<Vec<usize>, Failure> {
        let is_wanted = |date: Date| {
            self.first.is_none_or(|first| date >= first)
                && self.last.is_none_or(|last| date <= last)
        };
        let days = cube.days().iter().enumerate();
        let days: Vec<usize> = days
            .filter(|(_, day)| is_wanted(day.date))
            .map(|(idx, _)| idx)
            .collect();
        if days.is_empty() {
            return Err(Failure::usage(format_args!(
                "{}: the cube has none of these days",
                cube.path().display()
            )));
        }
        Ok(days)
    }

    /// Refuses the options where there is no cube.
    pub(super) fn refuse(&self) -> Result<(), Failure> {
        if self.first.is_some() || self.last.is_some() {
            return Err(Failure::usage("--first and --last choose days of a cube"));
        }
        Ok(())
    }
}
