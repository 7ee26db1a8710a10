//! Soil, land cover and height, from rasters of any format and coordinate reference system.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use ndarray::{Array2, Zip};
use serde::{Deserialize, Serialize};
use vadose_grid::Window;
use vadose_io::IoError;
use vadose_io::raster::{Crs, Method, Raster, to_window};

use crate::CubeError;

/// The rasters of the static layers. A layer without a raster is missing everywhere.
///
/// # Examples
/// The layers as their producers deliver them: SoilGrids in g kg-1 and cg cm-3, MODIS land cover,
/// a height model in metres.
/// ```
/// use vadose_cube::{LandCoverConvention, RasterConfig};
///
/// let json = r#"{
///     "clay_fraction": {"path": "clay_0-5cm_mean.tif", "scale": 0.001},
///     "bulk_density": {"path": "bdod_0-5cm_mean.tif", "scale": 0.01},
///     "land_cover": {"path": "lc_type1.tif", "convention": "mcd12q1_v6"},
///     "elevation": {"path": "srtm.tif"}
/// }"#;
/// let config: RasterConfig = serde_json::from_str(json)?;
/// let land_cover = config.land_cover.unwrap();
/// assert_eq!(land_cover.convention, LandCoverConvention::Mcd12q1V6);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RasterConfig {
    /// Clay fraction of the soil, 0 to 1.
    pub clay_fraction: Option<QuantityRaster>,
    /// Bulk density of the soil, g cm-3.
    pub bulk_density: Option<QuantityRaster>,
    /// Land cover, classes of IGBP.
    pub land_cover: Option<LandCoverRaster>,
    /// Height above sea level, m.
    pub elevation: Option<QuantityRaster>,
}

/// A raster of a quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantityRaster {
    /// The file, its first band.
    pub path: PathBuf,
    /// Factor from the raster's values, its own declared scale and offset applied, to the unit of
    /// the layer. SoilGrids: 0.001 for clay (g kg-1), 0.01 for bulk density (cg cm-3). Default 1.
    #[serde(default = "one")]
    pub scale: f64,
    /// How pixels become cells. Default the area-weighted mean.
    #[serde(default)]
    pub resampling: QuantityResampling,
    /// Coordinate reference system, in place of the file's: `EPSG:…`, a PROJ string or WKT.
    #[serde(default)]
    pub crs: Option<String>,
    /// Raw value that stands for a missing one, in place of the file's.
    #[serde(default)]
    pub nodata: Option<f64>,
}

/// How the pixels of a quantity become cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantityResampling {
    /// Mean weighted by overlap: for rasters finer than 1 km.
    #[default]
    AreaMean,
    /// Interpolated between pixel centres: for coarser ones.
    Bilinear,
    /// The pixel under the cell's centre.
    Nearest,
}

/// A raster of land cover. A cell gets the class with the largest area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LandCoverRaster {
    /// The file, its first band.
    pub path: PathBuf,
    /// How the classes are numbered.
    pub convention: LandCoverConvention,
    /// Coordinate reference system, in place of the file's: `EPSG:…`, a PROJ string or WKT.
    #[serde(default)]
    pub crs: Option<String>,
}

/// How the classes of IGBP are numbered. 1 to 16 are the same in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LandCoverConvention {
    /// MODIS MCD12Q1 since collection 6: 17 is water, 255 is missing.
    Mcd12q1V6,
    /// SMAP and MCD12Q1 up to collection 5.1: 0 is water, 254 is missing.
    Smap,
}

impl QuantityRaster {
    /// A raster whose values are in the unit of the layer.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            scale: one(),
            resampling: QuantityResampling::default(),
            crs: None,
            nodata: None,
        }
    }
}

fn one() -> f64 {
    1.0
}

/// Fractions by mass.
const CLAY_FRACTION: RangeInclusive<f32> = 0.0..=1.0;
/// Up to the density of quartz, of which no soil is free of pores; as in SMAP's products.
const BULK_DENSITY_G_CM3: RangeInclusive<f32> = 0.0..=2.65;
/// From below the Dead Sea to above Mount Everest.
const ELEVATION_M: RangeInclusive<f32> = -500.0..=9000.0;
/// Classes in SMAP's convention; 0 is water.
const LAND_COVER: RangeInclusive<f32> = 0.0..=16.0;
const WATER: f32 = 0.0;

impl LandCoverConvention {
    fn water(self) -> f32 {
        match self {
            Self::Mcd12q1V6 => 17.0,
            Self::Smap => WATER,
        }
    }

    fn missing(self) -> f64 {
        match self {
            Self::Mcd12q1V6 => 255.0,
            Self::Smap => 254.0,
        }
    }

    /// A class in SMAP's convention; NaN for what is none.
    fn to_smap(self, class: f32) -> f32 {
        match class {
            class if class == self.water() => WATER,
            class if class == WATER => f32::NAN,
            class => class,
        }
    }
}

impl RasterConfig {
    /// The same with relative paths counted from a folder.
    #[must_use]
    pub fn relative_to(mut self, folder: &Path) -> Self {
        for path in self.paths_mut() {
            *path = folder.join(&path);
        }
        self
    }

    /// The files, in the order of layers.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.clone().paths_mut().map(|path| path.clone()).collect()
    }

    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let clay = self.clay_fraction.as_mut().map(|raster| &mut raster.path);
        let density = self.bulk_density.as_mut().map(|raster| &mut raster.path);
        let cover = self.land_cover.as_mut().map(|raster| &mut raster.path);
        let elevation = self.elevation.as_mut().map(|raster| &mut raster.path);
        [clay, density, cover, elevation].into_iter().flatten()
    }
}

/// The static layers of a block of M01, in the order of [`variables`](crate::variables): clay
/// fraction, bulk density, land cover, height, and the mask of land.
///
/// Land is 1 where every layer that has a raster is present and the land cover is not water, 0
/// elsewhere; without any raster nothing is known to be water, and all is land.
///
/// # Missing values
/// NaN beyond a raster, under its nodata value, and where a value is impossible (a clay fraction
/// above 1, a class that the convention does not have).
/// # Errors
/// [`CubeError::Io`] for a raster that cannot be read, or that has no coordinate reference system
/// and none declared; [`CubeError::Config`] where all values of the block are impossible, which a
/// wrong scale or convention makes them.
pub(crate) fn statics(
    config: &RasterConfig,
    block: &Window,
) -> Result<Vec<Array2<f32>>, CubeError> {
    let quantity = |raster: &Option<QuantityRaster>, key, range| match raster {
        Some(raster) => raster.layer(block, key, range).map(Some),
        None => Ok(None),
    };
    let layers = [
        quantity(
            &config.clay_fraction,
            "rasters.clay_fraction.scale",
            CLAY_FRACTION,
        )?,
        quantity(
            &config.bulk_density,
            "rasters.bulk_density.scale",
            BULK_DENSITY_G_CM3,
        )?,
        match &config.land_cover {
            Some(raster) => Some(raster.layer(block)?),
            None => None,
        },
        quantity(&config.elevation, "rasters.elevation.scale", ELEVATION_M)?,
    ];
    let mut land = Array2::ones(block.shape());
    for layer in layers.iter().flatten() {
        Zip::from(&mut land).and(layer).for_each(|land, value| {
            if value.is_nan() {
                *land = 0.0;
            }
        });
    }
    if let Some(land_cover) = &layers[2] {
        Zip::from(&mut land)
            .and(land_cover)
            .for_each(|land, class| {
                if *class == WATER {
                    *land = 0.0;
                }
            });
    }
    let missing = || Array2::from_elem(block.shape(), f32::NAN);
    let layers = layers.map(|layer| layer.unwrap_or_else(missing));
    Ok(layers.into_iter().chain([land]).collect())
}

impl QuantityRaster {
    fn layer(
        &self,
        block: &Window,
        key: &'static str,
        range: RangeInclusive<f32>,
    ) -> Result<Array2<f32>, CubeError> {
        let mut raster = open(&self.path, self.crs.as_deref())?;
        if let Some(nodata) = self.nodata {
            raster = raster.with_nodata(nodata);
        }
        let method = match self.resampling {
            QuantityResampling::AreaMean => Method::AreaMean,
            QuantityResampling::Bilinear => Method::Bilinear,
            QuantityResampling::Nearest => Method::Nearest,
        };
        let scale = self.scale;
        let values = resampled(&raster, block, method)?;
        let values = values.mapv(|value| (f64::from(value) * scale) as f32);
        possible(values, range, |unit| CubeError::Config {
            key,
            value: format!("{scale}, by which {} is {unit}", self.path.display()),
            allowed: "such that values come out in the layer's unit",
        })
    }
}

impl LandCoverRaster {
    fn layer(&self, block: &Window) -> Result<Array2<f32>, CubeError> {
        let convention = self.convention;
        let raster = open(&self.path, self.crs.as_deref())?.with_nodata(convention.missing());
        let classes = resampled(&raster, block, Method::AreaMode)?;
        let classes = classes.mapv(|class| convention.to_smap(class));
        possible(classes, LAND_COVER, |classes| CubeError::Config {
            key: "rasters.land_cover.convention",
            value: format!("{convention:?}, but {} is {classes}", self.path.display()),
            allowed: "that of the file",
        })
    }
}

fn open(path: &Path, crs: Option<&str>) -> Result<Raster, CubeError> {
    let raster = Raster::open(path)?;
    let Some(definition) = crs else {
        return Ok(raster);
    };
    let code = definition.trim().strip_prefix("EPSG:");
    Ok(
        raster.with_crs(match code.and_then(|code| code.parse().ok()) {
            Some(code) => Crs::Epsg(code),
            None => Crs::Definition(definition.to_owned()),
        }),
    )
}

/// The raster on a block; missing where the block lies beyond it.
fn resampled(raster: &Raster, block: &Window, method: Method) -> Result<Array2<f32>, CubeError> {
    match to_window(raster, block, method) {
        Ok(resampled) => Ok(resampled.values),
        Err(IoError::NoOverlap { .. }) => Ok(Array2::from_elem(block.shape(), f32::NAN)),
        Err(error) => Err(error.into()),
    }
}

/// Makes impossible values missing; refuses a block that has no others.
fn possible(
    mut values: Array2<f32>,
    range: RangeInclusive<f32>,
    refusal: impl FnOnce(String) -> CubeError,
) -> Result<Array2<f32>, CubeError> {
    let (mut n_possible, mut impossible) = (0_usize, None::<[f32; 2]>);
    for value in values.iter_mut().filter(|value| !value.is_nan()) {
        if range.contains(value) {
            n_possible += 1;
            continue;
        }
        let [least, greatest] = impossible.unwrap_or([*value; 2]);
        impossible = Some([least.min(*value), greatest.max(*value)]);
        *value = f32::NAN;
    }
    match impossible {
        Some([least, greatest]) if n_possible == 0 => {
            let found = format!("{least} to {greatest}");
            let (low, high) = (range.start(), range.end());
            Err(refusal(format!("{found}, outside {low} to {high}")))
        }
        _ => Ok(values),
    }
}
