//! Small scenes with known answers, for the tests of this module.

use jiff::Timestamp;
use ndarray::Array2;
use rand_distr::{Distribution, StandardNormal};
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_scene::{
    ChannelSet, ChannelSpec, CoarseTarget, InMemoryScenes, Scene, Split, StationCell, StationSite,
    StationSplit, seed,
};

use crate::StudyError;
use crate::evaluation::{Estimate, Method, SampleConfig, SampleTable, TRUTH_FIELD};

/// Edge of the scenes, cells: two by two blocks of 36 km.
pub(super) const SIZE: usize = 72;
pub(super) const ROW0: usize = 1800;
pub(super) const COL0: usize = 7200;
pub(super) const N_STATIONS: usize = 48;

pub(super) fn window() -> Window {
    Window::new(EaseGrid2::M01, ROW0, COL0, SIZE, SIZE).unwrap()
}

/// Days of three Junes, as hours of their scenes.
pub(super) fn hours() -> Vec<i64> {
    let first = |year: i16| {
        let date = jiff::civil::date(year, 6, 1).at(12, 0, 0, 0);
        let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        zoned.timestamp().as_second() / 3600
    };
    [2017, 2018, 2019]
        .into_iter()
        .flat_map(|year| (0..30).map(move |day| first(year) + 24 * day))
        .collect()
}

/// Independent normal noise by position and day.
pub(super) fn noise(purpose: &str, hour: i64) -> Array2<f32> {
    let mut rng = seed::rng(5, &format!("{purpose} {hour}"));
    Array2::from_shape_simple_fn((SIZE, SIZE), || {
        let draw: f64 = StandardNormal.sample(&mut rng);
        draw as f32
    })
}

/// The true field: a level of the day, a slow pattern, and independent detail, m3 m-3.
pub(super) fn truth(hour: i64) -> Array2<f32> {
    let day = (hour / 24) as f32;
    let detail = noise("detail", hour);
    Array2::from_shape_fn((SIZE, SIZE), |(row, col)| {
        let pattern = (row as f32 * 0.11).sin() * (col as f32 * 0.07).cos();
        0.25 + 0.05 * (day * 0.9).sin() + 0.04 * pattern + 0.02 * detail[[row, col]]
    })
}

/// The cell of a station: spread over the window, one a cell.
pub(super) fn station_cell(station: usize) -> (usize, usize) {
    (
        (station * 17 + 3) % SIZE,
        (station * 29 + station / 12 + 5) % SIZE,
    )
}

pub(super) fn station_name(station: usize) -> String {
    format!("NET/{station:02}")
}

pub(super) fn sites() -> Vec<StationSite> {
    let site = |station: usize| {
        let (row, col) = station_cell(station);
        let cell = Cell {
            row: ROW0 + row,
            col: COL0 + col,
        };
        StationSite {
            station: station_name(station),
            network: Some(["east", "west"][station % 2].to_owned()),
            cell,
            location: EaseGrid2::M01.centre(cell).unwrap(),
        }
    };
    (0..N_STATIONS).map(site).collect()
}

/// Of each six stations three train, one validates, two test.
pub(super) fn split() -> StationSplit {
    let of = |station: usize| {
        [
            Split::Train,
            Split::Test,
            Split::Train,
            Split::Validation,
            Split::Test,
            Split::Train,
        ][station % 6]
    };
    (0..N_STATIONS)
        .map(|station| (station_name(station), of(station)))
        .collect()
}

/// A scene whose stations report the truth.
pub(super) fn scene(hour: i64) -> Scene {
    let truth = truth(hour);
    let stations = (0..N_STATIONS).map(|station| {
        let (row, col) = station_cell(station);
        StationCell {
            cell: Cell {
                row: ROW0 + row,
                col: COL0 + col,
            },
            value_m3m3: truth[[row, col]],
            weight: 1.0,
            stations: vec![station_name(station)],
        }
    });
    let stations = stations.collect();
    let coarse = Window::new(EaseGrid2::M09, ROW0 / 9, COL0 / 9, SIZE / 9, SIZE / 9).unwrap();
    let z = Array2::from_shape_fn(coarse.shape(), |(row, col)| {
        let cells = (0..81).map(|k| truth[[row * 9 + k / 9, col * 9 + k % 9]]);
        cells.sum::<f32>() / 81.0
    });
    let tb = truth.mapv(|value| 290.0 - 120.0 * value) + noise("radiometer", hour);
    let half = |low: f32, high: f32| {
        Array2::from_shape_fn(
            (SIZE, SIZE),
            |(_, col)| if col < SIZE / 2 { low } else { high },
        )
    };
    let time = Timestamp::from_second(hour * 3600).unwrap();
    let fields = [
        ("tb_v", "K", tb),
        ("land_cover", "1", half(10.0, 12.0)),
        ("clay_fraction", "1", half(0.1, 0.4)),
        ("vegetation_water_content", "kg m-2", half(0.5, 3.0)),
        ("observed", "1", half(1.0, 0.0)),
        (TRUTH_FIELD, "m3 m-3", truth),
    ];
    fields
        .into_iter()
        .fold(
            Scene::new(format!("day {hour}"), window()),
            |scene, (name, units, values)| scene.with_field(name, units, values).unwrap(),
        )
        .with_time(time)
        .with_stations(stations)
        .unwrap()
        .with_coarse_target(CoarseTarget {
            window: coarse,
            values: z,
        })
        .unwrap()
}

pub(super) fn scenes() -> InMemoryScenes {
    hours().into_iter().map(scene).collect()
}

pub(super) fn channels() -> ChannelSet {
    let known = |name| ChannelSpec::known(name).unwrap();
    ChannelSet::new(["tb_v", "clay_fraction", "observed"].map(known).to_vec()).unwrap()
}

/// The truth with an error of known mean and deviation, and the deviation as its spread; nothing where
/// `missing` says so.
pub(super) struct Noisy {
    pub(super) name: &'static str,
    /// Whose noise it is: methods of one purpose err alike.
    pub(super) purpose: &'static str,
    pub(super) bias: f32,
    pub(super) deviation: f32,
    /// Cells `[row, col]` on hours without a value.
    pub(super) missing: fn(usize, i64) -> bool,
}

pub(super) const NEVER: fn(usize, i64) -> bool = |_, _| false;

impl Noisy {
    pub(super) fn new(name: &'static str, bias: f32, deviation: f32) -> Self {
        Self {
            name,
            purpose: name,
            bias,
            deviation,
            missing: NEVER,
        }
    }
}

impl Method for Noisy {
    fn name(&self) -> &str {
        self.name
    }

    fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError> {
        let hour = scene.time().unwrap().as_second() / 3600;
        let truth = scene.field(TRUTH_FIELD).unwrap();
        let noise = noise(self.purpose, hour);
        let values = Array2::from_shape_fn(scene.window().shape(), |at| {
            if (self.missing)(at.0, hour) {
                f32::NAN
            } else {
                truth[at] + self.bias + self.deviation * noise[at]
            }
        });
        let spread = Array2::from_elem(values.dim(), self.deviation);
        Ok(Estimate {
            values,
            spread: Some(spread),
        })
    }
}

pub(super) fn boxed(methods: Vec<Noisy>) -> Vec<Box<dyn Method>> {
    methods
        .into_iter()
        .map(|method| Box::new(method) as Box<dyn Method>)
        .collect()
}

pub(super) fn table(methods: &[Box<dyn Method>]) -> SampleTable {
    let (split, sites, channels) = (split(), sites(), channels());
    let config = SampleConfig {
        split: &split,
        sites: &sites,
        channels: &channels,
        truth_cells_per_window: 100,
        seed: 3,
    };
    SampleTable::collect(&scenes(), &config, methods, &mut |_, _| ()).unwrap()
}
