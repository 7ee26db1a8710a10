//! Writes a small simulation: `cargo run --release --features archive --example simulate -- small out/twin`.

use std::path::Path;
use std::time::Instant;

use vadose_twin::SimulationConfig;
use vadose_twin::simulation::Simulation;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let preset = arguments.next().unwrap_or_else(|| "small".to_owned());
    let folder = arguments.next().unwrap_or_else(|| "out/twin".to_owned());
    let mut config = SimulationConfig::preset(preset.parse()?);
    config.period.years.truncate(1);
    let start = Instant::now();
    let record = Simulation::new(config)?.write(Path::new(&folder), &mut |progress| {
        if progress.done == progress.total {
            let seconds = start.elapsed().as_secs_f64();
            println!("{seconds:7.1} s  {}", progress.phase.name());
        }
    })?;
    println!("{:?} {:?}", record.granules, record.stations);
    Ok(())
}
