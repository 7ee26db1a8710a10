//! Rasters of soil, land cover, greenness and height, in the projections and units of their models.

use std::fs;
use std::ops::Range;

use ndarray::{Array2, ArrayViewMut2, Zip};
use rayon::prelude::*;
use vadose_grid::{EaseGrid2, ProjectedM, Window};
use vadose_io::IoError;
use vadose_io::raster::{Crs, CrsTransform, GeoTiff, Pixel, write_geotiff_by_rows};
use vadose_scene::seed;

use super::archive::Archive;
use super::{Phase, Progress, ShowProgress, Simulation};
use crate::weather::vegetation;
use crate::{Layers, Noise, Positions, TwinError};

/// EASE-Grid 2.0 M01.
const EASE: Crs = Crs::Epsg(6933);
/// Pixels beyond the window on each side, so that its outer cells are covered.
const MARGIN_M: f64 = 2_000.0;
/// Missing value of the 16-bit rasters.
const NODATA_I16: i16 = -32_768;
/// Missing value of the land cover.
const NODATA_U8: u8 = 255;
/// MCD12Q1's code of water since collection 6; SMAP and older collections write 0.
const WATER_SINCE_V6: u8 = 17;
/// The day whose greenness the NDVI raster holds: the middle of a season, days after its start.
const NDVI_DAY: i64 = 15;
/// A degree of latitude, m.
const DEGREE_M: f64 = 111_000.0;

/// Rasters that are written.
#[derive(Debug, Clone, Copy)]
enum Raster {
    Clay,
    Sand,
    BulkDensity,
    LandCover,
    Elevation,
    /// Greenness in the season of this number.
    Ndvi(usize),
}

/// A raster's place: system and size of its pixels.
struct Frame {
    crs: Crs,
    geotransform: [f64; 6],
    rows: usize,
    cols: usize,
}

pub(super) fn write(
    simulation: &Simulation,
    layers: &Layers,
    archive: &mut Archive,
    show: &mut ShowProgress<'_>,
) -> Result<(), TwinError> {
    let folder = archive.path("ancillary");
    fs::create_dir_all(&folder).map_err(|source| IoError::File {
        action: "create",
        path: folder,
        source,
    })?;
    let mut rasters = vec![
        Raster::Clay,
        Raster::Sand,
        Raster::BulkDensity,
        Raster::LandCover,
        Raster::Elevation,
    ];
    rasters.extend((0..simulation.seasons.len()).map(Raster::Ndvi));
    let total = rasters.len() as u64;
    let archive = &*archive;
    rasters
        .into_par_iter()
        .map(|raster| write_raster(simulation, layers, archive, raster))
        .collect::<Result<Vec<()>, TwinError>>()?;
    show(Progress {
        phase: Phase::Ancillary,
        year: 0,
        done: total,
        total,
    });
    Ok(())
}

fn write_raster(
    simulation: &Simulation,
    layers: &Layers,
    archive: &Archive,
    raster: Raster,
) -> Result<(), TwinError> {
    let window = &layers.window;
    let errors = simulation.config().product.ancillary;
    let write = |name: &str, frame: Frame, about: About, field: &Array2<f32>| {
        let path = archive.path(&format!("ancillary/{name}.tif"));
        let scale = about.scale;
        let stored = |value: f32| (value / scale).round() as i16;
        write_field(&path, window, frame, about, NODATA_I16, |at| {
            stored(field[at])
        })
    };
    match raster {
        Raster::Clay => {
            let clay = with_error(
                simulation,
                layers,
                &layers.clay_fraction,
                Error {
                    purpose: "clay raster",
                    std: errors.clay_fraction_std,
                    range: [0.0, 0.9],
                },
            )?;
            write(
                "clay_0-5cm_mean",
                soil_grids(window)?,
                About::soil("clay", "g kg-1", 1e-3),
                &clay,
            )
        }
        Raster::Sand => {
            let sand = with_error(
                simulation,
                layers,
                &layers.sand_fraction,
                Error {
                    purpose: "sand raster",
                    std: errors.clay_fraction_std,
                    range: [0.0, 1.0],
                },
            )?;
            write(
                "sand_0-5cm_mean",
                soil_grids(window)?,
                About::soil("sand", "g kg-1", 1e-3),
                &sand,
            )
        }
        Raster::BulkDensity => {
            let density = with_error(
                simulation,
                layers,
                &layers.bulk_density_g_cm3,
                Error {
                    purpose: "density raster",
                    std: errors.bulk_density_std_g_cm3,
                    range: [0.3, 2.2],
                },
            )?;
            let about = About::soil("bulk density", "cg cm-3", 1e-2);
            write("bdod_0-5cm_mean", soil_grids(window)?, about, &density)
        }
        Raster::Elevation => {
            let about = About {
                description: "height above sea level".to_owned(),
                units: "m",
                scale: 1.0,
                declared_scale: 1.0,
            };
            write(
                "srtm_elevation",
                degrees(window)?,
                about,
                &layers.elevation_m,
            )
        }
        Raster::Ndvi(season) => {
            let season = simulation.seasons[season];
            let ndvi = vegetation::ndvi(layers, season.first_hour() + 24 * NDVI_DAY);
            let about = About {
                description: "NDVI".to_owned(),
                units: "1",
                scale: 1e-4,
                declared_scale: 1e-4,
            };
            let name = format!("mod13a2_ndvi_{}", season.first.year());
            write(&name, modis(window, 926.625_433_055_833)?, about, &ndvi)
        }
        Raster::LandCover => {
            let path = archive.path("ancillary/mcd12q1_lc_type1.tif");
            let about = About {
                description: "IGBP land cover, 17 is water".to_owned(),
                units: "1",
                scale: 1.0,
                declared_scale: 1.0,
            };
            let frame = modis(window, 463.312_716_527_916_5)?;
            write_field(&path, window, frame, about, NODATA_U8, |at| {
                match layers.land_cover[at] {
                    0 => WATER_SINCE_V6,
                    class => class,
                }
            })
        }
    }
}

/// What a raster holds.
struct About {
    description: String,
    units: &'static str,
    /// Value of one step of the stored integers.
    scale: f32,
    /// What the file declares it to be: SoilGrids leaves it to the reader.
    declared_scale: f64,
}

impl About {
    fn soil(quantity: &str, units: &'static str, scale: f32) -> Self {
        Self {
            description: format!("{quantity}, 0 to 5 cm, mean"),
            units,
            scale,
            declared_scale: 1.0,
        }
    }
}

/// Error of a map: correlated over tens of kilometres, fixed in time.
struct Error {
    purpose: &'static str,
    std: f32,
    range: [f32; 2],
}

fn with_error(
    simulation: &Simulation,
    layers: &Layers,
    truth: &Array2<f32>,
    error: Error,
) -> Result<Array2<f32>, TwinError> {
    /// Scales of the error, cells.
    const SCALES: [f64; 2] = [8.0, 32.0];
    let seed = seed::derive(simulation.config().seed, error.purpose);
    let noise = Noise::fractal(seed, SCALES[0], SCALES[1], 0.5);
    let noise = noise.fill(&Positions::of_window(&layers.window)?);
    let [low, high] = error.range;
    Ok(Zip::from(truth)
        .and(&noise)
        .map_collect(|&truth, &noise| (truth + error.std * noise).clamp(low, high)))
}

/// Writes a field, each pixel the value of the cell that its centre lies in.
fn write_field<T: Pixel>(
    path: &std::path::Path,
    window: &Window,
    frame: Frame,
    about: About,
    nodata: T,
    value: impl Fn((usize, usize)) -> T,
) -> Result<(), TwinError>
where
    f64: From<T>,
{
    let spec = GeoTiff {
        nodata: Some(f64::from(nodata)),
        scale: about.declared_scale,
        description: about.description,
        units: about.units.to_owned(),
        metadata: vec![(
            "SOURCE".to_owned(),
            "simulation; no measurement of any real place".to_owned(),
        )],
        ..GeoTiff::new(frame.crs.clone(), frame.geotransform)
    };
    let to_ease = CrsTransform::new(&frame.crs, &EASE)?;
    let [x0, dx, _, y0, _, dy] = frame.geotransform;
    let shape = (frame.rows, frame.cols);
    let columns: Vec<f64> = (0..frame.cols)
        .map(|col| x0 + (col as f64 + 0.5) * dx)
        .collect();
    write_geotiff_by_rows(
        path,
        &spec,
        shape,
        |rows: Range<usize>, mut part: ArrayViewMut2<'_, T>| {
            for (row, mut pixels) in rows.zip(part.rows_mut()) {
                let mut x = columns.clone();
                let mut y = vec![y0 + (row as f64 + 0.5) * dy; x.len()];
                to_ease.transform(&mut x, &mut y);
                for ((pixel, &x_m), &y_m) in pixels.iter_mut().zip(&x).zip(&y) {
                    let cell = EaseGrid2::M01.locate_m(ProjectedM { x_m, y_m }).ok();
                    *pixel = cell
                        .and_then(|cell| window.offset_of(cell))
                        .map_or(nodata, &value);
                }
            }
            Ok::<(), TwinError>(())
        },
    )
}

/// SoilGrids: Goode's homolosine, 250 m.
fn soil_grids(window: &Window) -> Result<Frame, TwinError> {
    frame(window, Crs::goode_homolosine(), 250.0, MARGIN_M)
}

/// MODIS: sinusoidal.
fn modis(window: &Window, pixel_m: f64) -> Result<Frame, TwinError> {
    frame(window, Crs::modis_sinusoidal(), pixel_m, MARGIN_M)
}

/// SRTM: geographic, averaged to 15 seconds of arc, about half a cell.
fn degrees(window: &Window) -> Result<Frame, TwinError> {
    frame(window, Crs::Epsg(4326), 1.0 / 240.0, MARGIN_M / DEGREE_M)
}

/// The pixels of a system that cover a window, found along its edge.
fn frame(window: &Window, crs: Crs, pixel: f64, margin: f64) -> Result<Frame, TwinError> {
    let from_ease = CrsTransform::new(&EASE, &crs)?;
    let [x0, size, _, y0, _, _] = window.geotransform();
    let (rows, cols) = window.shape();
    let corner = |row: usize, col: usize| (x0 + col as f64 * size, y0 - row as f64 * size);
    let along_rows = (0..=rows).flat_map(|row| [corner(row, 0), corner(row, cols)]);
    let along_cols = (0..=cols).flat_map(|col| [corner(0, col), corner(rows, col)]);
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = along_rows.chain(along_cols).unzip();
    from_ease.transform(&mut x, &mut y);
    let limits = |values: &[f64]| {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        [
            ((least - margin) / pixel).floor() * pixel,
            ((most + margin) / pixel).ceil() * pixel,
        ]
    };
    let ([west, east], [south, north]) = (limits(&x), limits(&y));
    Ok(Frame {
        crs,
        geotransform: [west, pixel, 0.0, north, 0.0, -pixel],
        rows: ((north - south) / pixel).round() as usize,
        cols: ((east - west) / pixel).round() as usize,
    })
}
