//! Reader of SPL2SMAP_S, the SMAP/Sentinel-1 granules at 1 km and 3 km.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ndarray::{Array2, Ix2};
use vadose_grid::Window;

use crate::cell_fields::{self, Wanted};
use crate::decode::OutOfRange;
use crate::granule_group::open_group;
use crate::hdf5_file::Hdf5File;
use crate::raw_dataset::Part;
use crate::{FlagField, GranuleField, IoError, Product, Resolution, timestamp_of_j2000_seconds};

/// One resolution of an SPL2SMAP_S granule, on a rectangle of EASE-Grid 2.0.
///
/// Names are those of the file without `_1km` or `_3km`; the `_apm` variants of the alternative
/// algorithm are kept beside them. Datasets that the product's schema does not know are there too,
/// read by their own attributes.
#[derive(Debug, Clone)]
pub struct Spl2SmapS {
    /// Quantities by base name, e.g. `soil_moisture`; f32, NaN where missing or out of range.
    pub fields: BTreeMap<String, GranuleField>,
    /// Words of bit flags by base name, e.g. `retrieval_qual_flag`; see [`crate::flags`].
    pub flags: BTreeMap<String, FlagField>,
    /// Class numbers by base name: `landcover_class` (IGBP).
    pub classes: BTreeMap<String, FlagField>,
    path: PathBuf,
    resolution: Resolution,
    window: Window,
    time: Option<Timestamp>,
}

/// Reads one resolution of an SPL2SMAP_S granule.
///
/// # Shapes and units
/// Arrays are `[row, col]` of [`Spl2SmapS::window`], row 0 northernmost, placed by the file's own
/// `EASE_row_index` and `EASE_column_index`. Units are CF units; sigma0 is linear power.
/// # Missing values
/// Fill values become NaN (integers: `valid` is false), and so do values outside the valid range
/// (the file's attributes, else the schema's), which are counted apart. Words of flags that say
/// 'nothing tried' count as missing.
/// # Errors
/// A file that cannot be opened, is no HDF5, is truncated or is another product; a missing group,
/// cell index, soil moisture or quality flag; indices that are no rectangle of the grid. A granule
/// whose soil moisture is all fill is read: see [`Spl2SmapS::require_soil_moisture`].
/// # References
/// Das et al., SMAP/Sentinel-1 L2 Radiometer/Radar 30-Second Scene 3 km EASE-Grid Soil Moisture,
/// version 3, doi:10.5067/ASB0EQO2LYJV.
/// # Examples
/// ```
/// use vadose_io::{Resolution, spl2smap_s};
///
/// let path = concat!(
///     env!("CARGO_MANIFEST_DIR"),
///     "/../../tests/data/smap/",
///     "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5"
/// );
/// let granule = spl2smap_s::read(path, Resolution::Km1)?;
/// assert_eq!(granule.window().shape(), (207, 315));
/// assert_eq!(granule.fields["soil_moisture"].counts.valid, 13_860);
/// assert_eq!(granule.recommended().iter().filter(|&&good| good).count(), 1_235);
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn read(path: impl AsRef<Path>, resolution: Resolution) -> Result<Spl2SmapS, IoError> {
    let scene = read_datasets(path.as_ref(), resolution, None, None)?;
    Ok(scene.expect("all of a granule has cells"))
}

/// Reads some variables of one resolution of an SPL2SMAP_S granule, and no others.
///
/// # Shapes and units
/// As [`read`].
/// # Missing values
/// As [`read`]. A variable that the file lacks is not in the result: see
/// [`Spl2SmapS::require_field`]. There is a time only if `spacecraft_overpass_time_seconds` is
/// among the variables.
/// # Errors
/// As [`read`].
/// # Examples
/// See [`read_window`].
pub fn read_variables(
    path: impl AsRef<Path>,
    resolution: Resolution,
    variables: &[&str],
) -> Result<Spl2SmapS, IoError> {
    let scene = read_datasets(path.as_ref(), resolution, Some(variables), None)?;
    Ok(scene.expect("all of a granule has cells"))
}

/// Reads what some variables of an SPL2SMAP_S granule have in a window; `None` where the granule
/// does not meet the window.
///
/// Of each dataset only the part is read, so that memory follows the window and not the scene.
/// The result's [`window`](Spl2SmapS::window) is what granule and window have in common, and its
/// counts are of that.
///
/// # Shapes and units
/// As [`read`]. The window lies on M01 for 1 km, on M03 for 3 km.
/// # Missing values
/// As [`read_variables`].
/// # Errors
/// As [`read`]; [`IoError::WrongGrid`] for a window of another grid.
/// # Examples
/// ```
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_io::{Resolution, spl2smap_s};
///
/// let path = concat!(
///     env!("CARGO_MANIFEST_DIR"),
///     "/../../tests/data/smap/",
///     "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5"
/// );
/// let window = Window::new(EaseGrid2::M01, 2700, 18_000, 256, 256)?;
/// let part = spl2smap_s::read_window(path, Resolution::Km1, &["sigma0_vv_aggregated"], window)?;
/// let part = part.ok_or("the granule lies elsewhere")?;
/// assert_eq!((part.window().row0(), part.window().col0()), (2808, 18_198));
/// assert_eq!(part.fields["sigma0_vv_aggregated"].values.dim(), (148, 58));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_window(
    path: impl AsRef<Path>,
    resolution: Resolution,
    variables: &[&str],
    window: Window,
) -> Result<Option<Spl2SmapS>, IoError> {
    read_datasets(path.as_ref(), resolution, Some(variables), Some(&window))
}

/// All variables and cells, or some; `None` if there is none of the cells.
fn read_datasets(
    path: &Path,
    resolution: Resolution,
    variables: Option<&[&str]>,
    wanted: Option<&Window>,
) -> Result<Option<Spl2SmapS>, IoError> {
    let file = Hdf5File::open(path)?;
    let product = file.expect_product(&[Product::Spl2SmapS])?;
    if let Some(window) = wanted.filter(|window| window.grid() != resolution.group().grid) {
        return Err(file.wrong_grid(product, window));
    }
    let group = open_group(&file, resolution.group())?;
    let whole = group.window()?;
    let (part, window) = match wanted.map(|window| Part::of_window(&whole, window)) {
        None => (None, whole),
        Some(None) => return Ok(None),
        Some(Some((part, window))) => (Some(part), window),
    };
    let mut read = group.read_fields(Wanted {
        names: &group.names_of(variables),
        shape: Ix2(window.rows(), window.cols()),
        part,
        out_of_range: OutOfRange::Missing,
    })?;
    let times = read.times.remove("spacecraft_overpass_time_seconds");
    let time = times.map(|seconds| median_time(seconds.into_iter().collect()));
    Ok(Some(Spl2SmapS {
        fields: read.fields,
        flags: read.flags,
        classes: read.classes,
        path: file.path.clone(),
        resolution,
        window,
        time: time.transpose()?.flatten(),
    }))
}

/// The moment in the middle of a granule; `None` if it states none.
fn median_time(mut seconds: Vec<f64>) -> Result<Option<Timestamp>, IoError> {
    seconds.retain(|value| !value.is_nan());
    seconds.sort_unstable_by(f64::total_cmp);
    seconds
        .get(seconds.len() / 2)
        .copied()
        .map(timestamp_of_j2000_seconds)
        .transpose()
}

impl Spl2SmapS {
    /// The file that was read.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The resolution that was read.
    #[must_use]
    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// The rectangle of M01 or M03 that the arrays cover.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// Time of the SMAP overpass: the median over the cells, `None` if the file states none.
    ///
    /// Good to about a minute: the files hold multiples of 32 s.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// Cells of recommended quality, `[row, col]`: soil moisture is valid and bit 0 of
    /// `retrieval_qual_flag` is clear.
    #[must_use]
    pub fn recommended(&self) -> Array2<bool> {
        let shape = Ix2(self.window.rows(), self.window.cols());
        cell_fields::recommended(&self.fields, &self.flags, shape)
    }

    /// The soil moisture of a granule that has some.
    ///
    /// # Errors
    /// [`IoError::NoValidSoilMoisture`] if every cell is missing or out of range.
    pub fn require_soil_moisture(&self) -> Result<&GranuleField, IoError> {
        let field = self.require_field("soil_moisture")?;
        if field.counts.valid == 0 {
            return Err(IoError::NoValidSoilMoisture {
                path: self.path.clone(),
                dataset: self.dataset("soil_moisture"),
                cells: field.values.len(),
            });
        }
        Ok(field)
    }

    /// A field by base name, or an error that names the dataset.
    ///
    /// # Errors
    /// [`IoError::MissingDataset`].
    pub fn require_field(&self, base: &str) -> Result<&GranuleField, IoError> {
        self.fields.get(base).ok_or_else(|| self.missing(base))
    }

    pub(crate) fn missing(&self, base: &str) -> IoError {
        IoError::MissingDataset {
            path: self.path.clone(),
            dataset: self.dataset(base),
        }
    }

    /// Full name of a dataset inside the file.
    fn dataset(&self, base: &str) -> String {
        let group = self.resolution.group();
        format!("{}/{}", group.name, group.dataset(base))
    }
}
