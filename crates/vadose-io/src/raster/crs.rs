//! Coordinate reference systems, and the way from one to another.

use std::fmt;

use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};

use super::silence_gdal;
use crate::IoError;

/// A coordinate reference system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Crs {
    /// By its EPSG code, such as 4326 for longitude and latitude on WGS 84, or 32613 for UTM 13N.
    Epsg(u32),
    /// By its WKT, or by a PROJ string such as `+proj=igh +datum=WGS84`.
    Definition(String),
}

impl Crs {
    /// MODIS' sinusoidal projection, on a sphere of 6371007.181 m.
    pub fn modis_sinusoidal() -> Self {
        Self::Definition("+proj=sinu +R=6371007.181 +units=m +no_defs".to_owned())
    }

    /// SoilGrids' interrupted Goode homolosine projection.
    pub fn goode_homolosine() -> Self {
        Self::Definition("+proj=igh +datum=WGS84 +units=m +no_defs".to_owned())
    }

    /// The system as GDAL has it, its axes in the order of GIS.
    pub(super) fn spatial_ref(&self) -> Result<SpatialRef, IoError> {
        silence_gdal();
        let made = match self {
            Self::Epsg(code) => SpatialRef::from_epsg(*code),
            Self::Definition(text) if text.trim().is_empty() => {
                return Err(self.refused("it is empty"));
            }
            // Not GDAL's `SetFromUserInput`: that would also open files and addresses.
            Self::Definition(text) if text.trim_start().starts_with('+') => {
                SpatialRef::from_proj4(text)
            }
            Self::Definition(text) => SpatialRef::from_wkt(text),
        };
        let mut spatial_ref = made.map_err(|error| self.refused(&reason(&error)))?;
        spatial_ref.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        Ok(spatial_ref)
    }

    fn refused(&self, reason: &str) -> IoError {
        IoError::Crs {
            definition: self.to_string(),
            reason: reason.to_owned(),
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epsg(code) => write!(f, "EPSG:{code}"),
            Self::Definition(text) => f.write_str(text),
        }
    }
}

/// What GDAL says, without the names of its functions.
pub(super) fn reason(error: &GdalError) -> String {
    match error {
        GdalError::CplError { msg, .. } | GdalError::NullPointer { msg, .. }
            if !msg.trim().is_empty() =>
        {
            msg.trim().to_owned()
        }
        other => other.to_string(),
    }
}

/// The way from one coordinate reference system to another, by GDAL.
///
/// GDAL allows an object of this kind in one thread only: each thread makes its own (some
/// milliseconds).
///
/// # Examples
/// A quarter of the way around MODIS' sphere, to the north and to the west:
/// ```
/// use vadose_io::raster::{Crs, CrsTransform};
/// let to_modis = CrsTransform::new(&Crs::Epsg(4326), &Crs::modis_sinusoidal())?;
/// let (mut lon_x, mut lat_y) = ([0.0, -90.0], [90.0, 0.0]);
/// to_modis.transform(&mut lon_x, &mut lat_y);
/// assert!(lon_x[0].abs() < 1e-3 && (lat_y[0] - 10_007_554.677).abs() < 1e-3);
/// assert!((lon_x[1] + 10_007_554.677).abs() < 1e-3 && lat_y[1].abs() < 1e-3);
/// # Ok::<(), vadose_io::IoError>(())
/// ```
#[derive(Debug)]
pub struct CrsTransform(CoordTransform);

impl CrsTransform {
    /// The way from one system to another. EASE-Grid 2.0 M01 is `Crs::Epsg(6933)`.
    ///
    /// # Errors
    /// [`IoError::Crs`] if GDAL does not know a system, or no way between the two.
    pub fn new(from: &Crs, to: &Crs) -> Result<Self, IoError> {
        CoordTransform::new(&from.spatial_ref()?, &to.spatial_ref()?)
            .map(Self)
            .map_err(|error| IoError::Crs {
                definition: to.to_string(),
                reason: format!("no way there from `{from}`: {}", reason(&error)),
            })
    }

    /// Takes points to the other system, in place: `x` is easting or longitude.
    ///
    /// # Missing values
    /// A point that has no image, and one that is not finite, becomes NaN in both coordinates.
    /// # Panics
    /// If there are not as many `x` as `y`.
    pub fn transform(&self, x: &mut [f64], y: &mut [f64]) {
        // An error says no more than that some point has no image; those are infinite then.
        let _ = self.0.transform_coords(x, y, &mut []);
        for (x, y) in x.iter_mut().zip(y) {
            if !x.is_finite() || !y.is_finite() {
                (*x, *y) = (f64::NAN, f64::NAN);
            }
        }
    }
}
