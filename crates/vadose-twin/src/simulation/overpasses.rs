//! SPL2SMP_E and SPL2SMAP_S granules: day by day, what SMAP and Sentinel-1 saw at 6 a.m.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ndarray::{Array1, Array2, Array3, Axis};
use vadose_grid::{Cell, Window};
use vadose_io::granule_writer::{
    GranuleContents, GroupContents, MetadataEntry, Placement, Values, metadata_of, write_granule,
};
use vadose_io::{GranuleName, GranuleOrigin, OrbitDirection, Product, timestamp_of_j2000_seconds};

use super::archive::{Archive, Kind};
use super::truth::{OVERPASS_LOCAL_HOUR, Truth};
use super::{Phase, Progress, ShowProgress, Simulation};
use crate::nature_run::utc_hours_of_local;
use crate::orbit::{Platform, Scene, SmapPass};
use crate::period::{Season, timestamp_of_hour};
use crate::product::{Processor, ProductMaps};
use crate::radar::Radar;
use crate::radiometer::Radiometer;
use crate::weather::{Level, RainView, vegetation};
use crate::{Ground, Layers, Positions, TwinError};

/// Release of the SPL2SMP_E granules that are imitated.
const RELEASE_9_KM: &str = "R18290";
/// Release of the SPL2SMAP_S granules that are imitated.
const RELEASE_1_KM: &str = "R17000";
/// Hours whose rain is still on the leaves.
const RECENT_RAIN_HOURS: i64 = 3;
/// Descending passes over North America begin and end within this time of 6 h local solar time.
const HALF_DAY: SignedDuration = SignedDuration::from_hours(12);
/// Length of a half orbit.
const HALF_ORBIT: SignedDuration = SignedDuration::from_secs(2954);
/// Length of a scene of Sentinel-1.
const SCENE: SignedDuration = SignedDuration::from_secs(28);
/// Names of the groups.
const GROUP_9_KM: &str = "Soil_Moisture_Retrieval_Data";
const GROUP_1_KM: &str = "Soil_Moisture_Retrieval_Data_1km";
const GROUP_3_KM: &str = "Soil_Moisture_Retrieval_Data_3km";

/// The instruments and the processors of their data.
struct Instruments {
    radiometer: Radiometer,
    radar: Radar,
    processor: Processor,
}

pub(super) fn write(
    simulation: &Simulation,
    season_idx: usize,
    season: Season,
    layers: &Layers,
    truth: &Truth,
    archive: &mut Archive,
    show: &mut ShowProgress<'_>,
) -> Result<(), TwinError> {
    let config = simulation.config();
    let radiometer = config.radiometer.build(config.seed)?;
    let instruments = Instruments {
        radar: config.radar.build(config.seed)?,
        processor: config.product.build(radiometer, config.seed)?,
        radiometer,
    };
    let window = simulation.window();
    let utc_hours = utc_hours_of_local(window, OVERPASS_LOCAL_HOUR)?;
    let utc_hour = utc_hours[utc_hours.len() / 2];
    let total = u64::from(season.days);
    for (day, date) in season.dates().enumerate() {
        let hour = season.first_hour() + 24 * day as i64 + utc_hour;
        let noon = timestamp_of_hour(hour);
        let (first, last) = (
            noon - HALF_DAY,
            noon + HALF_DAY - SignedDuration::from_millis(1),
        );
        let today = |time: Timestamp| (first..=last).contains(&time);
        let mut passes = config.smap.passes(window, first, last)?;
        passes.retain(|pass| today(pass.mean_time()));
        let scenes = config.sentinel1.scenes(window, first, last, config.seed)?;
        if !passes.is_empty() {
            let weather = Today::new(simulation, layers, hour)?;
            let moisture = truth.day(season_idx, day)?;
            let ground = Ground {
                layers,
                soil_moisture: moisture.view(),
                temperature_kelvin: weather.temperature_kelvin.view(),
                vwc_kg_m2: weather.vwc_kg_m2.view(),
                recent_rain_mm: weather.recent_rain_mm.view(),
            };
            write_day(&instruments, &ground, date, &passes, &scenes, archive)?;
        }
        show(Progress {
            phase: Phase::Overpasses,
            year: season.first.year(),
            done: day as u64 + 1,
            total,
        });
    }
    Ok(())
}

/// The weather of one morning.
struct Today {
    temperature_kelvin: Array2<f32>,
    vwc_kg_m2: Array2<f32>,
    recent_rain_mm: Array2<f32>,
}

impl Today {
    fn new(simulation: &Simulation, layers: &Layers, hour: i64) -> Result<Self, TwinError> {
        let weather = &simulation.weather;
        let positions = Positions::of_window(&layers.window)?;
        let mut rain = weather.rain_field(positions, RainView::Truth);
        let mut recent_rain_mm = Array2::zeros(layers.window.shape());
        let mut of_hour = Array2::zeros(layers.window.shape());
        for hour in hour - RECENT_RAIN_HOURS..hour {
            rain.fill(hour as f64, hour as f64 + 1.0, &mut of_hour);
            recent_rain_mm += &of_hour;
        }
        Ok(Self {
            temperature_kelvin: weather
                .temperature(layers)?
                .kelvin(Level::Soil5Cm, hour as f64),
            vwc_kg_m2: vegetation::water_content_kg_m2(layers, hour),
            recent_rain_mm,
        })
    }
}

fn write_day(
    instruments: &Instruments,
    ground: &Ground<'_>,
    date: Date,
    passes: &[SmapPass],
    scenes: &[Scene],
    archive: &mut Archive,
) -> Result<(), TwinError> {
    let mut products = Vec::with_capacity(passes.len());
    for pass in passes {
        let observed = instruments.radiometer.observe(ground, pass)?;
        let product = instruments
            .processor
            .radiometer_product(ground, pass, &observed)?;
        write_half_orbit(pass, date, &product, archive)?;
        products.push(product);
    }
    // One scene is computed while the one before it is compressed, which HDF5 does in one thread.
    let mut ready: Option<ReadyScene> = None;
    for scene in scenes {
        // The pass that sees most of the scene; of equal ones the first.
        let best = passes
            .iter()
            .zip(&products)
            .max_by_key(|(pass, _)| (seen_cells(pass, &scene.window), Reverse(pass.orbit)));
        let Some((pass, coarse)) = best else {
            continue;
        };
        let (next, written) = rayon::join(
            || instruments.scene(ground, scene, pass, coarse),
            || {
                ready
                    .take()
                    .map_or(Ok(()), |ready| ready.write(date, archive))
            },
        );
        written?;
        ready = next?;
    }
    ready.map_or(Ok(()), |ready| ready.write(date, archive))
}

/// A granule of SPL2SMAP_S that waits to be written.
struct ReadyScene {
    name: String,
    metadata: Vec<MetadataEntry>,
    groups: Vec<GroupContents>,
}

impl Instruments {
    /// The granule of a scene, if SMAP saw any of it.
    fn scene(
        &self,
        ground: &Ground<'_>,
        scene: &Scene,
        pass: &SmapPass,
        coarse: &ProductMaps,
    ) -> Result<Option<ReadyScene>, TwinError> {
        let sigma0 = self.radar.observe(ground, scene)?;
        let product = self
            .processor
            .sentinel_product(ground, scene, &sigma0, pass, coarse)?;
        let Some(product) = product else {
            return Ok(None);
        };
        let name = scene_name(scene, pass)?;
        let times = [pass.mean_time(), scene.start];
        let (begin, end) = (times[0].min(times[1]), times[0].max(times[1]));
        Ok(Some(ReadyScene {
            name: name.to_string(),
            metadata: metadata_of(&name, begin, end + SCENE),
            groups: vec![
                rectangle(GROUP_1_KM, &product.km1),
                rectangle(GROUP_3_KM, &product.km3),
            ],
        }))
    }
}

/// How many 9 km cells of a window of M01 a pass sees.
fn seen_cells(pass: &SmapPass, window: &Window) -> usize {
    let inside = |(row, col): (usize, usize)| {
        let row = 9 * (pass.window.row0() + row);
        let col = 9 * (pass.window.col0() + col);
        window.contains(Cell { row, col })
    };
    let seen = pass.seconds.indexed_iter().filter(|(_, s)| s.is_finite());
    seen.filter(|(at, _)| inside(*at)).count()
}

fn write_half_orbit(
    pass: &SmapPass,
    date: Date,
    maps: &ProductMaps,
    archive: &mut Archive,
) -> Result<(), TwinError> {
    let name = GranuleName {
        product: Product::Spl2SmpE,
        start: pass.start,
        origin: GranuleOrigin::HalfOrbit {
            orbit: pass.orbit,
            direction: OrbitDirection::Descending,
        },
        release: RELEASE_9_KM.to_owned(),
        counter: 1,
    };
    let group = trajectory(maps)?;
    let metadata = metadata_of(&name, pass.start, pass.start + HALF_ORBIT);
    archive.granule(Kind::Spl2SmpE, date, &name.to_string(), |path, spoil| {
        let mut group = group;
        spoil.apply(&mut group.values);
        let contents = GranuleContents {
            product: Product::Spl2SmpE,
            metadata,
            groups: vec![group],
        };
        Ok(write_granule(path, &contents)?)
    })
}

fn scene_name(scene: &Scene, pass: &SmapPass) -> Result<GranuleName, TwinError> {
    let mode = match scene.platform {
        Platform::A => "1AIWDV",
        Platform::B => "1BIWDV",
    };
    Ok(GranuleName {
        product: Product::Spl2SmapS,
        start: pass.mean_time(),
        origin: GranuleOrigin::SentinelScene {
            mode: mode.to_owned(),
            sentinel_start: scene.start,
            corner: corner(&scene.window)?,
        },
        release: RELEASE_1_KM.to_owned(),
        counter: 1,
    })
}

impl ReadyScene {
    fn write(self, date: Date, archive: &mut Archive) -> Result<(), TwinError> {
        let Self {
            name,
            metadata,
            mut groups,
        } = self;
        archive.granule(Kind::Spl2SmapS, date, &name, |path, spoil| {
            for group in &mut groups {
                spoil.apply(&mut group.values);
            }
            let contents = GranuleContents {
                product: Product::Spl2SmapS,
                metadata,
                groups,
            };
            Ok(write_granule(path, &contents)?)
        })
    }
}

/// Whole degrees of the lower left corner, e.g. `105W40N`.
fn corner(window: &Window) -> Result<String, TwinError> {
    let cell = Cell {
        row: window.row0() + window.rows() - 1,
        col: window.col0(),
    };
    let point = window.grid().centre(cell).map_err(TwinError::Place)?;
    let side = |degrees: f64, [positive, negative]: [char; 2]| {
        if degrees < 0.0 { negative } else { positive }
    };
    Ok(format!(
        "{:03.0}{}{:02.0}{}",
        point.lon_deg.abs().floor(),
        side(point.lon_deg, ['E', 'W']),
        point.lat_deg.abs().floor(),
        side(point.lat_deg, ['N', 'S']),
    ))
}

/// Whether a dataset is no second name of another one.
fn is_own(product: Product, base: &str) -> bool {
    let row = product.groups()[0].variable(base);
    row.is_none_or(|variable| variable.same_as.is_none())
}

/// A group as a rectangle.
fn rectangle(name: &str, maps: &ProductMaps) -> GroupContents {
    let ProductMaps {
        window,
        quantities,
        times,
        flags,
        classes,
        class_fractions,
    } = maps;
    let mut values = BTreeMap::new();
    let mut put = |base: &str, field: Values| {
        if is_own(Product::Spl2SmapS, base) {
            values.insert(base.to_owned(), field);
        }
    };
    for (base, field) in quantities {
        put(base, field.clone().into());
    }
    for (base, field) in times {
        put(base, field.clone().into());
    }
    for (base, field) in flags {
        put(base, field.clone().into());
    }
    // The scene product holds one class a cell.
    for (base, field) in classes {
        put(base, field.index_axis(Axis(2), 0).to_owned().into());
    }
    for (base, field) in class_fractions {
        put(base, field.index_axis(Axis(2), 0).to_owned().into());
    }
    GroupContents {
        name: name.to_owned(),
        placement: Placement::Rectangle(*window),
        values,
    }
}

/// A group as the list of the cells that were seen: those with a time.
fn trajectory(maps: &ProductMaps) -> Result<GroupContents, TwinError> {
    let seconds = &maps.times["tb_time_seconds"];
    let seen: Vec<_> = seconds
        .indexed_iter()
        .filter_map(|(at, seconds)| seconds.is_finite().then_some(at))
        .collect();
    let pick = |field: &Array2<f32>| seen.iter().map(|&at| field[at]).collect::<Array1<_>>();
    let mut values = BTreeMap::new();
    let mut put = |base: &str, field: Values| {
        if is_own(Product::Spl2SmpE, base) {
            values.insert(base.to_owned(), field);
        }
    };
    for (base, field) in &maps.quantities {
        put(base, pick(field).into());
    }
    for (base, field) in &maps.times {
        put(
            base,
            seen.iter()
                .map(|&at| field[at])
                .collect::<Array1<_>>()
                .into(),
        );
    }
    for (base, field) in &maps.flags {
        put(
            base,
            seen.iter()
                .map(|&at| field[at])
                .collect::<Array1<_>>()
                .into(),
        );
    }
    for (base, field) in &maps.classes {
        put(base, ranked(field, &seen).into());
    }
    for (base, field) in &maps.class_fractions {
        put(base, ranked(field, &seen).into());
    }
    let texts = seen.iter().map(|&at| {
        let time = timestamp_of_j2000_seconds(seconds[at])?;
        Ok(time
            .to_zoned(TimeZone::UTC)
            .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
            .to_string())
    });
    put(
        "tb_time_utc",
        Values::Text(texts.collect::<Result<_, TwinError>>()?),
    );
    let (row0, col0) = (maps.window.row0(), maps.window.col0());
    let cell = |&(row, col): &(usize, usize)| Cell {
        row: row0 + row,
        col: col0 + col,
    };
    Ok(GroupContents {
        name: GROUP_9_KM.to_owned(),
        placement: Placement::Trajectory(seen.iter().map(cell).collect()),
        values,
    })
}

/// Several values a cell of the cells that were seen.
fn ranked<T: Copy + Default>(field: &Array3<T>, seen: &[(usize, usize)]) -> Array2<T> {
    Array2::from_shape_fn((seen.len(), field.len_of(Axis(2))), |(idx, rank)| {
        let (row, col) = seen[idx];
        field[[row, col, rank]]
    })
}
