//! What SMAP granules hold, as a table: `cargo run --release --features hdf5 --example inspect_granule -- FILE…`

use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for path in std::env::args().skip(1) {
        match vadose_io::inspect(&path) {
            Ok(inspection) => println!("{inspection}\n"),
            Err(error) => {
                let cause = error.source().map(|cause| format!(": {cause}"));
                eprintln!("error: {error}{}", cause.unwrap_or_default());
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
