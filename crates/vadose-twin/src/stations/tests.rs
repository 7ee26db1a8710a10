//! Tests: Stations and their probes.

use std::collections::BTreeSet;

use vadose_grid::{EaseGrid2, Window};

use super::*;
use crate::error::TwinError;
use crate::landscape::Landscape;
use crate::nature_run::Hydraulics;

const START: i64 = 415_704;

fn sites(window: &Window) -> Vec<Site> {
    place(&Landscape::new(42), 42, window, 40).unwrap()
}

fn window(row0: usize, col0: usize, size: usize) -> Window {
    Window::new(EaseGrid2::M01, row0, col0, size, size).unwrap()
}

#[test]
fn stations_stand_on_land_that_can_hold_them() {
    let landscape = Landscape::new(42);
    let area = window(2493, 6750, 513);
    let sites = sites(&area);
    assert!((130..190).contains(&sites.len()), "{}", sites.len());
    let layers = landscape.layers(&area).unwrap();
    for site in &sites {
        let at = area.offset_of(site.cell).unwrap();
        assert!(![0, 13, 15].contains(&layers.land_cover[at]));
        assert_eq!(site.elevation_m, layers.elevation_m[at]);
        assert_eq!(site.network == Network::Snotel, site.elevation_m > 1200.0);
        assert_eq!(EaseGrid2::M01.locate(site.location), Ok(site.cell));
    }
    let networks: BTreeSet<Network> = sites.iter().map(|site| site.network).collect();
    assert_eq!(networks.len(), 2);
    let names: BTreeSet<&str> = sites.iter().map(|site| site.name.as_str()).collect();
    assert_eq!(names.len(), sites.len());
    let cells: BTreeSet<_> = sites.iter().map(|site| site.cell).collect();
    assert!(cells.len() < sites.len(), "some cells have two stations");
}

#[test]
fn a_part_of_a_window_has_the_same_stations() {
    let part = window(2600, 6900, 200);
    let within: Vec<Site> = sites(&window(2493, 6750, 513))
        .into_iter()
        .filter(|site| part.contains(site.cell))
        .collect();
    assert!(!within.is_empty());
    assert_eq!(sites(&part), within);
}

#[test]
fn more_stations_than_names_are_refused() {
    let error = place(&Landscape::new(1), 1, &window(2560, 6912, 9), 1000).unwrap_err();
    assert!(matches!(error, TwinError::Config { .. }));
}

fn soil() -> Hydraulics {
    Hydraulics::new(0.2, 0.4, 0.47)
}

/// A year of a cell that is 0.2 m3 m-3 moist, with `kelvin` at both depths.
fn observe(config: StationConfig, kelvin: f32) -> StationSeries {
    let site = &sites(&window(2493, 6750, 256))[0];
    let n_hours = 365 * 24;
    let cell = CellHours {
        start_hour: START,
        moisture_m3m3: &vec![0.2; n_hours],
        soil_5cm_kelvin: &vec![kelvin; n_hours],
        soil_20cm_kelvin: &vec![kelvin; n_hours],
        soil: soil(),
    };
    config.build().unwrap().observe(site, &cell).unwrap()
}

/// Probes without errors of their own.
fn perfect() -> StationConfig {
    StationConfig {
        bias_m3m3: 0.0,
        amplitude_log_sd: 0.0,
        drift_m3m3: 0.0,
        noise_m3m3: 0.0,
        gap_share: 0.0,
        spike_share: 0.0,
        impossible_share: 0.0,
        ..StationConfig::default()
    }
}

#[test]
fn a_perfect_probe_reports_its_cell() {
    /// Rounding of 0.2 to thousandths in f32.
    const ROUNDING: f32 = 1e-6;
    let series = observe(perfect(), 290.0);
    for probe in [&series.shallow, &series.deep] {
        assert_eq!(probe.hours.len(), 365 * 24);
        assert_eq!(probe.hours[0], START);
        assert!(probe.flags.iter().all(|flags| flags == &[Flag::Good]));
        assert!(
            probe
                .moisture_m3m3
                .iter()
                .all(|v| (v - 0.2).abs() < ROUNDING)
        );
        assert!(
            probe
                .temperature_celsius
                .iter()
                .all(|v| (v - 16.9).abs() < 0.01)
        );
    }
}

#[test]
fn flags_say_what_the_values_are() {
    let series = observe(
        StationConfig {
            spike_share: 0.01,
            impossible_share: 0.01,
            ..StationConfig::default()
        },
        290.0,
    );
    let probe = &series.shallow;
    let mut seen = BTreeSet::new();
    for (&value, flags) in probe.moisture_m3m3.iter().zip(&probe.flags) {
        seen.extend(flags.iter().copied());
        assert_eq!(value.is_nan(), flags == &[Flag::Missing]);
        assert_eq!(value < 0.0, flags.contains(&Flag::C01));
        assert_eq!(value > 0.6, flags.contains(&Flag::C02));
        assert_eq!(value > soil().porosity, flags.contains(&Flag::C03));
        assert!(flags.is_sorted() && !flags.is_empty());
        assert!(!flags.contains(&Flag::Good) || flags.len() == 1);
    }
    let planted = [
        Flag::Good,
        Flag::C01,
        Flag::C02,
        Flag::C03,
        Flag::D06,
        Flag::Missing,
    ];
    assert_eq!(seen, BTreeSet::from(planted));
    assert_eq!(Flag::D06.code(), "D06");
}

#[test]
fn gaps_have_their_share() {
    /// A year has 1,460 blocks of six hours: four deviations of 5 %.
    const SAMPLING: f64 = 0.023;
    let series = observe(StationConfig::default(), 290.0);
    let n_hours = 365.0 * 24.0;
    let missing = series
        .shallow
        .flags
        .iter()
        .filter(|flags| flags == &&[Flag::Missing])
        .count() as f64;
    let absent = n_hours - series.shallow.hours.len() as f64;
    assert!(((missing + absent) / n_hours - 0.05).abs() < SAMPLING);
    assert!(missing > 0.0 && absent > 0.0);
    assert_eq!(series.shallow.hours, series.deep.hours);
}

#[test]
fn frost_is_flagged_and_hides_water() {
    let series = observe(perfect(), 272.0);
    assert!(
        series
            .shallow
            .flags
            .iter()
            .all(|flags| flags == &[Flag::D01])
    );
    assert!(series.shallow.moisture_m3m3.iter().all(|&v| v < 0.1));
}

#[test]
fn depths_are_those_of_the_networks() {
    assert_eq!(
        (Network::Uscrn.shallow_m(), Network::Uscrn.deep_m()),
        (0.05, 0.10)
    );
    assert_eq!(
        (Network::Snotel.shallow_m(), Network::Snotel.deep_m()),
        (0.0508, 0.2032)
    );
    assert_eq!(Network::Snotel.name(), "SNOTEL");
}

#[test]
fn series_of_different_lengths_are_refused() {
    let site = &sites(&window(2493, 6750, 256))[0];
    let cell = CellHours {
        start_hour: START,
        moisture_m3m3: &[0.2; 3],
        soil_5cm_kelvin: &[290.0; 2],
        soil_20cm_kelvin: &[290.0; 3],
        soil: soil(),
    };
    let observer = StationConfig::default().build().unwrap();
    let refused = observer.observe(site, &cell).unwrap_err().to_string();
    assert_eq!(
        refused,
        "soil temperature at 5 cm has 2 hours, the moisture of its cell has 3"
    );
}
