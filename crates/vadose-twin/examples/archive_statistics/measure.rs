//! What an archive has in common with its truth and its stations.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use ndarray::{Array2, ArrayView2};
use serde::Serialize;
use vadose_grid::EaseGrid2;
use vadose_io::{
    GranuleName, IoError, Resolution, spl2smap_s, spl2smp, spl4smgp, timestamp_of_j2000_seconds,
};

use crate::archive::Archive;
use crate::pairs::{self, Pairs, Spread};
use crate::series;

/// 1 km cells along the edge of a 9 km cell.
const COARSE: usize = 9;
/// Fewest pairs of a station for a correlation with a product of 9 km.
const FEWEST_COARSE: usize = 10;
/// Fewest pairs of a station for one with a product of 1 km: a scene comes every 6 to 12 days.
const FEWEST_FINE: usize = 6;
/// One cell in so many enters a distribution.
const EVERY: usize = 97;

/// The real half orbit, 36 km, August 2015.
pub(crate) const REAL_RADIOMETER: &str = "SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5";
/// The real scene, 1 km, Algeria and Tunisia in April 2015.
pub(crate) const REAL_SCENE: &str =
    "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5";

/// Everything that was measured, by name.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Statistics {
    /// Temporal correlation with stations, over stations.
    pub(crate) correlations: BTreeMap<&'static str, Spread>,
    /// Unbiased error against stations, over stations, m3 m-3.
    pub(crate) station_ubrmse: BTreeMap<&'static str, Spread>,
    /// Error against the truth on the same cells.
    pub(crate) errors: BTreeMap<&'static str, pairs::Error>,
    /// Distributions of quantities.
    pub(crate) spreads: BTreeMap<&'static str, Spread>,
    /// Single numbers.
    pub(crate) numbers: BTreeMap<&'static str, f64>,
}

/// Pairs of one product.
#[derive(Default)]
struct Beside {
    stations: Pairs,
    truth: Pairs,
}

impl Statistics {
    fn put(&mut self, name: &'static str, beside: &Beside, fewest: usize) {
        let correlations = beside.stations.correlations(fewest);
        self.correlations.insert(name, correlations);
        if let Some(error) = beside.truth.error() {
            self.errors.insert(name, error);
            let ubrmse = beside.stations.ubrmses(fewest);
            self.station_ubrmse.insert(name, ubrmse);
        }
    }

    fn spread(&mut self, name: &'static str, values: Vec<f64>) {
        self.spreads.insert(name, Spread::of(values));
    }
}

pub(crate) fn measure(archive: &Archive) -> Result<Statistics, Box<dyn Error>> {
    let mut statistics = Statistics::default();
    let truth: Vec<Array2<f32>> = (0..archive.times.len())
        .map(|day| archive.truth(day))
        .collect::<Result<_, _>>()?;
    let coarse: Vec<Array2<f32>> = truth.iter().map(|map| block_means(map.view())).collect();
    of_truth(archive, &truth, &mut statistics);
    of_stations(archive, &mut statistics)?;
    of_radiometer(archive, &coarse, &mut statistics)?;
    of_scenes(archive, &truth, &mut statistics)?;
    of_analysis(archive, &coarse, &mut statistics)?;
    Ok(statistics)
}

fn of_truth(archive: &Archive, truth: &[Array2<f32>], statistics: &mut Statistics) {
    let values = truth.iter().flatten().step_by(EVERY);
    let values = values.map(|&value| f64::from(value)).collect();
    statistics.spread("truth: soil moisture, m3 m-3", values);
    let days = usize::from(archive.record.configuration.period.days);
    let (rows, cols) = archive.window.shape();
    let mut folds = Vec::new();
    for season in truth.chunks(days) {
        for row in (0..rows).step_by(19) {
            for col in (0..cols).step_by(19) {
                let daily: Vec<f64> = season.iter().map(|map| map[[row, col]].into()).collect();
                if daily.iter().all(|value| value.is_finite()) {
                    folds.extend(series::folding_time(&daily));
                }
            }
        }
    }
    statistics.spread("truth: e-folding time of daily series, days", folds);
    let slopes = truth.iter().step_by(5).map(filled);
    let slopes = slopes.map(|map| series::spectral_slope(&map)).collect();
    statistics.spread("truth: spectral slope, 4 to 100 km", slopes);
}

fn of_stations(archive: &Archive, statistics: &mut Statistics) -> Result<(), Box<dyn Error>> {
    let truth = archive.truth_at_stations()?;
    let hour_of: BTreeMap<Timestamp, usize> = truth
        .hours
        .iter()
        .enumerate()
        .map(|(idx, &hour)| (hour, idx))
        .collect();
    let mut pairs = Pairs::default();
    for (place, station) in archive.stations.iter().enumerate() {
        let Some(row) = truth.names.iter().position(|name| *name == station.name) else {
            return Err(format!("no truth of station {}", station.name).into());
        };
        for (time, value) in station.good() {
            if let Some(&hour) = hour_of.get(&time) {
                pairs.add(place, value, truth.values[[row, hour]]);
            }
        }
    }
    let name = "station: RMSE to its 1 km cell, m3 m-3";
    statistics.spreads.insert(name, pairs.rmses());
    let name = "station: ubRMSE to its 1 km cell, m3 m-3";
    statistics
        .spreads
        .insert(name, pairs.ubrmses(FEWEST_COARSE));
    let name = "station: its 1 km cell";
    let correlations = pairs.correlations(FEWEST_COARSE);
    statistics.correlations.insert(name, correlations);
    if let Some(error) = pairs.error() {
        statistics.errors.insert(name, error);
    }
    let numbers = &mut statistics.numbers;
    numbers.insert("stations", archive.stations.len() as f64);
    let snotel = archive.stations.iter().filter(|s| s.network == "SNOTEL");
    numbers.insert("stations of SNOTEL", snotel.count() as f64);
    Ok(())
}

fn of_radiometer(
    archive: &Archive,
    coarse: &[Array2<f32>],
    statistics: &mut Statistics,
) -> Result<(), Box<dyn Error>> {
    const OPTIONS: [(&str, &str, &str); 3] = [
        (
            "SPL2SMP_E SCA-H",
            "soil_moisture_option1",
            "retrieval_qual_flag_option1",
        ),
        (
            "SPL2SMP_E SCA-V",
            "soil_moisture_option2",
            "retrieval_qual_flag_option2",
        ),
        (
            "SPL2SMP_E DCA",
            "soil_moisture_option3",
            "retrieval_qual_flag_option3",
        ),
    ];
    let window = archive.window.coarsened(EaseGrid2::M09)?;
    let mut beside: [Beside; 4] = Default::default();
    let [mut tb_h, mut tb_v, mut moisture] = [const { Vec::new() }; 3];
    let (mut n_cells, mut n_recommended) = (0, 0);
    for path in archive.granules("smap/SPL2SMP_E")? {
        let granule = spl2smp::read(&path)?;
        let seconds = granule.time_seconds.as_ref().ok_or("no times")?;
        n_cells += granule.require_field("soil_moisture")?.counts.valid;
        n_recommended += granule.recommended().iter().filter(|&&good| good).count();
        let values = |name: &str| granule.require_field(name).map(|field| &field.values);
        tb_h.extend(on_land(&granule, "tb_h_corrected")?);
        tb_v.extend(on_land(&granule, "tb_v_corrected")?);
        moisture.extend(values("soil_moisture")?.iter().map(|&v| f64::from(v)));
        let mut at = BTreeMap::new();
        for (idx, &cell) in granule.cells.iter().enumerate() {
            let inside = window.offset_of(cell).ok_or("a cell outside the window")?;
            at.insert(inside, idx);
        }
        for (option, (_, name, flag)) in OPTIONS.into_iter().enumerate() {
            let (estimate, flags) = (values(name)?, &granule.flags[flag]);
            let good = |idx: usize| flags.valid[idx] && flags.values[idx] & 1 == 0;
            for (&inside, &idx) in at.iter().filter(|&(_, &idx)| good(idx)) {
                let time = timestamp_of_j2000_seconds(seconds[idx])?;
                if let Some(day) = archive.day_near(time) {
                    let place = inside.0 * window.cols() + inside.1;
                    let truth = coarse[day][inside];
                    beside[option].truth.add(place, estimate[idx], truth);
                }
            }
            for (place, station) in archive.stations.iter().enumerate() {
                let Some(&idx) = at.get(&coarse_of(archive, station.cell)?) else {
                    continue;
                };
                let time = timestamp_of_j2000_seconds(seconds[idx])?;
                let Some(observed) = station.near(time).filter(|_| good(idx)) else {
                    continue;
                };
                beside[option].stations.add(place, estimate[idx], observed);
                if option == 2 {
                    let tb = values("tb_v_corrected")?[idx];
                    beside[3].stations.add(place, tb, observed);
                }
            }
        }
    }
    for (idx, (name, ..)) in OPTIONS.into_iter().enumerate() {
        statistics.put(name, &beside[idx], FEWEST_COARSE);
    }
    statistics.put("SPL2SMP_E TB V", &beside[3], FEWEST_COARSE);
    statistics.spread("9 km: TB H, K", tb_h);
    statistics.spread("9 km: TB V, K", tb_v);
    statistics.spread("9 km: retrieved soil moisture, m3 m-3", moisture);
    let share = n_recommended as f64 / n_cells as f64;
    statistics.numbers.insert("9 km: share recommended", share);
    Ok(())
}

fn of_scenes(
    archive: &Archive,
    truth: &[Array2<f32>],
    statistics: &mut Statistics,
) -> Result<(), Box<dyn Error>> {
    const QUANTITIES: [(&str, &str); 4] = [
        ("sigma0 VV", "sigma0_vv_aggregated"),
        ("sigma0 VH", "sigma0_vh_aggregated"),
        ("SPL2SMAP_S 1 km", "soil_moisture"),
        ("SPL2SMAP_S 1 km, recommended", "soil_moisture"),
    ];
    let mut beside: [Beside; 4] = Default::default();
    let [mut vv, mut vh, mut angles, mut tb, mut moisture] = [const { Vec::new() }; 5];
    let [mut texture, mut beta, mut gamma] = [const { Vec::new() }; 3];
    let (mut n_valid, mut n_recommended) = (0, 0);
    for path in archive.granules("smap/SPL2SMAP_S")? {
        let granule = spl2smap_s::read(&path, Resolution::Km1)?;
        let Some(time) = granule.time() else { continue };
        let day = archive.day_near(time).ok_or("a scene of no day")?;
        let window = granule.window();
        let recommended = granule.recommended();
        let values = |name: &str| granule.require_field(name).map(|field| &field.values);
        let sampled = |name: &str| -> Result<Vec<f64>, Box<dyn Error>> {
            Ok(values(name)?.iter().map(|&v| f64::from(v)).collect())
        };
        vv.extend(sampled("sigma0_vv_aggregated")?.into_iter().map(decibel));
        vh.extend(sampled("sigma0_vh_aggregated")?.into_iter().map(decibel));
        texture.extend(local_deviations(values("sigma0_vv_aggregated")?));
        angles.extend(sampled("sigma0_incidence_angle")?);
        tb.extend(sampled("tb_v_disaggregated")?);
        moisture.extend(sampled("soil_moisture")?);
        beta.extend(sampled("beta_tbv_vv")?);
        gamma.extend(sampled("gamma_vv_xpol")?);
        let maps = QUANTITIES.map(|(_, name)| values(name));
        for (idx, map) in maps.into_iter().enumerate() {
            let map = map?;
            for (place, station) in archive.stations.iter().enumerate() {
                let Some(at) = window.offset_of(station.cell) else {
                    continue;
                };
                let value = if idx < 2 {
                    10.0 * map[at].log10()
                } else {
                    map[at]
                };
                if let Some(observed) = station.near(time)
                    && (idx < 3 || recommended[at])
                {
                    beside[idx].stations.add(place, value, observed);
                }
            }
            if idx < 2 {
                continue;
            }
            for ((row, col), &value) in map.indexed_iter().step_by(7) {
                let cell = window.cell_at(row, col).ok_or("a cell of the scene")?;
                let at = archive
                    .window
                    .offset_of(cell)
                    .ok_or("a scene outside the window")?;
                if idx == 2 || recommended[[row, col]] {
                    beside[idx].truth.add(0, value, truth[day][at]);
                }
            }
        }
        n_valid += values("soil_moisture")?
            .iter()
            .filter(|v| v.is_finite())
            .count();
        n_recommended += recommended.iter().filter(|&&good| good).count();
    }
    for (idx, (name, _)) in QUANTITIES.into_iter().enumerate() {
        statistics.put(name, &beside[idx], FEWEST_FINE);
    }
    statistics.spread("1 km: sigma0 VV, dB", vv);
    statistics.spread("1 km: sigma0 VH, dB", vh);
    statistics.spread("1 km: deviation of sigma0 VV within 9 km, dB", texture);
    statistics.spread("1 km: incidence, degrees", angles);
    statistics.spread("1 km: TB V, K", tb);
    statistics.spread("1 km: retrieved soil moisture, m3 m-3", moisture);
    statistics.spread("1 km: beta", beta);
    statistics.spread("1 km: gamma", gamma);
    let share = n_recommended as f64 / n_valid as f64;
    statistics.numbers.insert("1 km: share recommended", share);
    Ok(())
}

fn of_analysis(
    archive: &Archive,
    coarse: &[Array2<f32>],
    statistics: &mut Statistics,
) -> Result<(), Box<dyn Error>> {
    const HALF_STEP: SignedDuration = SignedDuration::from_mins(90);
    let window = archive.window.coarsened(EaseGrid2::M09)?;
    let mut beside = Beside::default();
    for path in archive.granules("smap/SPL4SMGP")? {
        let name: GranuleName = path.to_string_lossy().parse()?;
        let mut days = archive.times.iter();
        let near = |day: &Timestamp| {
            let ahead = name.start.duration_since(*day);
            (-HALF_STEP..HALF_STEP).contains(&ahead)
        };
        let Some(day) = days.position(near) else {
            continue;
        };
        let granule = spl4smgp::read(&path, window, &["sm_surface"])?;
        let map = &granule.fields["sm_surface"].values;
        for (at, &value) in map.indexed_iter() {
            let place = at.0 * window.cols() + at.1;
            beside.truth.add(place, value, coarse[day][at]);
        }
        for (place, station) in archive.stations.iter().enumerate() {
            if let Some(observed) = station.near(archive.times[day]) {
                let value = map[coarse_of(archive, station.cell)?];
                beside.stations.add(place, value, observed);
            }
        }
    }
    statistics.put("SPL4SMGP sm_surface", &beside, FEWEST_COARSE);
    Ok(())
}

/// The same spreads of the two real granules, under the same names.
pub(crate) fn of_real_granules(folder: &Path) -> Result<Statistics, Box<dyn Error>> {
    let mut statistics = Statistics::default();
    let granule = spl2smp::read(folder.join(REAL_RADIOMETER))?;
    for (name, dataset) in [
        ("9 km: TB H, K", "tb_h_corrected"),
        ("9 km: TB V, K", "tb_v_corrected"),
        ("9 km: retrieved soil moisture, m3 m-3", "soil_moisture"),
    ] {
        statistics.spread(name, on_land(&granule, dataset)?);
    }
    let n = granule.recommended().iter().filter(|&&good| good).count();
    let share = n as f64 / granule.require_field("soil_moisture")?.counts.valid as f64;
    statistics.numbers.insert("9 km: share recommended", share);
    let granule = spl2smap_s::read(folder.join(REAL_SCENE), Resolution::Km1)?;
    for (name, dataset) in [
        ("1 km: sigma0 VV, dB", "sigma0_vv_aggregated"),
        ("1 km: sigma0 VH, dB", "sigma0_vh_aggregated"),
        ("1 km: incidence, degrees", "sigma0_incidence_angle"),
        ("1 km: TB V, K", "tb_v_disaggregated"),
        ("1 km: retrieved soil moisture, m3 m-3", "soil_moisture"),
        ("1 km: beta", "beta_tbv_vv"),
        ("1 km: gamma", "gamma_vv_xpol"),
    ] {
        let values = granule.require_field(dataset)?.values.iter();
        let values = values.map(|&v| f64::from(v));
        let values = if name.ends_with("dB") && dataset.starts_with("sigma0") {
            values.map(decibel).collect()
        } else {
            values.collect()
        };
        statistics.spread(name, values);
    }
    let vv = &granule.require_field("sigma0_vv_aggregated")?.values;
    let name = "1 km: deviation of sigma0 VV within 9 km, dB";
    statistics.spread(name, local_deviations(vv));
    let valid = granule.require_field("soil_moisture")?.counts.valid;
    let n = granule.recommended().iter().filter(|&&good| good).count();
    let share = n as f64 / valid as f64;
    statistics.numbers.insert("1 km: share recommended", share);
    Ok(statistics)
}

/// Values of a dataset where soil moisture was retrieved: half orbits hold the sea too.
pub(crate) fn on_land(granule: &spl2smp::Spl2Smp, name: &str) -> Result<Vec<f64>, IoError> {
    let retrieved = &granule.require_field("soil_moisture")?.values;
    let values = granule.require_field(name)?.values.iter().zip(retrieved);
    let land = values.filter(|(_, moisture)| moisture.is_finite());
    Ok(land.map(|(&value, _)| f64::from(value)).collect())
}

pub(crate) fn decibel(linear: f64) -> f64 {
    10.0 * linear.log10()
}

/// Deviation of each whole 9 km block of a map of linear power, dB.
fn local_deviations(linear: &Array2<f32>) -> Vec<f64> {
    let blocks = linear.exact_chunks((COARSE, COARSE));
    let blocks = blocks.into_iter().map(|block| -> Vec<f64> {
        let values = block.iter().map(|&v| decibel(v.into()));
        values.filter(|v| v.is_finite()).collect()
    });
    let full = blocks.filter(|values| values.len() == COARSE * COARSE);
    full.map(series::deviation).collect()
}

/// The 9 km cell of a 1 km cell, counted from the window's corner.
fn coarse_of(archive: &Archive, cell: vadose_grid::Cell) -> Result<(usize, usize), Box<dyn Error>> {
    let at = archive.window.offset_of(cell);
    let (row, col) = at.ok_or("a station outside the window")?;
    Ok((row / COARSE, col / COARSE))
}

/// Means of the finite values of 9 km cells.
pub(crate) fn block_means(map: ArrayView2<'_, f32>) -> Array2<f32> {
    let shape = (map.nrows() / COARSE, map.ncols() / COARSE);
    let means = map.exact_chunks((COARSE, COARSE)).into_iter().map(|block| {
        let finite = block.iter().filter(|value| value.is_finite());
        series::mean(finite.map(|&value| f64::from(value))) as f32
    });
    let means: Vec<f32> = means.collect();
    Array2::from_shape_vec(shape, means).expect("one mean a block")
}

/// A map with its mean where it has no value, so that it has a spectrum.
pub(crate) fn filled(map: &Array2<f32>) -> Array2<f32> {
    let finite = map.iter().filter(|value| value.is_finite());
    let mean = series::mean(finite.map(|&value| f64::from(value))) as f32;
    map.mapv(|value| if value.is_finite() { value } else { mean })
}
