//! The three figures of the demonstration, after the paper's figures 2, 3 and 4.

use std::path::Path;

use ndarray::{Array2, ArrayView2};
use vadose_metrics::Skill;
use vadose_retrieve::Retrieval;
use vadose_scene::{COARSE_FACTOR, Scene, Split, nearest_to};
use vadose_train::EpochRecord;
use vadose_viz::{
    ColourMap, ColourRange, Extent, Figure as _, LearningCurves, MapImage, MapPanel, MapRow,
    ReferenceLine, ScatterPlot, ScatterSeries, SeriesRole,
};

use super::Experiment;
use crate::{StudyError, learning_curves};

const FOOTNOTE: &str = "Pseudo-stations drawn from the granule's own soil moisture: this shows the machinery and is no statement of accuracy against the ground.";
const SOIL_MOISTURE_UNITS: &str = "m³ m⁻³";

/// Error against epoch on pseudo-stations, with the 9 km product for reference.
pub(super) fn learning_curve(
    path: &Path,
    history: &[EpochRecord],
    coarse_skill: &Skill,
) -> Result<(), StudyError> {
    let figure = LearningCurves {
        title: "Error against epoch, on pseudo-stations".to_owned(),
        references: vec![ReferenceLine {
            label: "9 km target, withheld cells".to_owned(),
            rmse: coarse_skill.rmse,
            ubrmse: coarse_skill.ubrmse,
        }],
        footnote: FOOTNOTE.to_owned(),
        ..learning_curves(history)
    };
    Ok(figure.write(path)?)
}

/// Inputs; the granule's and our maps at 1 km; both at 9 km.
pub(super) fn maps(
    path: &Path,
    experiment: &Experiment,
    retrieval: &Retrieval,
) -> Result<(), StudyError> {
    let scene = experiment.scene();
    let missing = || Array2::from_elem(scene.window().shape(), f32::NAN);
    let tb = scene.field("tb_v").map_or_else(missing, |tb| tb.to_owned());
    let sigma0_db = scene.field("sigma0_vv").map_or_else(missing, |sigma0| {
        sigma0.mapv(|linear| {
            if linear > 0.0 {
                10.0 * linear.log10()
            } else {
                f32::NAN
            }
        })
    });
    let (product_9km, ours_9km) = (
        nearest_to(scene.window(), experiment.coarse_target(), COARSE_FACTOR),
        nearest_to(scene.window(), &retrieval.coarse, COARSE_FACTOR),
    );
    let soil_moisture = |title: &str, values| MapImage::new(title, values, SOIL_MOISTURE_UNITS);
    let input = |title: &str, values, units: &str| MapImage {
        colour_map: ColourMap::Magma,
        ..MapImage::new(title, values, units)
    };
    let row = |left, right, colour_range| MapRow {
        left,
        right,
        colour_range,
    };
    let rows = vec![
        row(
            input(
                "SMAP brightness temperature V, disaggregated",
                tb.view(),
                "K",
            ),
            input("Sentinel-1 backscatter VV", sigma0_db.view(), "dB"),
            ColourRange::Own,
        ),
        row(
            soil_moisture("SMAP/Sentinel-1 product, 1 km", experiment.soil_moisture()),
            soil_moisture("network, 1 km", retrieval.soil_moisture.view()),
            ColourRange::Shared,
        ),
        row(
            soil_moisture("SMAP/Sentinel-1 product, 9 km average", product_9km.view()),
            soil_moisture("network, 9 km average", ours_9km.view()),
            ColourRange::Shared,
        ),
    ];
    let figure = MapPanel {
        title: "Inputs and surface soil moisture".to_owned(),
        footnote: FOOTNOTE.to_owned(),
        ..MapPanel::new(rows, extent(scene))
    };
    Ok(figure.write(path)?)
}

/// The outer edges of the scene's window.
fn extent(scene: &Scene) -> Extent {
    let window = scene.window();
    let [west, cell, _, north, _, _] = window.geotransform();
    Extent::ProjectedM {
        west,
        east: west + cell * window.cols() as f64,
        south: north - cell * window.rows() as f64,
        north,
    }
}

/// Estimate against reference: training and validation pseudo-stations, withheld cells, and the product.
pub(super) fn scatter(
    path: &Path,
    experiment: &Experiment,
    retrieval: &Retrieval,
) -> Result<(), StudyError> {
    let at_stations = |split| -> (Vec<f64>, Vec<f64>) {
        let stations = experiment.stations(split);
        stations
            .iter()
            .map(|(at, value)| (f64::from(retrieval.soil_moisture[*at]), f64::from(*value)))
            .unzip()
    };
    let coarse = nearest_to(
        experiment.scene().window(),
        experiment.coarse_target(),
        COARSE_FACTOR,
    );
    let withheld = |map: ArrayView2<'_, f32>| -> (Vec<f64>, Vec<f64>) {
        let pair = |at: &(usize, usize)| {
            (
                f64::from(map[*at]),
                f64::from(experiment.soil_moisture()[*at]),
            )
        };
        experiment.withheld().iter().map(pair).unzip()
    };
    let series = |label: &str, role, (estimate, reference)| ScatterSeries {
        label: label.to_owned(),
        role,
        estimate,
        reference,
        skill: None,
    };
    let figure = ScatterPlot {
        title: "Estimate against the granule's own soil moisture".to_owned(),
        series: vec![
            series(
                "network, training pseudo-stations",
                SeriesRole::Training,
                at_stations(Split::Train),
            ),
            series(
                "network, withheld cells",
                SeriesRole::Test,
                withheld(retrieval.soil_moisture.view()),
            ),
            series(
                "9 km target, withheld cells",
                SeriesRole::Product,
                withheld(coarse.view()),
            ),
        ],
        reference_label: "pseudo-station or granule soil moisture (m³ m⁻³)".to_owned(),
        footnote: FOOTNOTE.to_owned(),
        ..ScatterPlot::default()
    };
    Ok(figure.write(path)?)
}
