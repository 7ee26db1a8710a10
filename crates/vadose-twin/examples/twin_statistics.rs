//! Prints what the twin should have in common with nature: `twin_statistics [seed [row0 [col0
//! [size [days]]]]]`.

#[path = "../tests/statistics/experiment.rs"]
mod experiment;
#[path = "../tests/statistics/series.rs"]
mod series;
#[allow(dead_code)] // single numbers are for the tests
#[path = "../tests/statistics/table.rs"]
mod table;

use experiment::Experiment;
use vadose_grid::{EaseGrid2, Window};

/// 1 June 2017, 00 UTC, in hours since 1970.
const JUNE_2017: i64 = 415_704;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .map(|argument| argument.parse())
        .collect::<Result<_, _>>()?;
    let or = |idx: usize, default: usize| numbers.get(idx).copied().unwrap_or(default);
    let size = or(3, 513);
    let experiment = Experiment {
        seed: or(0, 42) as u64,
        window: Window::new(EaseGrid2::M01, or(1, 2493), or(2, 6750), size, size)?,
        start_hour: JUNE_2017,
        days: or(4, 30) as i64,
        stations_per_tile: 60,
    };
    print!("{}", experiment.run()?);
    Ok(())
}
