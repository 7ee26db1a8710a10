//! Maps of a cube: streamed, so that memory does not grow with the region.

use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use ndarray::{Array2, Axis};
use vadose::cube::{Cube, CubeError};
use vadose::grid::EaseGrid2;
use vadose::io::zarr::{MapStore, MapVariable};
use vadose::io::{IoError, Provenance};
use vadose::retrieve::{CoarseBands, RetrieveError};

use super::Predictor;
use crate::failure::Failure;
use crate::print;

const SOIL_MOISTURE: &str = "soil_moisture";
const SPREAD: &str = "soil_moisture_spread";
/// Rows that are averaged to 9 km at a time: the filter takes several times the memory of its rows.
const ROWS_AVERAGED: usize = 45;

/// Everything that can go wrong while bands are read, computed and written.
#[derive(Debug, thiserror::Error)]
enum BandError {
    #[error(transparent)]
    Cube(#[from] CubeError),
    #[error(transparent)]
    Retrieve(#[from] RetrieveError),
    #[error(transparent)]
    Io(#[from] IoError),
}

impl Predictor<'_> {
    /// Writes the maps of the cube's days that were asked for: `soil_moisture_1km.zarr`, with the spread of a
    /// network that has one, and `soil_moisture_9km.zarr`.
    pub(super) fn predict_cube(&self, path: &Path) -> Result<(), Failure> {
        let cube = Cube::open(path)?;
        let days = self.args.days.of(&cube)?;
        let output = &self.args.output;
        std::fs::create_dir_all(output)
            .with_context(|| format!("{}: cannot be made", output.display()))?;
        let provenance = self.provenance(&path.join("build.json"))?;
        let times: Vec<Timestamp> = days.iter().map(|&day| cube.days()[day].time).collect();
        let window = *cube.window();
        let create = |name: &str, window, variables: &[MapVariable]| -> Result<_, IoError> {
            let path = output.join(name);
            let title = "Surface soil moisture";
            let store = MapStore::create(&path, title, window, &times, variables, &provenance)?;
            Ok((path, store))
        };
        let coarse_window = window.coarsened(EaseGrid2::M09)?;
        let coarse_variables = [MapVariable::soil_moisture(SOIL_MOISTURE)];
        let has_spread = self.retriever.network_config().spread_head;
        let fine_variables = match has_spread {
            true => vec![
                MapVariable {
                    ancillary: vec![SPREAD.to_owned()],
                    ..MapVariable::soil_moisture(SOIL_MOISTURE)
                },
                MapVariable::soil_moisture_spread(SPREAD),
            ],
            false => coarse_variables.to_vec(),
        };
        let (fine_path, fine) = create("soil_moisture_1km.zarr", &window, &fine_variables)?;
        let (coarse_path, coarse) =
            create("soil_moisture_9km.zarr", &coarse_window, &coarse_variables)?;
        let channels = self.retriever.encoder().channels();
        let mut task = self.display.task("predict", days.len() as u64);
        for (position, &day_idx) in days.iter().enumerate() {
            let date = cube.days()[day_idx].date;
            let mut fine_rows = fine.rows(SOIL_MOISTURE, position)?;
            let mut coarse_rows = coarse.rows(SOIL_MOISTURE, position)?;
            let mut spread_rows = match has_spread {
                true => Some(fine.rows(SPREAD, position)?),
                false => None,
            };
            let mut average = CoarseBands::new(window);
            self.retriever
                .retrieve_bands(
                    &window,
                    |part| Ok(cube.scene_with(channels, day_idx, part)?),
                    &mut |done, total| {
                        task.at(position as u64, format!("{date} {done}/{total} tiles"));
                    },
                    |band| -> Result<(), BandError> {
                        fine_rows.push(band.soil_moisture.view())?;
                        if let (Some(rows), Some(spread)) = (&mut spread_rows, &band.spread) {
                            rows.push(spread.view())?;
                        }
                        for rows in band.soil_moisture.axis_chunks_iter(Axis(0), ROWS_AVERAGED) {
                            coarse_rows.push(average.push(rows)?.view())?;
                        }
                        Ok(())
                    },
                )
                .with_context(|| format!("{}, {date}", path.display()))?;
            let rest = average.finish(Array2::zeros((0, window.cols())).view())?;
            coarse_rows.push(rest.view())?;
            fine_rows.finish()?;
            if let Some(rows) = spread_rows {
                rows.finish()?;
            }
            coarse_rows.finish()?;
        }
        fine.finish()?;
        coarse.finish()?;
        task.done(format!("{} days", days.len()));
        print::text(fine_path.display())?;
        print::text(coarse_path.display())
    }

    /// What the maps of an input were made of.
    fn provenance(&self, input: &Path) -> Result<Provenance, Failure> {
        let seed = self.of_model.as_ref().and_then(|one| one.seed);
        let mut provenance =
            Provenance::collect(&self.configuration(), seed, &[input, &self.args.model])?;
        provenance.comment = self.of_model.as_ref().and_then(|one| one.comment.clone());
        Ok(provenance)
    }
}
