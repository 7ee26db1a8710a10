//! Runs a twin without instruments and measures what it should have in common with nature.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use vadose_grid::{EaseGrid2, Window};
use vadose_twin::analysis::coarsened;
use vadose_twin::nature_run::Hydraulics;
use vadose_twin::stations::{CellHours, Flag, Network, Site, place};
use vadose_twin::weather::{Level, RainView};
use vadose_twin::{
    AnalysisConfig, Landscape, Layers, NatureConfig, StationConfig, TwinError, WeatherConfig,
};

use super::series;
use super::table::{Spread, Statistics};

/// What to run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Experiment {
    /// Master seed.
    pub(crate) seed: u64,
    /// Window of M01 whose edges are multiples of 9.
    pub(crate) window: Window,
    /// First hour, 00 UTC.
    pub(crate) start_hour: i64,
    /// Days.
    pub(crate) days: i64,
    /// Stations per 256 × 256 cells: many, for the sake of numbers.
    pub(crate) stations_per_tile: u32,
}

/// What one tile leaves behind.
struct Tile {
    window: Window,
    rain_mm: Array2<f32>,
    wet_hours: usize,
    /// One map a day, about 6 a.m. in the western United States.
    maps: Vec<Array2<f32>>,
    /// Three-hour means of 9 km cells.
    coarse: Vec<Array2<f32>>,
    /// Hourly moisture at the stations of the tile.
    at_sites: Vec<(Site, Vec<f32>)>,
}

const TILE: usize = 171;
const COARSE: usize = 9;
const OVERPASS_UTC: i64 = 13;
const WET_MM_H: f32 = 0.1;
const FEWEST_PASSES: usize = 10;

impl Experiment {
    pub(crate) fn run(&self) -> Result<Statistics, TwinError> {
        let landscape = Landscape::new(self.seed);
        let layers = landscape.layers(&self.window)?;
        let sites = place(&landscape, self.seed, &self.window, self.stations_per_tile)?;
        let tiles: Vec<Tile> = self
            .tiles()
            .par_iter()
            .map(|window| self.tile(&landscape, window, &sites))
            .collect::<Result<_, _>>()?;
        let mut statistics = Statistics {
            spreads: Vec::new(),
            numbers: Vec::new(),
        };
        of_landscape(&layers, &mut statistics);
        self.of_weather(&tiles, &mut statistics);
        self.of_moisture(&tiles, &mut statistics);
        let analysed = self.analysed(&layers)?;
        self.of_analysis(&analysed, &tiles, &mut statistics);
        self.of_stations(&layers, &analysed, &tiles, &mut statistics)?;
        Ok(statistics)
    }

    fn tiles(&self) -> Vec<Window> {
        let starts = |n: usize| (0..n).step_by(TILE);
        let window = &self.window;
        starts(window.rows())
            .flat_map(|row| starts(window.cols()).map(move |col| (row, col)))
            .map(|(row, col)| {
                let rows = TILE.min(window.rows() - row);
                let cols = TILE.min(window.cols() - col);
                Window::new(
                    EaseGrid2::M01,
                    window.row0() + row,
                    window.col0() + col,
                    rows,
                    cols,
                )
                .expect("a part of a window")
            })
            .collect()
    }

    fn tile(
        &self,
        landscape: &Landscape,
        window: &Window,
        sites: &[Site],
    ) -> Result<Tile, TwinError> {
        let layers = landscape.layers(window)?;
        let weather = WeatherConfig::default().build(self.seed)?;
        let nature = NatureConfig::default().build()?;
        let coarse_shape = (window.rows() / COARSE, window.cols() / COARSE);
        let here = sites.iter().filter(|site| window.contains(site.cell));
        let mut tile = Tile {
            window: *window,
            rain_mm: Array2::zeros(window.shape()),
            wet_hours: 0,
            maps: Vec::new(),
            coarse: Vec::new(),
            at_sites: here.map(|site| (site.clone(), Vec::new())).collect(),
        };
        let mut sum = Array2::<f32>::zeros(window.shape());
        nature.run(&layers, &weather, &RainView::Truth, self.hours(), |hour| {
            tile.rain_mm += &hour.rain_mm;
            tile.wet_hours += hour.rain_mm.iter().filter(|&&rain| rain > WET_MM_H).count();
            if hour.hour.rem_euclid(24) == OVERPASS_UTC {
                tile.maps.push(hour.moisture.to_owned());
            }
            sum += &hour.moisture;
            if hour.hour.rem_euclid(3) == 2 {
                tile.coarse
                    .push(block_means(&sum.view(), coarse_shape, 3.0));
                sum.fill(0.0);
            }
            for (site, series) in &mut tile.at_sites {
                let at = window.offset_of(site.cell).expect("a site of the tile");
                series.push(hour.moisture[at]);
            }
        })?;
        Ok(tile)
    }

    fn of_weather(&self, tiles: &[Tile], statistics: &mut Statistics) {
        let rain = tiles
            .iter()
            .flat_map(|tile| tile.rain_mm.iter().map(|&v| f64::from(v)));
        statistics
            .spreads
            .push(("rain of the period, mm", Spread::of(rain)));
        let wet: usize = tiles.iter().map(|tile| tile.wet_hours).sum();
        let cell_hours = (self.window.rows() * self.window.cols()) as f64 * 24.0 * self.days as f64;
        statistics
            .numbers
            .push(("share of wet hours", wet as f64 / cell_hours));
    }

    fn of_moisture(&self, tiles: &[Tile], statistics: &mut Statistics) {
        let values = tiles.iter().flat_map(|tile| tile.maps.iter().flatten());
        let moisture = Spread::of(values.map(|&v| f64::from(v)));
        statistics
            .spreads
            .push(("moisture at 6 a.m., m3 m-3", moisture));
        let within = tiles.iter().flat_map(|tile| {
            let map = &tile.maps[tile.maps.len() / 2];
            map.exact_chunks((COARSE, COARSE))
                .into_iter()
                .map(|block| series::deviation(block.iter().map(|&v| f64::from(v))))
                .collect::<Vec<_>>()
        });
        statistics
            .spreads
            .push(("deviation within 9 km, m3 m-3", Spread::of(within)));
        // Daily series of every 20th cell.
        let daily: Vec<Vec<f64>> = tiles
            .iter()
            .flat_map(|tile| {
                let (rows, cols) = tile.window.shape();
                let cells = (0..rows)
                    .step_by(20)
                    .flat_map(move |row| (0..cols).step_by(20).map(move |col| (row, col)));
                cells
                    .map(|at| tile.maps.iter().map(|map| f64::from(map[at])).collect())
                    .collect::<Vec<_>>()
            })
            .collect();
        let deviations = daily
            .iter()
            .map(|values| series::deviation(values.iter().copied()));
        statistics
            .spreads
            .push(("deviation in time, m3 m-3", Spread::of(deviations)));
        let means = daily
            .iter()
            .map(|values| series::mean(values.iter().copied()));
        statistics.numbers.push((
            "deviation of means between places, m3 m-3",
            series::deviation(means),
        ));
        let folds = daily
            .iter()
            .filter_map(|values| series::folding_time(values));
        statistics
            .spreads
            .push(("e-folding time of daily series, d", Spread::of(folds)));
        let slopes = tiles
            .iter()
            .map(|tile| series::spectral_slope(&tile.maps[tile.maps.len() / 2]));
        statistics
            .numbers
            .push(("spectral slope of moisture, 4-100 km", series::mean(slopes)));
    }

    /// Three-hour means of the coarse analysis over the window.
    fn analysed(&self, layers: &Layers) -> Result<Vec<Array2<f32>>, TwinError> {
        let weather = WeatherConfig::default().build(self.seed)?;
        let nature = NatureConfig::default().build()?;
        let analysis = AnalysisConfig::default().build(&nature, self.seed)?;
        let mut maps = Vec::new();
        analysis.run(&coarsened(layers)?, &weather, self.hours(), |mean| {
            maps.push(mean.sm_surface);
        })?;
        Ok(maps)
    }

    /// Corner of a tile, in cells of the window.
    fn corner(&self, tile: &Tile) -> (usize, usize) {
        (
            tile.window.row0() - self.window.row0(),
            tile.window.col0() - self.window.col0(),
        )
    }

    fn of_analysis(&self, analysed: &[Array2<f32>], tiles: &[Tile], statistics: &mut Statistics) {
        let (mut unbiased, mut together, mut bias) = (Vec::new(), Vec::new(), Vec::new());
        for tile in tiles {
            let (row0, col0) = self.corner(tile);
            for (row, col) in ndarray::indices(tile.coarse[0].dim()) {
                let estimate = at(analysed, (row0 / COARSE + row, col0 / COARSE + col));
                let truth = at(&tile.coarse, (row, col));
                unbiased.push(series::ubrmse(&estimate, &truth));
                together.push(series::correlation(&estimate, &truth));
                bias.push(series::mean(estimate) - series::mean(truth));
            }
        }
        for (name, values) in [
            ("analysis: ubRMSE at 9 km, m3 m-3", unbiased),
            ("analysis: R at 9 km", together),
            ("analysis: bias at 9 km, m3 m-3", bias),
        ] {
            statistics.spreads.push((name, Spread::of(values)));
        }
    }

    fn of_stations(
        &self,
        layers: &Layers,
        analysed: &[Array2<f32>],
        tiles: &[Tile],
        statistics: &mut Statistics,
    ) -> Result<(), TwinError> {
        let soils = self.soil_kelvin(layers)?;
        let morning = soils[0].iter().flatten().map(|&kelvin| f64::from(kelvin));
        let name = "soil at 5 cm and 6 a.m., K";
        statistics.spreads.push((name, Spread::of(morning)));
        let observer = StationConfig::default().build()?;
        let mut scores = Vec::new();
        let (mut n_lines, mut n_good) = (0, 0);
        for tile in tiles {
            for (site, truth) in &tile.at_sites {
                let inside = self
                    .window
                    .offset_of(site.cell)
                    .expect("a site of the window");
                let kelvin = |level: usize| -> Vec<f32> {
                    (0..truth.len())
                        .map(|hour| soils[level][hour / 24][inside])
                        .collect()
                };
                let cell = CellHours {
                    start_hour: self.start_hour,
                    moisture_m3m3: truth,
                    soil_5cm_kelvin: &kelvin(0),
                    soil_20cm_kelvin: &kelvin(1),
                    soil: Hydraulics::new(
                        layers.clay_fraction[inside],
                        layers.sand_fraction[inside],
                        1.0 - layers.bulk_density_g_cm3[inside] / 2.65,
                    ),
                };
                let probe = observer.observe(site, &cell)?.shallow;
                let good = |flags: &[Flag]| flags == [Flag::Good];
                n_lines += probe.hours.len();
                n_good += probe.flags.iter().filter(|flags| good(flags)).count();
                let (row0, col0) = self.corner(tile);
                let in_window = (inside.0 / COARSE, inside.1 / COARSE);
                let in_tile = ((inside.0 - row0) / COARSE, (inside.1 - col0) / COARSE);
                let lines = probe
                    .hours
                    .iter()
                    .zip(&probe.moisture_m3m3)
                    .zip(&probe.flags);
                let passes = lines.filter(|((hour, _), flags)| {
                    hour.rem_euclid(24) == OVERPASS_UTC && good(flags)
                });
                let mut seen = [const { Vec::new() }; 4];
                for ((hour, &value), _) in passes {
                    let idx = (hour - self.start_hour) as usize;
                    seen[0].push(f64::from(value));
                    seen[1].push(f64::from(truth[idx]));
                    seen[2].push(f64::from(analysed[idx / 3][in_window]));
                    seen[3].push(f64::from(tile.coarse[idx / 3][in_tile]));
                }
                if seen[0].len() >= FEWEST_PASSES {
                    scores.push(score(&seen));
                }
            }
        }
        let of = |idx: usize| scores.iter().map(move |score: &[f64; 7]| score[idx]);
        let total = series::mean(of(0).map(|rmse| rmse * rmse)).sqrt();
        for (idx, name) in SCORES.into_iter().enumerate() {
            statistics.spreads.push((name, Spread::of(of(idx))));
        }
        let sites = || tiles.iter().flat_map(|tile| &tile.at_sites);
        let in_mountains = sites().filter(|(site, _)| site.network == Network::Snotel);
        statistics.numbers.extend([
            ("station: RMSE to its cell, over all", total),
            ("stations", scores.len() as f64),
            (
                "share of SNOTEL",
                in_mountains.count() as f64 / sites().count() as f64,
            ),
            ("share of good lines", n_good as f64 / n_lines as f64),
        ]);
        Ok(())
    }

    /// Soil temperature at 6 a.m. of each day, at 5 and at 20 cm, K.
    fn soil_kelvin(&self, layers: &Layers) -> Result<[Vec<Array2<f32>>; 2], TwinError> {
        let weather = WeatherConfig::default().build(self.seed)?;
        let mut temperature = weather.temperature(layers)?;
        let mut of = |level| {
            let days = self.hours().step_by(24);
            days.map(|hour| temperature.kelvin(level, (hour + OVERPASS_UTC) as f64))
                .collect()
        };
        Ok([of(Level::Soil5Cm), of(Level::Soil20Cm)])
    }

    fn hours(&self) -> Range<i64> {
        self.start_hour..self.start_hour + 24 * self.days
    }
}

/// The series of one cell.
fn at(maps: &[Array2<f32>], cell: (usize, usize)) -> Vec<f64> {
    maps.iter().map(|map| f64::from(map[cell])).collect()
}

const SCORES: [&str; 7] = [
    "station: RMSE to its cell, m3 m-3",
    "station: ubRMSE to its cell, m3 m-3",
    "station: bias to its cell, m3 m-3",
    "station: R with its cell",
    "station: R with the analysis",
    "station: R with the true 9 km mean",
    "station: ubRMSE of the analysis, m3 m-3",
];

/// [`SCORES`] of a station, from the values at the passes of the station, its cell, the analysis
/// and the true 9 km mean.
fn score([station, cell, analysis, coarse]: &[Vec<f64>; 4]) -> [f64; 7] {
    let bias = series::mean(station.iter().copied()) - series::mean(cell.iter().copied());
    let unbiased = series::ubrmse(station, cell);
    [
        bias.hypot(unbiased),
        unbiased,
        bias,
        series::correlation(station, cell),
        series::correlation(station, analysis),
        series::correlation(station, coarse),
        series::ubrmse(station, analysis),
    ]
}

fn of_landscape(layers: &Layers, statistics: &mut Statistics) {
    let n = layers.elevation_m.len() as f64;
    for (name, field) in [
        ("elevation, m", &layers.elevation_m),
        ("wetness index", &layers.wetness_index),
        ("clay", &layers.clay_fraction),
        ("sand", &layers.sand_fraction),
        ("bulk density, g cm-3", &layers.bulk_density_g_cm3),
        ("largest NDVI", &layers.ndvi_max),
    ] {
        statistics
            .spreads
            .push((name, Spread::of(field.iter().map(|&v| f64::from(v)))));
    }
    let share = |test: &dyn Fn(u8) -> bool| {
        layers
            .land_cover
            .iter()
            .filter(|&&class| test(class))
            .count() as f64
            / n
    };
    statistics.numbers.push((
        "share of open water",
        layers
            .water_fraction
            .iter()
            .map(|&v| f64::from(v))
            .sum::<f64>()
            / n,
    ));
    statistics
        .numbers
        .push(("share of forest", share(&|class| (1..=5).contains(&class))));
    statistics.numbers.push((
        "share of shrub and barren",
        share(&|class| [6, 7, 16].contains(&class)),
    ));
    statistics.numbers.push((
        "share of grass and savanna",
        share(&|class| (8..=10).contains(&class)),
    ));
    statistics
        .numbers
        .push(("share of crops", share(&|class| [12, 14].contains(&class))));
    statistics
        .numbers
        .push(("share of built-up land", share(&|class| class == 13)));
    let paired = |a: &Array2<f32>, b: &Array2<f32>| {
        let values = |field: &Array2<f32>| field.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
        series::correlation(&values(a), &values(b))
    };
    statistics.numbers.push((
        "R of clay and wetness index",
        paired(&layers.clay_fraction, &layers.wetness_index),
    ));
    statistics.numbers.push((
        "R of sand and clay",
        paired(&layers.sand_fraction, &layers.clay_fraction),
    ));
    statistics.numbers.push((
        "spectral slope of elevation, 4-100 km",
        series::spectral_slope(&layers.elevation_m),
    ));
}

fn block_means(field: &ArrayView2<'_, f32>, shape: (usize, usize), n: f32) -> Array2<f32> {
    let blocks = field.exact_chunks((COARSE, COARSE));
    let means = blocks
        .into_iter()
        .map(|block| block.mean().expect("cells") / n);
    Array2::from_shape_vec(shape, means.collect()).expect("one block per coarse cell")
}
