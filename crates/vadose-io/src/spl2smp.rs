//! Reader of SPL2SMP (36 km) and SPL2SMP_E (9 km): half orbits as lists of cells.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Ix1};
use vadose_grid::{Cell, EaseGrid2};

use crate::cell_fields::{self, Wanted};
use crate::decode::OutOfRange;
use crate::granule_group::open_group;
use crate::hdf5_file::Hdf5File;
use crate::schema::GroupSpec;
use crate::{IoError, Product, TrajectoryField, TrajectoryFlagField};

/// A half orbit of SPL2SMP or SPL2SMP_E: one entry for each cell that the satellite passed.
#[derive(Debug, Clone)]
pub struct Spl2Smp {
    /// The cells, in the file's order, on [`Spl2Smp::grid`].
    pub cells: Vec<Cell>,
    /// Quantities by dataset name, `[cell]`; f32, NaN where missing. The fractions of the second
    /// and third commonest land cover are `landcover_class_fraction_2` and `…_3`.
    pub fields: BTreeMap<String, TrajectoryField>,
    /// Words of bit flags by dataset name; see [`crate::flags`].
    pub flags: BTreeMap<String, TrajectoryFlagField>,
    /// Class numbers by dataset name: `landcover_class` (the commonest, IGBP), `landcover_class_2`,
    /// `landcover_class_3`, `grid_surface_status`.
    pub classes: BTreeMap<String, TrajectoryFlagField>,
    /// Time of each cell in seconds since J2000, NaN where missing; `None` if the file has none.
    /// See [`crate::timestamp_of_j2000_seconds`].
    pub time_seconds: Option<Array1<f64>>,
    path: PathBuf,
    product: Product,
    spec: &'static GroupSpec,
}

/// The groups of SPL2SMP and SPL2SMP_E.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrbitGroup {
    /// `Soil_Moisture_Retrieval_Data`, on M36 or M09.
    #[default]
    Global,
    /// `Soil_Moisture_Retrieval_Data_Polar` of SPL2SMP_E, on N09.
    Polar,
}

impl OrbitGroup {
    fn spec(self, product: Product) -> Option<&'static GroupSpec> {
        match self {
            OrbitGroup::Global => product.groups().first(),
            OrbitGroup::Polar => product.groups().get(1),
        }
    }
}

/// Reads the global group of an SPL2SMP or SPL2SMP_E granule.
///
/// # Shapes and units
/// Arrays are `[cell]`; CF units. The grid is M36 for SPL2SMP and M09 for SPL2SMP_E.
/// # Missing values
/// Fill values become NaN (integers: `valid` is false), and so do values outside the valid range,
/// which are counted apart. SPL2SMP holds soil moisture up to 0.78 and calls 0.02 to 0.5 valid:
/// [`read_group`] with [`OutOfRange::Keep`] keeps it.
/// # Errors
/// A file that cannot be opened, is no HDF5, is truncated or is another product; a missing group,
/// cell index, soil moisture or quality flag; an index beyond the grid.
/// # References
/// O'Neill et al., SMAP L2 Radiometer Half-Orbit 36 km EASE-Grid Soil Moisture, version 8,
/// doi:10.5067/LPJ8F0TAK6E0.
/// # Examples
/// ```
/// let path = concat!(
///     env!("CARGO_MANIFEST_DIR"),
///     "/../../tests/data/smap/SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5"
/// );
/// let orbit = vadose_io::spl2smp::read(path)?;
/// assert_eq!(orbit.cells.len(), 17_245);
/// let soil_moisture = &orbit.fields["soil_moisture"];
/// assert_eq!((soil_moisture.counts.valid, soil_moisture.counts.out_of_range), (604, 76));
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn read(path: impl AsRef<Path>) -> Result<Spl2Smp, IoError> {
    read_group(path, OrbitGroup::Global, OutOfRange::Missing)
}

/// Reads one group of an SPL2SMP or SPL2SMP_E granule, with or without values outside the range.
///
/// # Errors
/// As [`read`]; [`IoError::MissingDataset`] for the polar group of a granule that has none.
pub fn read_group(
    path: impl AsRef<Path>,
    group: OrbitGroup,
    out_of_range: OutOfRange,
) -> Result<Spl2Smp, IoError> {
    read_datasets(path.as_ref(), group, None, out_of_range)
}

/// Reads some variables of the global group of an SPL2SMP or SPL2SMP_E granule, and no others.
///
/// A half orbit of SPL2SMP_E has some seventy datasets; most uses need few of them.
///
/// # Shapes and units
/// As [`read`].
/// # Missing values
/// As [`read`]. A variable that the file lacks is not in the result: see
/// [`Spl2Smp::require_field`].
/// # Errors
/// As [`read`].
/// # Examples
/// ```
/// let path = concat!(
///     env!("CARGO_MANIFEST_DIR"),
///     "/../../tests/data/smap/SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5"
/// );
/// let orbit = vadose_io::spl2smp::read_variables(path, &["soil_moisture", "tb_time_seconds"])?;
/// assert_eq!(orbit.fields.len(), 1);
/// assert!(orbit.time_seconds.is_some());
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn read_variables(path: impl AsRef<Path>, variables: &[&str]) -> Result<Spl2Smp, IoError> {
    let group = OrbitGroup::Global;
    read_datasets(path.as_ref(), group, Some(variables), OutOfRange::Missing)
}

fn read_datasets(
    path: &Path,
    group: OrbitGroup,
    variables: Option<&[&str]>,
    out_of_range: OutOfRange,
) -> Result<Spl2Smp, IoError> {
    let file = Hdf5File::open(path)?;
    let product = file.expect_product(&[Product::Spl2Smp, Product::Spl2SmpE])?;
    let Some(spec) = group.spec(product) else {
        let dataset = "Soil_Moisture_Retrieval_Data_Polar".to_string();
        return Err(IoError::MissingDataset {
            path: file.path,
            dataset,
        });
    };
    let group = open_group(&file, spec)?;
    let cells = group.cells()?;
    let mut read = group.read_fields(Wanted {
        names: &group.names_of(variables),
        shape: Ix1(cells.len()),
        part: None,
        out_of_range,
    })?;
    Ok(Spl2Smp {
        cells,
        time_seconds: read.times.remove("tb_time_seconds"),
        fields: read.fields,
        flags: read.flags,
        classes: read.classes,
        path: file.path.clone(),
        product,
        spec,
    })
}

impl Spl2Smp {
    /// The file that was read.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SPL2SMP or SPL2SMP_E.
    #[must_use]
    pub fn product(&self) -> Product {
        self.product
    }

    /// The grid of [`Spl2Smp::cells`]: M36, M09 or N09.
    #[must_use]
    pub fn grid(&self) -> EaseGrid2 {
        self.spec.grid
    }

    /// Cells of recommended quality, `[cell]`: soil moisture is present and bit 0 of
    /// `retrieval_qual_flag` is clear.
    #[must_use]
    pub fn recommended(&self) -> Array1<bool> {
        cell_fields::recommended(&self.fields, &self.flags, Ix1(self.cells.len()))
    }

    /// A field by name, or an error that names the dataset.
    ///
    /// # Errors
    /// [`IoError::MissingDataset`].
    pub fn require_field(&self, name: &str) -> Result<&TrajectoryField, IoError> {
        self.fields
            .get(name)
            .ok_or_else(|| IoError::MissingDataset {
                path: self.path.clone(),
                dataset: format!("{}/{name}", self.spec.name),
            })
    }

    /// The soil moisture of a half orbit that has some.
    ///
    /// # Errors
    /// [`IoError::NoValidSoilMoisture`] if every cell is missing or out of range.
    pub fn require_soil_moisture(&self) -> Result<&TrajectoryField, IoError> {
        let field = self.require_field("soil_moisture")?;
        if field.counts.valid == 0 {
            return Err(IoError::NoValidSoilMoisture {
                path: self.path.clone(),
                dataset: format!("{}/soil_moisture", self.spec.name),
                cells: self.cells.len(),
            });
        }
        Ok(field)
    }
}
