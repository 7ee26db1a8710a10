//! An archive of the twin: every layer against a recomputation from the readers' full output.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use ndarray::Array2;
use vadose_grid::{Cell, EaseGrid2, LatLonDeg, Window};
use vadose_io::imerg::{self, ImergWindow};
use vadose_io::{
    GranuleName, Resolution, Spl2SmapS, Spl2Smp, Spl4Smgp, spl2smap_s, spl2smp, spl4smgp,
    timestamp_of_j2000_seconds,
};
use vadose_scene::seed;
use vadose_twin::simulation::Simulation;
use vadose_twin::{HourlyTruth, Region, SimulationConfig};

use crate::sources::{open_day, statics::statics};
use crate::{
    Archives, Calendar, CubeDay, LandCoverConvention, LandCoverRaster, Period, QuantityRaster,
    QuantityResampling, RasterConfig, Source, variables,
};

/// SMAP passes on three of these days, Sentinel-1 on the last.
const FIRST: Date = date(2017, 6, 6);
const DAYS: u16 = 4;
const REGION: Region = Region {
    row0: 2835,
    col0: 7380,
    rows: 90,
    cols: 90,
};

#[test]
fn every_layer_of_an_archive_is_what_its_files_say() {
    let folder = tempfile::tempdir().unwrap();
    let config = SimulationConfig {
        region: REGION,
        hourly_truth: HourlyTruth::Stations,
        period: vadose_twin::Period {
            years: vec![2017],
            day: FIRST.day(),
            days: DAYS,
            lead_days: 1,
            ..vadose_twin::Period::default()
        },
        ..SimulationConfig::default()
    };
    let archive = folder.path().join("archive");
    let simulation = Simulation::new(config).unwrap();
    simulation.write(&archive, &mut |_| ()).unwrap();

    radiometer_layers_are_those_of_the_half_orbits(&archive);
    radar_layers_are_means_of_the_scenes(&archive);
    the_analysis_is_that_of_the_hours_about_six(&archive);
    precipitation_is_the_sum_of_the_half_hours(&archive);
    rasters_come_close_to_the_landscape(&archive);
}

fn window() -> Window {
    REGION.window().unwrap()
}

fn days() -> Vec<CubeDay> {
    let last = FIRST.checked_add(jiff::Span::new().days(i64::from(DAYS) - 1));
    let period = Period {
        first: FIRST,
        last: last.unwrap(),
        every: 1,
    };
    let calendar = Calendar::new(&[period], centre(middle()).lon_deg).unwrap();
    calendar.days().to_vec()
}

fn middle() -> Cell {
    Cell {
        row: REGION.row0 + REGION.rows / 2,
        col: REGION.col0 + REGION.cols / 2,
    }
}

fn centre(cell: Cell) -> LatLonDeg {
    EaseGrid2::M01.centre(cell).unwrap()
}

/// Cells of the window drawn at random.
fn cells(n: u64) -> impl Iterator<Item = Cell> {
    let draw = |n: u64, of: usize| (seed::derive(n, "cell") % of as u64) as usize;
    (0..n).map(move |n| Cell {
        row: REGION.row0 + draw(2 * n, REGION.rows),
        col: REGION.col0 + draw(2 * n + 1, REGION.cols),
    })
}

/// Every file below a folder of the archive, read, with its path.
fn read_all<T>(archive: &Path, product: &str, read: impl Fn(&Path) -> T) -> Vec<(PathBuf, T)> {
    let folder = archive.join(product).join("2017");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.clone(), read(&path)))
        .collect()
}

/// 6 h local solar time of a longitude, in hours of UTC.
fn six(day: &CubeDay, longitude: f64) -> Timestamp {
    let midnight = day
        .date
        .to_zoned(jiff::tz::TimeZone::UTC)
        .unwrap()
        .timestamp();
    midnight + SignedDuration::from_secs_f64(3600.0 * (6.0 - longitude / 15.0))
}

/// The layers of a source, over the window in four unequal blocks.
fn layers_of(archive: &Path, source: Source, day: &CubeDay) -> Vec<Array2<f32>> {
    let archives = Archives::find(&[archive.join("smap"), archive.join("imerg")]).unwrap();
    let files = archives.day(source, day, &window()).unwrap();
    let problems = Mutex::default();
    let opened = open_day(source, &files.files, day, &window(), &problems).unwrap();
    let scale = |variable: &crate::Variable| match variable.axes {
        crate::Axes::DailyCoarseMap => 9,
        _ => 1,
    };
    let shape = |scale: usize| (REGION.rows / scale, REGION.cols / scale);
    let mut layers: Vec<Array2<f32>> = variables(source)
        .map(|variable| Array2::from_elem(shape(scale(variable)), f32::NAN))
        .collect();
    for (row0, rows) in [(0, 27), (27, 63)] {
        for (col0, cols) in [(0, 54), (54, 36)] {
            let (row, col) = (REGION.row0 + row0, REGION.col0 + col0);
            let block = Window::new(EaseGrid2::M01, row, col, rows, cols).unwrap();
            let parts = opened.block(&block).unwrap();
            for ((layer, part), variable) in layers.iter_mut().zip(parts).zip(variables(source)) {
                let scale = scale(variable);
                assert_eq!(
                    part.dim(),
                    (rows / scale, cols / scale),
                    "{}",
                    variable.name
                );
                for ((row, col), value) in part.indexed_iter() {
                    layer[[row0 / scale + row, col0 / scale + col]] = *value;
                }
            }
        }
    }
    drop(opened);
    let noted = problems.into_inner().unwrap().into_sorted();
    assert!(noted.is_empty(), "{noted:?}");
    layers
}

/// Compares a source's layers with what a function says of cells and days; says how many values were
/// compared and present.
fn compare(
    archive: &Path,
    source: Source,
    tolerance: f32,
    expected: impl Fn(&CubeDay, Cell) -> Vec<f32>,
) -> BTreeMap<&'static str, usize> {
    let mut present = BTreeMap::new();
    for day in days() {
        let layers = layers_of(archive, source, &day);
        for cell in cells(200) {
            let (row, col) = window().offset_of(cell).unwrap();
            let wanted = expected(&day, cell);
            assert_eq!(wanted.len(), layers.len());
            for ((variable, layer), wanted) in variables(source).zip(&layers).zip(wanted) {
                let scale = REGION.rows / layer.nrows();
                let got = layer[[row / scale, col / scale]];
                let same = (got - wanted).abs() <= tolerance || (got.is_nan() && wanted.is_nan());
                assert!(
                    same,
                    "{} {cell:?} {}: {got}, not {wanted}",
                    variable.name, day.date
                );
                *present.entry(variable.name).or_default() += usize::from(!got.is_nan());
            }
        }
    }
    present
}

fn radiometer_layers_are_those_of_the_half_orbits(archive: &Path) {
    let orbits = read_all(archive, "smap/SPL2SMP_E", |path| {
        spl2smp::read(path).unwrap()
    });
    let expected = |day: &CubeDay, cell: Cell| {
        let parent = EaseGrid2::M01.parent(cell, EaseGrid2::M09).unwrap();
        let lon_deg = EaseGrid2::M09.centre(parent).unwrap().lon_deg;
        let six = six(day, lon_deg);
        let mut best: Option<(bool, SignedDuration, Vec<f32>)> = None;
        for (_, orbit) in &orbits {
            let Some(idx) = orbit.cells.iter().position(|seen| *seen == parent) else {
                continue;
            };
            let seen = orbit.time_seconds.as_ref().unwrap()[idx];
            let seen = timestamp_of_j2000_seconds(seen).unwrap();
            let away = seen.duration_since(six).abs();
            if away >= SignedDuration::from_hours(12) {
                continue;
            }
            let values = of_orbit(
                orbit,
                idx,
                seen.duration_since(day.time).as_secs_f64() / 3600.0,
            );
            let lacks_tb = values[0].is_nan() || values[1].is_nan();
            if best
                .as_ref()
                .is_none_or(|best| (lacks_tb, away) < (best.0, best.1))
            {
                best = Some((lacks_tb, away, values));
            }
        }
        best.map_or(vec![f32::NAN; 8], |(.., values)| values)
    };
    // Times of files are good to a microsecond, and f32 hours to half a second.
    const TIME_H: f32 = 2e-6;
    let present = compare(archive, Source::Radiometer, TIME_H, expected);
    for variable in variables(Source::Radiometer) {
        assert!(present[variable.name] > 100, "{present:?}");
    }
}

fn of_orbit(orbit: &Spl2Smp, idx: usize, hours: f64) -> Vec<f32> {
    let field = |name: &str| orbit.fields[name].values[idx];
    let good = |name: &str| orbit.flags[name].valid[idx] && orbit.flags[name].values[idx] & 1 == 0;
    let tb = |name: &str, word: &str| if good(word) { field(name) } else { f32::NAN };
    let soil_moisture = field("soil_moisture");
    vec![
        tb("tb_h_corrected", "tb_qual_flag_h"),
        tb("tb_v_corrected", "tb_qual_flag_v"),
        field("surface_temperature"),
        field("vegetation_water_content"),
        soil_moisture,
        field("soil_moisture_option2"),
        match soil_moisture.is_nan() {
            true => f32::NAN,
            false => f32::from(u8::from(good("retrieval_qual_flag"))),
        },
        hours as f32,
    ]
}

fn radar_layers_are_means_of_the_scenes(archive: &Path) {
    let scenes = read_all(archive, "smap/SPL2SMAP_S", |path| {
        spl2smap_s::read(path, Resolution::Km1).unwrap()
    });
    let expected = |day: &CubeDay, cell: Cell| {
        let today = |(path, _): &&(PathBuf, Spl2SmapS)| {
            let name: GranuleName = path.to_string_lossy().parse().unwrap();
            let away = name.start.duration_since(six(day, centre(cell).lon_deg));
            away.abs() < SignedDuration::from_hours(6)
        };
        let values = |name: &str| -> Vec<f32> {
            let of_scene = |(_, scene): &(PathBuf, Spl2SmapS)| {
                let at = scene.window().offset_of(cell)?;
                Some(scene.fields[name].values[at]).filter(|value| !value.is_nan())
            };
            scenes.iter().filter(today).filter_map(of_scene).collect()
        };
        let mean = |values: Vec<f32>| values.iter().sum::<f32>() / values.len() as f32;
        let recommended = scenes.iter().filter(today).filter_map(|(_, scene)| {
            let at = scene.window().offset_of(cell)?;
            let is_there = !scene.fields["soil_moisture"].values[at].is_nan();
            is_there.then(|| f32::from(u8::from(scene.recommended()[at])))
        });
        let (vv, vh) = (
            mean(values("sigma0_vv_aggregated")),
            mean(values("sigma0_vh_aggregated")),
        );
        vec![
            vv,
            vh,
            mean(values("sigma0_incidence_angle")),
            f32::from(u8::from(!vv.is_nan() && !vh.is_nan())),
            mean(values("soil_moisture")),
            mean(recommended.collect()),
        ]
    };
    let present = compare(archive, Source::Radar, 0.0, expected);
    for variable in variables(Source::Radar) {
        assert!(present[variable.name] > 50, "{present:?}");
    }
}

fn the_analysis_is_that_of_the_hours_about_six(archive: &Path) {
    let coarse = window().coarsened(EaseGrid2::M09).unwrap();
    let analyses = read_all(archive, "smap/SPL4SMGP", |path| {
        spl4smgp::read(path, coarse, &["sm_surface"]).unwrap()
    });
    let expected = |day: &CubeDay, cell: Cell| {
        let parent = EaseGrid2::M01.parent(cell, EaseGrid2::M09).unwrap();
        let six = six(day, EaseGrid2::M09.centre(parent).unwrap().lon_deg);
        let holds_six = |(path, _): &&(PathBuf, Spl4Smgp)| {
            let name: GranuleName = path.to_string_lossy().parse().unwrap();
            six.duration_since(name.start).abs() < SignedDuration::from_mins(90)
        };
        let (_, analysis) = analyses.iter().find(holds_six).unwrap();
        vec![analysis.fields["sm_surface"].values[coarse.offset_of(parent).unwrap()]]
    };
    let present = compare(archive, Source::Analysis, 0.0, expected);
    assert!(present["l4_soil_moisture"] > 100, "{present:?}");
}

fn precipitation_is_the_sum_of_the_half_hours(archive: &Path) {
    let around = ImergWindow::new(500, 740, 60, 60).unwrap();
    let half_hours = read_all(archive, "imerg", |path| imerg::read(path, around).unwrap());
    let expected = |day: &CubeDay, cell: Cell| {
        let place = centre(cell);
        let row = ((90.0 - place.lat_deg) * 10.0).floor() as usize - 500;
        let col = ((place.lon_deg + 180.0) * 10.0).floor() as usize - 740;
        // To the nearest half hour, by the middle of the box.
        let six = six(day, -106.0 + (col as f64 + 0.5) / 10.0);
        let end = six.round((jiff::Unit::Minute, 30)).unwrap();
        let start = end - SignedDuration::from_hours(24);
        let rates = half_hours
            .iter()
            .filter(|(_, half)| (start..end).contains(&half.start));
        let rates: Vec<_> = rates
            .map(|(_, half)| f64::from(half.precipitation.values[[row, col]]))
            .collect();
        assert_eq!(rates.len(), 48);
        vec![(rates.iter().sum::<f64>() / 2.0) as f32]
    };
    // Rounding of a sum of 48.
    const SUM_MM: f32 = 1e-5;
    let present = compare(archive, Source::Precipitation, SUM_MM, expected);
    assert_eq!(present["precipitation"], 200 * usize::from(DAYS));
}

fn rasters_come_close_to_the_landscape(archive: &Path) {
    let ancillary = archive.join("ancillary");
    let quantity = |name: &str, scale: f64| {
        Some(QuantityRaster {
            path: ancillary.join(name),
            scale,
            resampling: QuantityResampling::AreaMean,
            crs: None,
            nodata: None,
        })
    };
    let config = RasterConfig {
        clay_fraction: quantity("clay_0-5cm_mean.tif", 1e-3),
        bulk_density: quantity("bdod_0-5cm_mean.tif", 1e-2),
        land_cover: Some(LandCoverRaster {
            path: ancillary.join("mcd12q1_lc_type1.tif"),
            convention: LandCoverConvention::Mcd12q1V6,
            crs: None,
        }),
        elevation: quantity("srtm_elevation.tif", 1.0),
    };
    let layers = statics(&config, &window()).unwrap();
    let truth = vadose_twin::Landscape::new(SimulationConfig::default().seed);
    let truth = truth.layers(&window()).unwrap();
    let within = |layer: &Array2<f32>, truth: &Array2<f32>, tolerance: f32| {
        let pairs = layer.iter().zip(truth);
        let near = pairs.filter(|(got, truth)| (*got - *truth).abs() < tolerance);
        near.count() as f32 / truth.len() as f32
    };
    // The rasters hold maps with errors, and pixels that straddle cells.
    assert!(within(&layers[0], &truth.clay_fraction, 0.15) > 0.95);
    assert!(within(&layers[1], &truth.bulk_density_g_cm3, 0.3) > 0.95);
    assert!(within(&layers[3], &truth.elevation_m, 50.0) > 0.95);
    let cover = truth.land_cover.mapv(f32::from);
    assert!(within(&layers[2], &cover, 0.5) > 0.8);
    assert!(layers[4].mean().unwrap() > 0.9);
}
