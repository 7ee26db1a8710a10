//! Reads a simulated archive as a user would and states what it has in common with nature.
//!
//! `archive_statistics ARCHIVE [JSON [FIGURES]]`: `ARCHIVE` is a folder that was simulated, `JSON` a
//! file and `FIGURES` a folder to write. Prints Markdown. The real granules beside it are those of
//! the tests.

mod archive;
mod figures;
mod measure;
mod pairs;
#[allow(dead_code)] // other measures are for the test of the same module
#[path = "../../tests/statistics/series.rs"]
mod series;

use std::error::Error;
use std::path::{Path, PathBuf};

use self::archive::Archive;
use self::measure::{Statistics, measure, of_real_granules};
use self::pairs::Spread;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or("give the folder of an archive")?;
    let granules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/smap");
    let real = of_real_granules(&granules)?;
    let archive = Archive::open(&folder)?;
    let twin = measure(&archive)?;
    print(&twin, &real);
    if let Some(path) = arguments.next() {
        let both = serde_json::json!({ "twin": twin, "real": real });
        std::fs::write(path, serde_json::to_string_pretty(&both)? + "\n")?;
    }
    if let Some(folder) = arguments.next() {
        figures::draw(&archive, &granules, &folder)?;
    }
    Ok(())
}

fn print(twin: &Statistics, real: &Statistics) {
    println!("| with stations, in time | R median | quartiles | ubRMSE median | stations |");
    println!("|---|---|---|---|---|");
    for (name, r) in &twin.correlations {
        let ubrmse = twin.station_ubrmse.get(name);
        let ubrmse = ubrmse.map_or("–".to_owned(), |spread| format!("{:.3}", spread.q50));
        let Spread {
            n, q25, q50, q75, ..
        } = r;
        println!("| {name} | {q50:.2} | {q25:.2} to {q75:.2} | {ubrmse} | {n} |");
    }
    println!("\n| against the truth | R | bias | ubRMSE | RMSE | pairs |");
    println!("|---|---|---|---|---|---|");
    for (name, error) in &twin.errors {
        let pairs::Error {
            n,
            bias,
            rmse,
            ubrmse,
            r,
        } = error;
        println!("| {name} | {r:.2} | {bias:.3} | {ubrmse:.3} | {rmse:.3} | {n} |");
    }
    println!("\n| quantity | of | 5 % | 25 % | 50 % | 75 % | 95 % | values |");
    println!("|---|---|---|---|---|---|---|---|");
    for (name, spread) in &twin.spreads {
        row(name, "twin", spread);
        if let Some(spread) = real.spreads.get(name) {
            row("", "real", spread);
        }
    }
    println!("\n| number | twin | real |\n|---|---|---|");
    for (name, value) in &twin.numbers {
        let real = real.numbers.get(name);
        let real = real.map_or("–".to_owned(), |value| format!("{value:.2}"));
        println!("| {name} | {value:.2} | {real} |");
    }
}

fn row(name: &str, of: &str, spread: &Spread) {
    let Spread {
        n,
        q05,
        q25,
        q50,
        q75,
        q95,
    } = spread;
    println!("| {name} | {of} | {q05:.3} | {q25:.3} | {q50:.3} | {q75:.3} | {q95:.3} | {n} |");
}
