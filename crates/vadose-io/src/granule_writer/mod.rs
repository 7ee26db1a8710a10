//! Writer of SMAP granules, from the schema that the readers use.
//!
//! A granule is written as the mission writes it: every dataset of the product's table with its
//! type, attributes, chunks and compression, fill where no values are given. What the cells are
//! (indices, latitudes, longitudes) follows from their placement, and what identifies the product
//! is written too, so the contents name only what was measured or modelled.

mod check;
mod contents;
mod datasets;
mod placed;
mod spl4_root;

use std::path::Path;

use hdf5::types::VarLenAscii;

pub use self::contents::{
    GranuleContents, GroupContents, MetadataEntry, MetadataValue, Placement, Values, metadata_of,
};
use self::datasets::GroupWriter;
use self::placed::Placed;
use crate::hdf5_file::link_path_exists;
use crate::hdf5_output::create_in_memory;
use crate::schema::{GroupSpec, Need};
use crate::{IoError, Product, write_atomically};

/// Epoch of SMAP's times, as every granule states it; see [`crate::timestamp_of_j2000_seconds`].
const EPOCH_UTC: &str = "2000-01-01T11:58:55.816Z";

/// Writes a granule of any [`Product`].
///
/// The file appears under its name only when it is whole. The same contents give the same bytes:
/// HDF5 is kept from recording times.
///
/// # Shapes and units
/// Values have the shape of their placement, `[row, col]` of the window or `[cell]`, with a further
/// axis where the product has several values for a cell. Units and types are those of the file:
/// see [`crate::schema::VariableSpec`]. Of a whole-grid product (SPL3SMP,
/// SPL3SMP_E, SPL4SMGP) the window is written
/// and the rest of the globe is fill that takes no space.
/// # Missing values
/// NaN becomes the product's fill value; integers are written as they are. A dataset without values
/// is all fill.
/// # Errors
/// [`IoError::BadGranule`] for a group or base name that the product's table lacks, a wrong type or
/// shape, a placement off the grid or of the wrong kind, and for values of what follows from the
/// placement; [`IoError::Write`] if HDF5 fails; [`IoError::File`]. No file is left behind.
/// # References
/// The real granules of the test data: SPL2SMAP_S R17000, SPL2SMP R18290.
/// # Examples
/// ```
/// use std::collections::BTreeMap;
/// use ndarray::Array2;
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_io::granule_writer::{GranuleContents, GroupContents, Placement, write_granule};
/// use vadose_io::{Product, Resolution, spl2smap_s};
///
/// let window = Window::new(EaseGrid2::M01, 2808, 18198, 6, 9)?;
/// let soil_moisture = Array2::from_elem((6, 9), 0.25_f32);
/// let contents = GranuleContents {
///     product: Product::Spl2SmapS,
///     metadata: Vec::new(),
///     groups: vec![GroupContents {
///         name: "Soil_Moisture_Retrieval_Data_1km".to_string(),
///         placement: Placement::Rectangle(window),
///         values: BTreeMap::from([("soil_moisture".to_string(), soil_moisture.into())]),
///     }],
/// };
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("granule.h5");
/// write_granule(&path, &contents)?;
/// let granule = spl2smap_s::read(&path, Resolution::Km1)?;
/// assert_eq!(granule.window(), window);
/// assert_eq!(granule.fields["soil_moisture"].values[[5, 8]], 0.25);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_granule(path: impl AsRef<Path>, contents: &GranuleContents) -> Result<(), IoError> {
    let path = path.as_ref();
    check::check(path, contents)?;
    write_atomically(path, |temporary| {
        write(temporary, contents).map_err(|error| IoError::Write {
            path: path.to_path_buf(),
            format: "HDF5",
            reason: error.to_string(),
        })
    })
}

/// Writes what was checked.
fn write(path: &Path, contents: &GranuleContents) -> hdf5::Result<()> {
    let file = create_in_memory(path)?;
    write_metadata(&file, contents)?;
    for (spec, group) in pairs(contents) {
        write_group(&file, spec, group)?;
        if contents.product == Product::Spl4Smgp
            && let Placement::Rectangle(window) = &group.placement
        {
            spl4_root::write(&file, window)?;
        }
    }
    file.close()
}

/// The groups that are written, in the product's order, with their tables.
fn pairs(contents: &GranuleContents) -> impl Iterator<Item = (&'static GroupSpec, &GroupContents)> {
    contents.product.groups().iter().filter_map(|spec| {
        let mut groups = contents.groups.iter();
        Some((spec, groups.find(|group| group.name == spec.name)?))
    })
}

fn write_group(file: &hdf5::File, spec: &GroupSpec, contents: &GroupContents) -> hdf5::Result<()> {
    let placed = Placed::new(spec, &contents.placement);
    let writer = GroupWriter::new(file.create_group(spec.name)?, spec, &placed);
    for variable in spec.variables.iter().filter(|v| v.same_as.is_none()) {
        for variant in spec.variants {
            let base = format!("{}{variant}", variable.base);
            let values = contents.values.get(&base);
            let values = values.or(placed.values_of(variable));
            if variable.need != Need::Rare || values.is_some() {
                writer.write(&base, variable, values)?;
            }
        }
    }
    for variable in spec.variables {
        if let Some(target) = variable.same_as {
            writer.link(target, variable.base)?;
        }
    }
    Ok(())
}

/// What identifies the product, then what the contents say.
fn write_metadata(file: &hdf5::File, contents: &GranuleContents) -> hdf5::Result<()> {
    let product = contents.product;
    let own = [
        (
            "DatasetIdentification",
            "SMAPShortName",
            product.mission_name(),
        ),
        ("DatasetIdentification", "shortName", product.short_name()),
        ("ProcessStep", "epochUTCDateTime", EPOCH_UTC),
    ];
    for (group, attribute, text) in own {
        let text = MetadataValue::Text(text.to_string());
        write_entry(file, group, attribute, &text)?;
    }
    for entry in &contents.metadata {
        write_entry(file, &entry.group, &entry.attribute, &entry.value)?;
    }
    Ok(())
}

fn write_entry(
    file: &hdf5::File,
    group: &str,
    attribute: &str,
    value: &MetadataValue,
) -> hdf5::Result<()> {
    let path = format!("Metadata/{group}");
    let group = if link_path_exists(file, &path) {
        file.group(&path)?
    } else {
        file.create_group(&path)?
    };
    match value {
        MetadataValue::Text(text) => {
            let text = VarLenAscii::from_ascii(text)
                .map_err(|_| hdf5::Error::from(format!("`{attribute}` is no ASCII text")))?;
            let builder = group.new_attr::<VarLenAscii>();
            builder.create(attribute)?.write_scalar(&text)
        }
        MetadataValue::F32(number) => group
            .new_attr::<f32>()
            .create(attribute)?
            .write_scalar(number),
        MetadataValue::U32(number) => group
            .new_attr::<u32>()
            .create(attribute)?
            .write_scalar(number),
        MetadataValue::F32List(numbers) => {
            let builder = group.new_attr::<f32>().shape(numbers.len());
            builder.create(attribute)?.write_raw(numbers)
        }
    }
}
