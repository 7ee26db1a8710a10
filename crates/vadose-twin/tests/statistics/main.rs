//! The twin, without instruments, has the statistics that it was tuned to.
//!
//! `cargo run --release -p vadose-twin --example twin_statistics` prints all of them. Comparisons
//! with nature are with 96 stations of the U.S. Climate Reference Network in June 2020 (daily
//! means, 5 cm), where a bound names them.

mod experiment;
mod series;
mod table;

use std::sync::OnceLock;

use experiment::Experiment;
use table::Statistics;
use vadose_grid::{EaseGrid2, Window};

/// 1 June 2017, 00 UTC, in hours since 1970.
const JUNE_2017: i64 = 415_704;

/// One June of 342 × 342 km around a desert, with the edge of a mountain range.
fn june() -> &'static Statistics {
    static STATISTICS: OnceLock<Statistics> = OnceLock::new();
    STATISTICS.get_or_init(|| {
        let experiment = Experiment {
            seed: 42,
            window: Window::new(EaseGrid2::M01, 2493, 6750, 342, 342).expect("on the grid"),
            start_hour: JUNE_2017,
            days: 30,
            stations_per_tile: 100,
        };
        let statistics = experiment.run().expect("the defaults");
        println!("{statistics}");
        statistics
    })
}

#[track_caller]
fn assert_within(what: &str, value: f64, [low, high]: [f64; 2]) {
    assert!(
        (low..=high).contains(&value),
        "{what}: {value} is not in {low} to {high}"
    );
}

#[test]
fn moisture_is_distributed_as_at_stations() {
    /// Stations have 0.02, 0.15 and 0.38 at 5, 50 and 95 %; a cell is less extreme than a point.
    const LOW: [f64; 2] = [0.03, 0.12];
    const MEDIAN: [f64; 2] = [0.13, 0.22];
    const HIGH: [f64; 2] = [0.26, 0.42];
    let moisture = june().spread("moisture at 6 a.m., m3 m-3");
    assert_within("5 %", moisture.low(), LOW);
    assert_within("median", moisture.median(), MEDIAN);
    assert_within("95 %", moisture.high(), HIGH);
}

#[test]
fn moisture_forgets_within_days() {
    /// Stations: 1.6, 2.9 and 6.5 days at 10, 50 and 90 %. A month without its mean looks quicker
    /// than the process, whose folding time over a season is 3 to 8 days.
    const MEDIAN_DAYS: [f64; 2] = [2.0, 4.5];
    const HIGH_DAYS: [f64; 2] = [4.5, 9.0];
    let fold = june().spread("e-folding time of daily series, d");
    assert_within("median", fold.median(), MEDIAN_DAYS);
    assert_within("95 %", fold.high(), HIGH_DAYS);
}

#[test]
fn moisture_varies_in_time_as_at_stations() {
    /// Stations: 0.034 (quartiles 0.016 and 0.047).
    const MEDIAN: [f64; 2] = [0.025, 0.05];
    let deviation = june().spread("deviation in time, m3 m-3");
    assert_within("median", deviation.median(), MEDIAN);
}

#[test]
fn a_kilometre_holds_what_nine_do_not() {
    /// Deviation of 1 km cells within 9 km.
    const WITHIN: [f64; 2] = [0.012, 0.04];
    /// Spectra of soil moisture fall with wavenumber to the power -1.5 to -2.5.
    const SLOPE: [f64; 2] = [-2.5, -1.4];
    let within = june().spread("deviation within 9 km, m3 m-3");
    assert_within("median", within.median(), WITHIN);
    let slope = june().number("spectral slope of moisture, 4-100 km");
    assert_within("slope", slope, SLOPE);
}

#[test]
fn relief_has_the_spectrum_of_topography() {
    /// Power -2 along profiles (Turcotte 1997), with valleys and a regional mask.
    const SLOPE: [f64; 2] = [-2.6, -1.7];
    assert_within(
        "slope",
        june().number("spectral slope of elevation, 4-100 km"),
        SLOPE,
    );
}

#[test]
fn soils_and_waters_are_plausible() {
    let june = june();
    assert_within("water", june.number("share of open water"), [0.005, 0.04]);
    assert_within(
        "clay and valleys",
        june.number("R of clay and wetness index"),
        [0.1, 0.6],
    );
    assert_within(
        "sand and clay",
        june.number("R of sand and clay"),
        [-0.7, -0.15],
    );
    assert_within("median clay", june.spread("clay").median(), [0.15, 0.28]);
}

#[test]
fn it_rains_as_in_a_june_of_the_west() {
    /// Stations west of 100° W: 0, 25 and 112 mm at 5, 50 and 95 %; in all 0, 72 and 186.
    const MEDIAN_MM: [f64; 2] = [15.0, 75.0];
    const HIGH_MM: [f64; 2] = [50.0, 190.0];
    const WET_HOURS: [f64; 2] = [0.02, 0.08];
    let rain = june().spread("rain of the period, mm");
    assert_within("median", rain.median(), MEDIAN_MM);
    assert_within("95 %", rain.high(), HIGH_MM);
    assert_within("wet hours", june().number("share of wet hours"), WET_HOURS);
}

#[test]
fn stations_err_by_what_a_point_errs() {
    /// The station-to-cell error that the twin is made for.
    const RMSE: [f64; 2] = [0.03, 0.06];
    const CORRELATION: [f64; 2] = [0.75, 0.95];
    let june = june();
    assert_within(
        "RMSE",
        june.number("station: RMSE to its cell, over all"),
        RMSE,
    );
    assert_within(
        "R",
        june.spread("station: R with its cell").median(),
        CORRELATION,
    );
    assert_within("stations", june.number("stations"), [100.0, 260.0]);
    assert_within(
        "good lines",
        june.number("share of good lines"),
        [0.8, 0.99],
    );
}

#[test]
fn the_analysis_is_useful_and_wrong() {
    /// Against the true mean of its cells; SMAP's requirement for its Level 4 is 0.04.
    const UBRMSE: [f64; 2] = [0.018, 0.038];
    /// Against stations, as SMAP's Level 4 at single probes.
    const WITH_STATIONS: [f64; 2] = [0.5, 0.78];
    let june = june();
    let error = june.spread("analysis: ubRMSE at 9 km, m3 m-3");
    assert_within("ubRMSE", error.median(), UBRMSE);
    let with_stations = june.spread("station: R with the analysis").median();
    assert_within("R", with_stations, WITH_STATIONS);
    let best = june.spread("station: R with the true 9 km mean").median();
    assert!(best > with_stations + 0.05, "{best} {with_stations}");
}
