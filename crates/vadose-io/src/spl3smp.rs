//! Reader of SPL3SMP (36 km) and SPL3SMP_E (9 km): the passes of a day on whole grids.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::{Array2, Ix2};
use vadose_grid::Window;

use crate::cell_fields::{self, Wanted};
use crate::decode::OutOfRange;
use crate::granule_group::open_group;
use crate::hdf5_file::Hdf5File;
use crate::raw_dataset::Part;
use crate::schema::GroupSpec;
use crate::{FlagField, GranuleField, IoError, Product};

/// A window of the morning or evening passes of a day.
///
/// Names are those of the file without the `_pm` of evening passes.
#[derive(Debug, Clone)]
pub struct Spl3Smp {
    /// Quantities by base name, `[row, col]`; f32, NaN where missing. The fractions of the second
    /// and third commonest land cover are `landcover_class_fraction_2` and `…_3`.
    pub fields: BTreeMap<String, GranuleField>,
    /// Words of bit flags by base name; see [`crate::flags`].
    pub flags: BTreeMap<String, FlagField>,
    /// Class numbers by base name: `landcover_class` (the commonest, IGBP), `landcover_class_2`,
    /// `landcover_class_3`, `grid_surface_status`.
    pub classes: BTreeMap<String, FlagField>,
    /// Time of each cell in seconds since J2000, NaN where missing; `None` if the file has none.
    pub time_seconds: Option<Array2<f64>>,
    path: PathBuf,
    product: Product,
    pass: Pass,
    window: Window,
}

/// The passes of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pass {
    /// Descending, about 6 a.m. local solar time: group `…_AM`.
    Morning,
    /// Ascending, about 6 p.m. local solar time: group `…_PM`.
    Evening,
}

impl Pass {
    /// The group that holds these passes on the window's grid.
    fn group(self, product: Product, window: &Window) -> Option<&'static GroupSpec> {
        let ending = match self {
            Pass::Morning => "_AM",
            Pass::Evening => "_PM",
        };
        let groups = product.groups().iter();
        groups
            .filter(|group| group.name.ends_with(ending))
            .find(|group| group.grid == window.grid())
    }
}

/// Reads a window of an SPL3SMP or SPL3SMP_E granule.
///
/// The window's grid chooses the group: M36 of SPL3SMP, M09 or, polar, N09 of SPL3SMP_E.
///
/// # Shapes and units
/// `[row, col]` of the window, row 0 northernmost; CF units.
/// # Missing values
/// Fill values become NaN (integers: `valid` is false), and so do values outside the valid range,
/// which are counted apart.
/// # Errors
/// A file that cannot be opened, is no HDF5, is truncated or is another product;
/// [`IoError::WrongGrid`] for a window of another grid; a missing group, soil moisture or quality
/// flag; an array that does not span the grid.
/// # References
/// O'Neill et al., SMAP L3 Radiometer Global Daily 36 km EASE-Grid Soil Moisture, version 8,
/// doi:10.5067/OMHVSRGFX38O; Enhanced, 9 km, version 5, doi:10.5067/4DQ54OUIJ9DL.
/// # Examples
/// ```no_run
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_io::spl3smp::{self, Pass};
///
/// let window = Window::new(EaseGrid2::M36, 60, 150, 80, 160)?;
/// let day = spl3smp::read("SMAP_L3_SM_P_20170601_R18290_001.h5", Pass::Morning, window)?;
/// println!("{} cells", day.recommended().iter().filter(|&&good| good).count());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(path: impl AsRef<Path>, pass: Pass, window: Window) -> Result<Spl3Smp, IoError> {
    let file = Hdf5File::open(path.as_ref())?;
    let product = file.expect_product(&[Product::Spl3Smp, Product::Spl3SmpE])?;
    let spec = pass
        .group(product, &window)
        .ok_or_else(|| file.wrong_grid(product, &window))?;
    let group = open_group(&file, spec)?;
    let mut read = group.read_fields(Wanted {
        names: &group.names,
        shape: Ix2(window.rows(), window.cols()),
        part: Some(Part::of_grid(&window)),
        out_of_range: OutOfRange::Missing,
    })?;
    Ok(Spl3Smp {
        time_seconds: read.times.remove("tb_time_seconds"),
        fields: read.fields,
        flags: read.flags,
        classes: read.classes,
        path: file.path.clone(),
        product,
        pass,
        window,
    })
}

impl Spl3Smp {
    /// The file that was read.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SPL3SMP or SPL3SMP_E.
    #[must_use]
    pub fn product(&self) -> Product {
        self.product
    }

    /// The passes that were read.
    #[must_use]
    pub fn pass(&self) -> Pass {
        self.pass
    }

    /// The cells of the arrays.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// Cells of recommended quality, `[row, col]`: soil moisture is present and bit 0 of
    /// `retrieval_qual_flag` is clear.
    #[must_use]
    pub fn recommended(&self) -> Array2<bool> {
        let shape = Ix2(self.window.rows(), self.window.cols());
        cell_fields::recommended(&self.fields, &self.flags, shape)
    }
}
