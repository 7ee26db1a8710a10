//! The folder of an evaluation that never was: methods with known errors on a small synthetic landscape, written
//! by the library as `vadose evaluate` does, with what training leaves beside its models.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use ndarray::Array2;
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_io::Provenance;
use vadose_io::zarr::{MapStore, MapVariable};
use vadose_scene::{
    ChannelSet, ChannelSpec, CoarseTarget, InMemoryScenes, Scene, Split, StationCell, StationSite,
    StationSplit,
};
use vadose_study::StudyError;
use vadose_study::evaluation::{
    BaselineConfig, Baselines, Estimate, Evaluation, EvaluationConfig, ForestCandidate,
    ForestConfig, Method, SampleConfig, SampleTable, ScaleConfig, ScaleReport, TRUTH_FIELD,
    standing_methods,
};

/// Edge of the scenes, cells.
const SIZE: usize = 72;
/// Edge of the maps, cells.
const MAP_SIZE: usize = 180;
const ROW0: usize = 1800;
const COL0: usize = 7200;
const N_STATIONS: usize = 60;
const DAYS_A_JUNE: i64 = 20;

/// Whether the true field is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    Known,
    Unknown,
}

/// A repeatable number in -1 to 1, about bell-shaped.
fn noise(salt: u64, row: usize, col: usize, day: i64) -> f32 {
    let key = salt
        .wrapping_mul(0x9e37_79b9)
        .wrapping_add((row as u64) << 40 | (col as u64) << 20)
        .wrapping_add(day as u64);
    let uniform = |turn: u64| {
        let mixed =
            (key ^ turn.wrapping_mul(0xd6e8_feb8_6659_fd93)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 40) as f32 / (1 << 24) as f32
    };
    (uniform(1) + uniform(71) + uniform(933)) / 1.5 - 1.0
}

/// Days since 1970 of the Junes of three years.
fn days() -> Vec<i64> {
    [17_318, 17_683, 18_048]
        .into_iter()
        .flat_map(|first| first..first + DAYS_A_JUNE)
        .collect()
}

/// What is left of the rain of the last two weeks.
fn wetness(day: i64) -> f32 {
    let rain = |back: i64| f32::from(u8::from(noise(5, 0, 0, day - back) > 0.4));
    (0..14)
        .map(|back| 0.14 * rain(back) * 0.84_f32.powi(back as i32))
        .sum()
}

/// The true soil moisture: rain, a slow pattern, and detail that stays where it is.
fn truth(window: &Window, day: i64) -> Array2<f32> {
    let wetness = wetness(day).min(0.25);
    Array2::from_shape_fn(window.shape(), |(row, col)| {
        let (row, col) = (row + window.row0(), col + window.col0());
        let pattern = (row as f32 * 0.11).sin() * (col as f32 * 0.07).cos();
        let detail = noise(1, row / 2, col / 2, 0);
        (0.14 + wetness + 0.04 * pattern + 0.03 * detail).max(0.02)
    })
}

/// A field with a slope, a bias and independent noise.
fn observed(
    truth: &Array2<f32>,
    salt: u64,
    day: i64,
    [slope, bias, deviation]: [f32; 3],
) -> Array2<f32> {
    Array2::from_shape_fn(truth.dim(), |at| {
        let value = 0.25 + slope * (truth[at] - 0.25) + bias;
        (value + deviation * noise(salt, at.0, at.1, day)).max(0.01)
    })
}

/// A method that errs in a known way and says how much.
struct Known {
    name: &'static str,
    errors: [f32; 3],
    spread: Option<f32>,
}

impl Method for Known {
    fn name(&self) -> &str {
        self.name
    }

    fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError> {
        let day = scene.time().map_or(0, |time| time.as_second() / 86_400);
        let truth = truth(scene.window(), day);
        let values = observed(&truth, self.name.len() as u64, day, self.errors);
        let spread = self.spread.map(|of| {
            Array2::from_shape_fn(values.dim(), |at| {
                of * (1.0 + 0.3 * noise(9, at.0, at.1, day))
            })
        });
        Ok(Estimate { values, spread })
    }
}

fn network() -> Known {
    Known {
        name: "network",
        errors: [0.85, 0.01, 0.03],
        spread: Some(0.025),
    }
}

fn stations_alone() -> Known {
    Known {
        name: "network_l1",
        errors: [0.6, 0.02, 0.05],
        spread: None,
    }
}

fn window(size: usize) -> Window {
    Window::new(EaseGrid2::M01, ROW0, COL0, size, size).unwrap()
}

fn station_cell(station: usize) -> Cell {
    Cell {
        row: ROW0 + (station * 17 + 3) % SIZE,
        col: COL0 + (station * 29 + station / 12 + 5) % SIZE,
    }
}

fn network_of(station: usize) -> &'static str {
    ["SCAN", "USCRN", "SNOTEL"][station / 6 % 3]
}

fn station_name(station: usize) -> String {
    format!("{}/Site {station:02}", network_of(station))
}

fn sites() -> Vec<StationSite> {
    let site = |station: usize| StationSite {
        station: station_name(station),
        network: Some(network_of(station).to_owned()),
        cell: station_cell(station),
        location: EaseGrid2::M01.centre(station_cell(station)).unwrap(),
    };
    (0..N_STATIONS).map(site).collect()
}

fn split() -> StationSplit {
    use Split::{Test, Train, Validation};
    let of = |station: usize| [Train, Test, Train, Validation, Test, Train][station % 6];
    (0..N_STATIONS)
        .map(|station| (station_name(station), of(station)))
        .collect()
}

fn scene(day: i64, with_truth: Truth) -> Scene {
    let window = window(SIZE);
    let truth = truth(&window, day);
    let stations = (0..N_STATIONS).map(|station| {
        let cell = station_cell(station);
        let (row, col) = (cell.row - ROW0, cell.col - COL0);
        let error = 0.03 * noise(31, station, 0, 0) + 0.015 * noise(32, station, 0, day);
        StationCell {
            cell,
            value_m3m3: (truth[[row, col]] + error).max(0.01),
            weight: 1.0,
            stations: vec![station_name(station)],
        }
    });
    let stations = stations.collect();
    let coarse = Window::new(EaseGrid2::M09, ROW0 / 9, COL0 / 9, SIZE / 9, SIZE / 9).unwrap();
    let z = Array2::from_shape_fn(coarse.shape(), |(row, col)| {
        let cells = (0..81).map(|k| truth[[row * 9 + k / 9, col * 9 + k % 9]]);
        cells.sum::<f32>() / 81.0 + 0.02 * noise(6, row, col, day)
    });
    let seen = Array2::from_shape_fn(window.shape(), |(_, col)| {
        f32::from(u8::from((col as i64 / 24 + day) % 3 == 0))
    });
    let mut product = observed(&truth, 77, day, [1.0, -0.03, 0.09]);
    product.zip_mut_with(&seen, |value, seen| {
        if *seen == 0.0 {
            *value = f32::NAN;
        }
    });
    let tb = Array2::from_shape_fn(window.shape(), |(row, col)| {
        290.0 - 120.0 * truth[[row, col]] + 6.0 * noise(40, row, col, day)
    });
    let third =
        |values: [f32; 3]| Array2::from_shape_fn(window.shape(), |(_, col)| values[3 * col / SIZE]);
    let mut fields = vec![
        ("tb_v", "K", tb),
        ("land_cover", "1", third([7.0, 10.0, 12.0])),
        ("clay_fraction", "1", third([0.1, 0.3, 0.4])),
        ("vegetation_water_content", "kg m-2", third([0.5, 2.0, 4.0])),
        ("spl2smap_s_soil_moisture", "m3 m-3", product),
        ("spl2smap_s_recommended", "1", seen.clone()),
        (
            "spl2smp_e_soil_moisture",
            "m3 m-3",
            observed(&truth, 88, day, [0.8, -0.02, 0.05]),
        ),
        ("observed", "1", seen),
    ];
    if with_truth == Truth::Known {
        fields.push((TRUTH_FIELD, "m3 m-3", truth));
    }
    fields
        .into_iter()
        .fold(
            Scene::new(format!("day {day}"), window),
            |scene, (name, units, values)| scene.with_field(name, units, values).unwrap(),
        )
        .with_time(at_noon(day))
        .with_stations(stations)
        .unwrap()
        .with_coarse_target(CoarseTarget {
            window: coarse,
            values: z,
        })
        .unwrap()
}

fn at_noon(day: i64) -> Timestamp {
    Timestamp::from_second(day * 86_400 + 43_200).unwrap()
}

/// Writes the folder.
pub(crate) fn write(folder: &Path, with_truth: Truth) {
    let scenes: InMemoryScenes = days()
        .into_iter()
        .map(|day| scene(day, with_truth))
        .collect();
    let mut methods = standing_methods();
    methods.push(Box::new(network()));
    methods.push(Box::new(stations_alone()));
    let known = |name| ChannelSpec::known(name).unwrap();
    let channels =
        ChannelSet::new(["tb_v", "clay_fraction", "observed"].map(known).to_vec()).unwrap();
    let (split, sites) = (split(), sites());
    let config = SampleConfig {
        split: &split,
        sites: &sites,
        channels: &channels,
        truth_cells_per_window: if with_truth == Truth::Known { 60 } else { 0 },
        seed: 3,
    };
    let mut table = SampleTable::collect(&scenes, &config, &methods, &mut |_, _| ()).unwrap();
    let forest = ForestConfig {
        n_trees: 5,
        candidates: vec![ForestCandidate {
            min_samples_leaf: 40,
            features_per_split: 2,
        }],
    };
    let baselines = BaselineConfig {
        forest,
        ..BaselineConfig::default()
    };
    let baselines = Baselines::fit(&table, &baselines, 4).unwrap();
    baselines.add_to(&mut table).unwrap();
    let config = EvaluationConfig {
        station_block_cells: 9,
        truth_block_cells: 9,
        resamples: 400,
        ..EvaluationConfig::default()
    };
    let mut evaluation = Evaluation::of(&table, &config, 1)
        .unwrap()
        .with_chosen(baselines.chosen());
    if with_truth == Truth::Known {
        let mut maps: Vec<&dyn Method> = methods.iter().map(AsRef::as_ref).collect();
        maps.extend(baselines.methods());
        let config = ScaleConfig {
            every: 20,
            resamples: 200,
            ..ScaleConfig::default()
        };
        let scale = ScaleReport::of(&scenes, &maps, &config, 1, &mut |_, _| ()).unwrap();
        evaluation = evaluation.with_scale(scale);
    }
    let text = "seed = 1\ncube = \"cube\"\nevery_day = 1\n[evaluation]\nmin_rows = 10\n";
    let provenance = Provenance::collect(text, Some(1), &[] as &[&str]).unwrap();
    evaluation.write(folder, &provenance).unwrap();
    table.write(&folder.join("samples.csv")).unwrap();
    let phases =
        r#"[{"name": "collect samples", "seconds": 41.3}, {"name": "score", "seconds": 12.06}]"#;
    fs::write(folder.join("phases.json"), phases).unwrap();
    write_models(folder);
    write_maps(&folder.join("maps.zarr"), &provenance, with_truth);
}

/// Two members of an ensemble, and a model without its learning curve.
fn write_models(folder: &Path) {
    let runs = r#"[
  {"name": "network", "files": ["models/1/model.safetensors", "models/2/model.safetensors"]},
  {"name": "network_l1", "files": ["models/3/model.safetensors"]}
]"#;
    fs::write(folder.join("runs.json"), runs).unwrap();
    for seed in 1..=3 {
        let model = folder.join("models").join(seed.to_string());
        fs::create_dir_all(&model).unwrap();
        let alpha = if seed == 3 { 0.0 } else { 0.001 };
        let config = format!(
            "seed = {seed}\nchannels = \"paper\"\n\n[data]\ncube = \"cube\"\n\n[train]\nepochs = 40\n\n\
             [train.loss]\nalpha = {alpha}\n"
        );
        let provenance = Provenance::collect(&config, Some(seed), &[] as &[&str]).unwrap();
        let record = serde_json::json!({
            "cube": "cube", "days": 60, "tile_days": 60, "tile_days_left_out": 0,
            "absent_channels": if seed == 3 { vec!["sigma0_vh"] } else { vec![] },
            "split": {"train": 30, "validation": 10, "test": 20},
            "leaks": {"shared_tile_days": 9, "shared_coarse_cells": 2, "close_pairs": 40,
                "test_stations_affected": 20},
            "tiles": 60, "steps": 600, "best_epoch": 31, "stop_reason": "early_stopping",
            "last_epoch": null, "provenance": provenance,
        });
        fs::write(model.join("config.toml"), config).unwrap();
        fs::write(model.join("run.json"), record.to_string()).unwrap();
        if seed < 3 {
            fs::write(model.join("history.csv"), history(seed)).unwrap();
        }
    }
}

fn history(salt: u64) -> String {
    let mut table = "epoch,step,loss,station_term,coarse_term,station_weight,coarse_weight,\
                     train_rmse,train_ubrmse,validation_rmse,validation_ubrmse\n"
        .to_owned();
    for epoch in 1..=40_usize {
        let error = |end: f32, turn: u64| {
            let fall = end + 0.12 * (-(epoch as f32) / 6.0).exp();
            fall * (1.0 + 0.05 * noise(salt + turn, epoch, 0, 0))
        };
        // Evaluated every second epoch.
        let skill = match epoch % 2 {
            0 => String::new(),
            _ => format!("{},{}", error(0.05, 20), error(0.045, 30)),
        };
        let validation = if skill.is_empty() {
            ",".to_owned()
        } else {
            skill
        };
        table += &format!(
            "{epoch},{},0.1,0.08,0.02,1,0.5,{},{},{validation}\n",
            15 * epoch,
            error(0.035, 40),
            error(0.03, 50)
        );
    }
    table
}

/// The maps of one day, on a window that holds the scenes'.
fn write_maps(path: &Path, provenance: &Provenance, with_truth: Truth) {
    let (window, day) = (window(MAP_SIZE), days()[DAYS_A_JUNE as usize + 7]);
    let truth = truth(&window, day);
    let blocks = Array2::from_shape_fn(truth.dim(), |(row, col)| {
        let cells = (0..81).map(|k| truth[[row / 9 * 9 + k / 9, col / 9 * 9 + k % 9]]);
        cells.sum::<f32>() / 81.0
    });
    let mut product = observed(&truth, 77, day, [1.0, -0.03, 0.09]);
    product.indexed_iter_mut().for_each(|((row, col), value)| {
        if row + 2 * col > 2 * MAP_SIZE {
            *value = f32::NAN;
        }
    });
    let mut maps = vec![
        ("network", observed(&truth, 7, day, network().errors)),
        (
            "network_l1",
            observed(&truth, 8, day, stations_alone().errors),
        ),
        ("spl2smap_s", product),
        ("l4_nearest", blocks),
    ];
    if with_truth == Truth::Known {
        maps.push((TRUTH_FIELD, truth));
    }
    let variables: Vec<MapVariable> = maps
        .iter()
        .map(|(name, _)| MapVariable::soil_moisture(name))
        .collect();
    let store = MapStore::create(
        path,
        "maps of a day",
        &window,
        &[at_noon(day)],
        &variables,
        provenance,
    )
    .unwrap();
    for (name, map) in &maps {
        let mut rows = store.rows(name, 0).unwrap();
        rows.push(map.view()).unwrap();
        rows.finish().unwrap();
    }
    store.finish().unwrap();
}
