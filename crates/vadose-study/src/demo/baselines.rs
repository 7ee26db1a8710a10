//! What simpler methods make of the same pseudo-stations.

use ndarray::{Array1, Array2, ArrayView1, Axis};
use vadose_scene::{ChannelEncoder, Split, Tile};

use super::Experiment;
use crate::{QuadraticRidge, StudyError};

/// Penalties tried, per training sample; the validation pseudo-stations choose.
const PENALTIES: [f64; 9] = [1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0];

/// A quadratic ridge on the same channels, as the network sees them, cell by cell.
pub(super) fn ridge_map(
    experiment: &Experiment,
    encoder: &ChannelEncoder,
) -> Result<Array2<f32>, StudyError> {
    let scene = experiment.scene();
    let window = scene.window();
    // One square tile that holds the whole window; its origin is that of the snapped window.
    let snapped = window.snapped_outward(9);
    let (row_skip, col_skip) = (
        window.row0() - snapped.row0(),
        window.col0() - snapped.col0(),
    );
    let size = snapped.rows().max(snapped.cols());
    let tile = Tile {
        row0: snapped.row0() as i64,
        col0: snapped.col0() as i64,
        size,
    };
    let channels = encoder.encode(scene, &tile)?.mapv(f64::from);
    let at = |(row, col): (usize, usize)| -> ArrayView1<'_, f64> {
        let of_row = channels.view().index_axis_move(Axis(1), row_skip + row);
        of_row.index_axis_move(Axis(1), col_skip + col)
    };
    let samples = |split| -> (Array2<f64>, Array1<f64>) {
        let stations = experiment.stations(split);
        let rows: Vec<_> = stations.iter().map(|(cell, _)| at(*cell)).collect();
        let x =
            ndarray::stack(Axis(0), &rows).unwrap_or_else(|_| Array2::zeros((0, channels.dim().0)));
        (
            x,
            stations
                .iter()
                .map(|(_, value)| f64::from(*value))
                .collect(),
        )
    };
    let (train, validation) = (samples(Split::Train), samples(Split::Validation));
    let ridge = QuadraticRidge::fit(
        (train.0.view(), train.1.view()),
        (validation.0.view(), validation.1.view()),
        &PENALTIES,
    )?;
    Ok(Array2::from_shape_fn(window.shape(), |cell| {
        if scene.predictable()[cell] {
            ridge.predict(at(cell)) as f32
        } else {
            f32::NAN
        }
    }))
}
