//! A small simulated archive.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::vadose;

/// An archive of ten by ten cells of 9 km, with stations of both networks, in June 2017.
#[derive(Clone, Copy, Debug)]
pub struct SmallTwin {
    /// The first day of the month.
    pub day: u8,
    /// Number of days.
    pub days: u8,
    /// Days before the first of which there is precipitation alone, at least 1.
    pub lead_days: u8,
    /// The faults of the files: `none` or `typical`.
    pub faults: &'static str,
}

impl SmallTwin {
    /// From the first of the month, without faults.
    #[must_use]
    pub fn of_days(days: u8) -> Self {
        Self {
            day: 1,
            days,
            lead_days: 1,
            faults: "none",
        }
    }

    /// Simulates it into a folder, which is emptied; gives the archive's own folder, `archive` in that.
    ///
    /// # Panics
    /// If the folder cannot be made or the simulation fails.
    #[must_use]
    pub fn simulate(&self, folder: &Path) -> PathBuf {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).expect("the folder can be made");
        let config = folder.join("twin.toml");
        fs::write(&config, self.config()).expect("the configuration can be written");
        let _ = vadose(["simulate", &config.display().to_string()]).succeeded();
        folder.join("archive")
    }

    fn config(&self) -> String {
        let Self {
            day,
            days,
            lead_days,
            faults,
        } = self;
        format!(
            r#"
output = "archive"

[simulation]
seed = 11
stations_per_tile = 128
faults = "{faults}"

[simulation.region]
row0 = 2835
col0 = 7380
rows = 90
cols = 90

[simulation.period]
years = [2017]
day = {day}
days = {days}
lead_days = {lead_days}

[simulation.nature]
spin_up_days = 2
"#
        )
    }
}
