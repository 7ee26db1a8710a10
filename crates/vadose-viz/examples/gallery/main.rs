//! Writes one figure of each kind, and a report of them all, from made-up numbers:
//! `cargo run --example gallery -- FOLDER`.

mod study;

use std::path::PathBuf;

use vadose_viz::{Figure, VizError};

fn main() -> Result<(), VizError> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    for extension in ["png", "svg"] {
        let file = |name: &str| folder.join(name).with_extension(extension);
        for (name, figure, _) in study::figures() {
            Figure::write(&figure.as_ref(), file(name))?;
        }
        study::with_maps(|maps| maps.write(file("maps")))?;
        study::with_error_maps(|maps| maps.write(file("error_maps")))?;
    }
    study::report()?.write(folder.join("report.html"))
}
