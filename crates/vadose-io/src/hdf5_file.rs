//! An open SMAP granule: checked before HDF5 sees it, its groups and attributes.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use hdf5::types::{FixedAscii, FixedUnicode, TypeDescriptor, VarLenAscii, VarLenUnicode};

use vadose_grid::{EaseGrid2, Window};

use crate::{IoError, Product};

const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";
/// Group of the morning passes of daily products.
const DAILY: &str = "Soil_Moisture_Retrieval_Data_AM";
/// Longest text attribute that is read; `flag_meanings` has some 700 bytes.
const TEXT_BYTES: usize = 4096;
/// Most values that one read may give. The largest array of a product has 19 million (SPL3SMP_E: 1,624×3,856
/// cells, three land cover classes each).
const MAX_VALUES: usize = 1 << 25;

/// An HDF5 file that is open for reading. HDF5's own printing to stderr is off: the binding turns
/// it off for every thread that calls it, and what HDF5 says comes back in [`IoError`].
pub(crate) struct Hdf5File {
    pub(crate) path: PathBuf,
    file: hdf5::File,
}

impl Hdf5File {
    pub(crate) fn open(path: &Path) -> Result<Self, IoError> {
        check_signature(path)?;
        let file = hdf5::File::open(path).map_err(|error| damaged(path, "/", &error))?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
        })
    }

    pub(crate) fn damaged(&self, dataset: &str, error: &hdf5::Error) -> IoError {
        damaged(&self.path, dataset, error)
    }

    /// A group of the root, or `None` if there is none of this name.
    pub(crate) fn group(&self, name: &str) -> Result<Option<hdf5::Group>, IoError> {
        if !self.file.link_exists(name) {
            return Ok(None);
        }
        self.file
            .group(name)
            .map(Some)
            .map_err(|error| self.damaged(name, &error))
    }

    /// Whether there is something of a full name.
    pub(crate) fn has(&self, name: &str) -> bool {
        link_path_exists(&self.file, name)
    }

    /// A dataset by its full name, which must be there.
    pub(crate) fn dataset(&self, name: &str) -> Result<hdf5::Dataset, IoError> {
        if !self.has(name) {
            return Err(IoError::MissingDataset {
                path: self.path.clone(),
                dataset: name.to_string(),
            });
        }
        let dataset = self.file.dataset(name);
        dataset.map_err(|error| self.damaged(name, &error))
    }

    pub(crate) fn check_shape(
        &self,
        name: &str,
        dataset: &hdf5::Dataset,
        expected: &[usize],
    ) -> Result<(), IoError> {
        let got = dataset.shape();
        if got == expected {
            return Ok(());
        }
        Err(IoError::WrongShape {
            path: self.path.clone(),
            dataset: name.to_string(),
            expected: expected.to_vec(),
            got,
        })
    }

    /// Which product this is: by the mission's short name in the metadata, and where a subsetter
    /// has left that out, by the groups.
    pub(crate) fn product(&self) -> Result<Product, IoError> {
        let named = self.short_name()?;
        if let Some(short_name) = &named {
            let known = Product::ALL
                .into_iter()
                .find(|p| p.mission_name() == short_name);
            return known.ok_or_else(|| IoError::UnsupportedProduct {
                path: self.path.clone(),
                short_name: short_name.clone(),
            });
        }
        if self.file.link_exists("Soil_Moisture_Retrieval_Data_1km") {
            return Ok(Product::Spl2SmapS);
        }
        if self.file.link_exists("Soil_Moisture_Retrieval_Data") {
            return self.radiometer_product();
        }
        if self.file.link_exists(DAILY) {
            return self.daily_product();
        }
        if self.file.link_exists("Geophysical_Data") {
            return Ok(Product::Spl4Smgp);
        }
        let found = self
            .file
            .member_names()
            .map_err(|error| self.damaged("/", &error))?;
        let found = if found.is_empty() {
            "nothing".to_string()
        } else {
            found.join(", ")
        };
        Err(IoError::NotSmap {
            path: self.path.clone(),
            found,
        })
    }

    /// SPL3SMP or SPL3SMP_E, which share their group: by the shape of its arrays.
    fn daily_product(&self) -> Result<Product, IoError> {
        let shape = self.dataset(&format!("{DAILY}/soil_moisture"))?.shape();
        let is_36_km = shape.first() == Some(&EaseGrid2::M36.rows());
        Ok(if is_36_km {
            Product::Spl3Smp
        } else {
            Product::Spl3SmpE
        })
    }

    /// SPL2SMP or SPL2SMP_E, which share their group: by the largest row index that the file
    /// allows, 405 on M36.
    fn radiometer_product(&self) -> Result<Product, IoError> {
        let dataset = "Soil_Moisture_Retrieval_Data/EASE_row_index";
        let indices = self.dataset(dataset)?;
        let last_row_m36 = (EaseGrid2::M36.rows() - 1) as f64;
        Ok(match number_attribute(&indices, "valid_max") {
            Some(largest) if largest > last_row_m36 => Product::Spl2SmpE,
            _ => Product::Spl2Smp,
        })
    }

    /// The product, which must be one of those that a reader is for.
    pub(crate) fn expect_product(&self, expected: &[Product]) -> Result<Product, IoError> {
        let got = self.product()?;
        if expected.contains(&got) {
            return Ok(got);
        }
        let names: Vec<_> = expected
            .iter()
            .map(|product| product.short_name())
            .collect();
        Err(IoError::WrongProduct {
            path: self.path.clone(),
            expected: names.join(" or "),
            got: got.to_string(),
        })
    }

    /// The refusal of a window that lies on no grid of the product.
    pub(crate) fn wrong_grid(&self, product: Product, window: &Window) -> IoError {
        let mut grids: Vec<_> = product
            .groups()
            .iter()
            .map(|group| group.grid.name())
            .collect();
        grids.dedup();
        IoError::WrongGrid {
            path: self.path.clone(),
            expected: grids.join(" or "),
            got: window.grid().name().to_string(),
        }
    }

    fn short_name(&self) -> Result<Option<String>, IoError> {
        let name = "Metadata/DatasetIdentification";
        if !self.has(name) {
            return Ok(None);
        }
        let group = self
            .file
            .group(name)
            .map_err(|error| self.damaged(name, &error))?;
        Ok(text_attribute(&group, "SMAPShortName"))
    }
}

/// Refuses what is no HDF5 file with the reason, before the library gives its own.
fn check_signature(path: &Path) -> Result<(), IoError> {
    let failed = |action| {
        move |source| IoError::File {
            action,
            path: path.to_path_buf(),
            source,
        }
    };
    let mut file = File::open(path).map_err(failed("open"))?;
    let metadata = file.metadata().map_err(failed("open"))?;
    if !metadata.is_file() {
        return Err(IoError::NotAFile {
            path: path.to_path_buf(),
        });
    }
    // The signature stands at byte 0 or, after a user block, at 512, 1024, 2048 and so on.
    let mut offset = 0;
    while offset + SIGNATURE.len() as u64 <= metadata.len() {
        let mut bytes = [0; SIGNATURE.len()];
        file.seek(SeekFrom::Start(offset)).map_err(failed("read"))?;
        file.read_exact(&mut bytes).map_err(failed("read"))?;
        if bytes == SIGNATURE {
            return Ok(());
        }
        offset = if offset == 0 { 512 } else { 2 * offset };
    }
    Err(IoError::NotHdf5 {
        path: path.to_path_buf(),
    })
}

fn damaged(path: &Path, dataset: &str, error: &hdf5::Error) -> IoError {
    IoError::DamagedHdf5 {
        path: path.to_path_buf(),
        dataset: dataset.to_string(),
        reason: error.to_string(),
    }
}

/// All values of a dataset.
pub(crate) fn read_whole(dataset: &hdf5::Dataset) -> Result<Vec<f64>, hdf5::Error> {
    check_size(dataset.shape().into_iter())?;
    dataset.read_raw()
}

/// Refuses a size that no product has before memory is taken for it: a damaged file of a few bytes can claim any.
pub(crate) fn check_size(lengths: impl Iterator<Item = usize>) -> Result<(), hdf5::Error> {
    let n_values = lengths.fold(1, usize::saturating_mul);
    if n_values > MAX_VALUES {
        let message = format!("{n_values} values; no product has more than {MAX_VALUES}");
        return Err(message.into());
    }
    Ok(())
}

/// Whether a link is there, with every group that leads to it.
pub(crate) fn link_path_exists(group: &hdf5::Group, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(end, _)| end);
    ends.chain([path.len()])
        .all(|end| group.link_exists(&path[..end]))
}

/// A number from an attribute; `None` if it is absent, empty or no number.
pub(crate) fn number_attribute(location: &hdf5::Location, name: &str) -> Option<f64> {
    let attribute = location.attr(name).ok()?;
    if !is_number(&attribute) {
        return None;
    }
    attribute.read_raw::<f64>().ok()?.first().copied()
}

/// Text from an attribute of any of HDF5's string types; `None` if it is absent or no text.
pub(crate) fn text_attribute(location: &hdf5::Location, name: &str) -> Option<String> {
    let attribute = location.attr(name).ok()?;
    let text = match attribute.dtype().ok()?.to_descriptor().ok()? {
        TypeDescriptor::VarLenUnicode => attribute.read_scalar::<VarLenUnicode>().ok()?.to_string(),
        TypeDescriptor::VarLenAscii => attribute.read_scalar::<VarLenAscii>().ok()?.to_string(),
        TypeDescriptor::FixedAscii(_) => attribute
            .read_scalar::<FixedAscii<TEXT_BYTES>>()
            .ok()?
            .to_string(),
        TypeDescriptor::FixedUnicode(_) => attribute
            .read_scalar::<FixedUnicode<TEXT_BYTES>>()
            .ok()?
            .to_string(),
        _ => return None,
    };
    Some(text.trim_end_matches(['\0', ' ']).to_string())
}

/// Whether a dataset or attribute holds numbers.
pub(crate) fn is_number(container: &hdf5::Container) -> bool {
    is_integer(container) || matches!(descriptor(container), Some(TypeDescriptor::Float(_)))
}

/// Whether a dataset or attribute holds integers.
pub(crate) fn is_integer(container: &hdf5::Container) -> bool {
    matches!(
        descriptor(container),
        Some(TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_))
    )
}

/// Name of a numerical type, e.g. `float32` or `uint16`; HDF5's own for others.
pub(crate) fn type_name(container: &hdf5::Container) -> String {
    match descriptor(container) {
        Some(kind @ TypeDescriptor::Float(_)) => format!("float{}", 8 * kind.size()),
        Some(kind @ TypeDescriptor::Integer(_)) => format!("int{}", 8 * kind.size()),
        Some(kind @ TypeDescriptor::Unsigned(_)) => format!("uint{}", 8 * kind.size()),
        Some(kind) => kind.to_string(),
        None => "unknown".to_string(),
    }
}

fn descriptor(container: &hdf5::Container) -> Option<TypeDescriptor> {
    container.dtype().ok()?.to_descriptor().ok()
}
