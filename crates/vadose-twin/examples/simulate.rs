//! Writes a simulation: `cargo run --release --features archive --example simulate -- WHAT FOLDER`.
//!
//! `WHAT` is a preset or a JSON file; what the file leaves out is as in preset `conus-west`.

use std::path::Path;
use std::time::Instant;

use vadose_twin::SimulationConfig;
use vadose_twin::simulation::Simulation;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "small".to_owned());
    let folder = arguments.next().unwrap_or_else(|| "out/twin".to_owned());
    let config = if Path::new(&what).is_file() {
        serde_json::from_str(&std::fs::read_to_string(&what)?)?
    } else {
        SimulationConfig::preset(what.parse()?)
    };
    let start = Instant::now();
    let record = Simulation::new(config)?.write(Path::new(&folder), &mut |progress| {
        if progress.done == progress.total {
            let seconds = start.elapsed().as_secs_f64();
            println!(
                "{seconds:7.1} s  {} {}",
                progress.phase.name(),
                progress.year
            );
        }
    })?;
    println!("{:?} {:?}", record.granules, record.stations);
    Ok(())
}
