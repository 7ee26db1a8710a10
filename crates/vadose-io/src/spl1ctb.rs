//! Reader of SPL1CTB_E: brightness temperatures of a half orbit at 9 km, fore and aft.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Ix1};
use vadose_grid::{Cell, EaseGrid2};

use crate::cell_fields::Wanted;
use crate::decode::OutOfRange;
use crate::granule_group::open_group;
use crate::hdf5_file::Hdf5File;
use crate::{IoError, Product, TrajectoryField, TrajectoryFlagField};

/// A half orbit of SPL1CTB_E on one grid: one entry for each cell that the satellite passed.
#[derive(Debug, Clone)]
pub struct Spl1Ctb {
    /// The cells, in the file's order, on [`Spl1Ctb::grid`].
    pub cells: Vec<Cell>,
    /// Quantities by dataset name, `[cell]`, e.g. `cell_tb_v_fore`; f32, NaN where missing.
    pub fields: BTreeMap<String, TrajectoryField>,
    /// Words of bit flags by dataset name; see [`crate::flags::TbQualityFlag`].
    pub flags: BTreeMap<String, TrajectoryFlagField>,
    /// Times by dataset name, `cell_tb_time_seconds_fore` and `…_aft`: seconds since J2000, NaN
    /// where missing.
    pub times: BTreeMap<String, Array1<f64>>,
    path: PathBuf,
    grid: EaseGrid2,
}

/// The projections of a half orbit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Projection {
    /// `Global_Projection`, on M09.
    #[default]
    Global,
    /// `North_Polar_Projection`, on N09.
    NorthPolar,
    /// `South_Polar_Projection`, on S09.
    SouthPolar,
}

/// Reads one projection of an SPL1CTB_E granule.
///
/// # Shapes and units
/// `[cell]`; brightness temperatures in K.
/// # Missing values
/// Fill values become NaN (integers: `valid` is false), and so do values outside the valid range,
/// which are counted apart.
/// # Errors
/// A file that cannot be opened, is no HDF5, is truncated or is another product; a missing group
/// or cell index; an index beyond the grid.
/// # References
/// Chaubell et al., SMAP Enhanced L1C Radiometer Half-Orbit 9 km EASE-Grid Brightness Temperatures,
/// version 3, doi:10.5067/XB8K63YM4U8O.
/// # Examples
/// ```no_run
/// use vadose_io::spl1ctb::{self, Projection};
///
/// let path = "SMAP_L1C_TB_E_12345_D_20170601T120000_R18290_001.h5";
/// let orbit = spl1ctb::read(path, Projection::Global)?;
/// println!("{} cells", orbit.fields["cell_tb_v_fore"].counts.valid);
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn read(path: impl AsRef<Path>, projection: Projection) -> Result<Spl1Ctb, IoError> {
    let file = Hdf5File::open(path.as_ref())?;
    let groups = file.expect_product(&[Product::Spl1CtbE])?.groups();
    let spec = match projection {
        Projection::Global => &groups[0],
        Projection::NorthPolar => &groups[1],
        Projection::SouthPolar => &groups[2],
    };
    let group = open_group(&file, spec)?;
    let cells = group.cells()?;
    let read = group.read_fields(Wanted {
        names: &group.names,
        shape: Ix1(cells.len()),
        part: None,
        out_of_range: OutOfRange::Missing,
    })?;
    Ok(Spl1Ctb {
        cells,
        fields: read.fields,
        flags: read.flags,
        times: read.times,
        path: file.path.clone(),
        grid: spec.grid,
    })
}

impl Spl1Ctb {
    /// The file that was read.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The grid of [`Spl1Ctb::cells`]: M09, N09 or S09.
    #[must_use]
    pub fn grid(&self) -> EaseGrid2 {
        self.grid
    }
}
