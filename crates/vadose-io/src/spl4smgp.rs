//! Reader of SPL4SMGP: three hours of the assimilating model, on the whole 9 km grid.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::Ix2;
use vadose_grid::Window;

use crate::cell_fields::Wanted;
use crate::decode::OutOfRange;
use crate::granule_group::open_group;
use crate::hdf5_file::Hdf5File;
use crate::raw_dataset::Part;
use crate::{GranuleField, IoError, Product};

/// Variables of an SPL4SMGP granule in a window.
///
/// Which three hours they are the mean of, the file's name says:
/// [`GranuleName::start`](crate::GranuleName::start) is their middle.
#[derive(Debug, Clone)]
pub struct Spl4Smgp {
    /// Quantities by name, `[row, col]`; f32, NaN where missing or out of range.
    pub fields: BTreeMap<String, GranuleField>,
    path: PathBuf,
    window: Window,
}

/// Reads variables of an SPL4SMGP granule in a window, without touching the rest of the globe.
///
/// # Shapes and units
/// `[row, col]` of the window, which lies on M09, row 0 northernmost; the file's units.
/// # Missing values
/// The fill value -9999 (water and ice) becomes NaN, and so do values outside the valid range,
/// which are counted apart.
/// # Errors
/// A file that cannot be opened, is no HDF5, is truncated or is another product;
/// [`IoError::WrongGrid`] for a window of another grid; [`IoError::MissingDataset`] for a variable
/// that the file lacks; an array that does not span the grid.
/// # References
/// Reichle et al., SMAP L4 Global 3-hourly 9 km EASE-Grid Surface and Root Zone Soil Moisture
/// Geophysical Data, version 7, doi:10.5067/EVKPQZ4AFC4D.
/// # Examples
/// ```no_run
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_io::spl4smgp;
///
/// let window = Window::new(EaseGrid2::M09, 188, 589, 294, 633)?;
/// let path = "SMAP_L4_SM_gph_20170601T133000_Vv7032_001.h5";
/// let analysis = spl4smgp::read(path, window, &["sm_surface", "surface_temp"])?;
/// println!("{} cells of land", analysis.fields["sm_surface"].counts.valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(
    path: impl AsRef<Path>,
    window: Window,
    variables: &[&str],
) -> Result<Spl4Smgp, IoError> {
    let file = Hdf5File::open(path.as_ref())?;
    let product = file.expect_product(&[Product::Spl4Smgp])?;
    let spec = &product.groups()[0];
    if spec.grid != window.grid() {
        return Err(file.wrong_grid(product, &window));
    }
    let group = open_group(&file, spec)?;
    let names: Vec<String> = variables.iter().map(ToString::to_string).collect();
    if let Some(name) = names.iter().find(|name| !group.names.contains(name)) {
        return Err(IoError::MissingDataset {
            path: file.path.clone(),
            dataset: format!("{}/{name}", spec.name),
        });
    }
    let read = group.read_fields(Wanted {
        names: &names,
        shape: Ix2(window.rows(), window.cols()),
        part: Some(Part::of_grid(&window)),
        out_of_range: OutOfRange::Missing,
    })?;
    Ok(Spl4Smgp {
        fields: read.fields,
        path: file.path.clone(),
        window,
    })
}

impl Spl4Smgp {
    /// The file that was read.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The cells of the arrays.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }
}
