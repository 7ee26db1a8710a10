//! What the files of each SMAP product hold, as data: one table per product.
//!
//! Readers take units, valid ranges and fill values from here where a file does not state them,
//! and know from here which datasets they cannot do without; [`crate::write_granule`] finds here
//! every name, type and attribute. A dataset that is in a file and not in the table is read by its
//! own attributes.

mod radiometer;
mod rows;
mod spl1ctb;
mod spl2smap_s;
mod spl2smp;
mod spl3smp;
mod spl4smgp;

use vadose_grid::EaseGrid2;

use crate::flags::FlagBit;
use crate::{Product, Resolution};

/// One group of a product: its grid, its layout and its datasets.
#[derive(Debug, Clone, Copy)]
pub struct GroupSpec {
    /// Name in the root of the file.
    pub name: &'static str,
    /// Grid that the cell indices count on.
    pub grid: EaseGrid2,
    /// How the cells are laid out.
    pub layout: Layout,
    /// What every dataset name ends in: `_1km`, `_3km` or nothing.
    pub suffix: &'static str,
    /// What stands between base name and suffix in the twins of each dataset: `["", "_apm"]` where
    /// the group holds the results of the alternative algorithm too.
    pub variants: &'static [&'static str],
    /// Base names of the datasets that say where the cells are.
    pub cells: CellNames,
    /// Whether a file without the group is still a file of the product.
    pub need: Need,
    /// The datasets, by base name.
    pub variables: &'static [VariableSpec],
}

/// Base names of the datasets that say where the cells of a group are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellNames {
    /// Row on the grid.
    pub row: &'static str,
    /// Column on the grid.
    pub col: &'static str,
    /// Latitude of the cell centre.
    pub latitude: &'static str,
    /// Longitude of the cell centre.
    pub longitude: &'static str,
}

impl CellNames {
    /// Names in the soil-moisture products.
    pub const EASE: CellNames = CellNames {
        row: "EASE_row_index",
        col: "EASE_column_index",
        latitude: "latitude",
        longitude: "longitude",
    };
}

/// How the cells of a group are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `[row, col]`: a rectangle of the grid.
    Rectangle,
    /// `[cell]`: the cells that the satellite passed, in any order.
    Trajectory,
    /// `[row, col]`: the whole grid.
    WholeGrid {
        /// Rows and columns of the blocks that a file is stored in.
        chunk: [usize; 2],
    },
}

/// Whether a reader can do without a dataset or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Its absence is an error.
    Required,
    /// Its absence is no error.
    Optional,
    /// Its absence is no error, and usual: it is written only where somebody gives its values.
    Rare,
}

/// One dataset of a group.
#[derive(Debug, Clone, Copy)]
pub struct VariableSpec {
    /// Name without the group's suffix.
    pub base: &'static str,
    /// What the values are.
    pub kind: Kind,
    /// Type in the file.
    pub storage: Storage,
    /// Number of values for each cell: 1, or 3 for the three commonest land covers.
    pub per_cell: usize,
    /// CF units in memory.
    pub units: &'static str,
    /// What the file's `units` attribute says, wrong or not; empty where it has none.
    pub file_units: &'static str,
    /// Smallest and largest valid value, both included.
    pub valid_range: Option<[f64; 2]>,
    /// Value that stands for 'missing'.
    pub fill: Option<f64>,
    /// Whether a reader can do without it.
    pub need: Need,
    /// The dataset that this is a second name (a hard link) of.
    pub same_as: Option<&'static str>,
    /// What the file says it is, slips and all; `{km}` stands for the cell size. Read it with
    /// [`GroupSpec::long_name`].
    pub long_name: &'static str,
}

/// What the values of a dataset are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A measured or modelled quantity.
    Quantity,
    /// A word of bit flags; `nothing_tried` is a word whose bits describe nothing.
    Flags {
        /// The bits.
        bits: &'static [FlagBit],
        /// What the file writes before each meaning; `{km}` stands for the cell size.
        prefix: &'static str,
        /// The word that the product writes where it tried nothing.
        nothing_tried: Option<u16>,
    },
    /// A class number, e.g. of land cover.
    Class,
    /// Row or column on the group's grid.
    CellIndex,
    /// Latitude or longitude of the cell centre, to which the files give neither fill value nor
    /// range, although some hold the fill value.
    CellCentre,
    /// Seconds since J2000.
    Time,
    /// Text, which is not read.
    Text,
}

/// Type of a dataset in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// 16-bit unsigned integer.
    U16,
    /// 8-bit unsigned integer.
    U8,
    /// ASCII of a fixed number of bytes.
    Ascii(usize),
}

impl Product {
    /// The groups of the product's files.
    ///
    /// # Examples
    /// ```
    /// use vadose_io::Product;
    ///
    /// let group = &Product::Spl2SmapS.groups()[0];
    /// let temperature = group.variable("surface_temperature").unwrap();
    /// assert_eq!(temperature.valid_range, Some([200.0, 350.0]));
    /// assert_eq!(temperature.units, "K");
    /// ```
    #[must_use]
    pub fn groups(self) -> &'static [GroupSpec] {
        match self {
            Product::Spl2SmapS => spl2smap_s::GROUPS,
            Product::Spl2Smp => spl2smp::GROUPS_36_KM,
            Product::Spl2SmpE => spl2smp::GROUPS_9_KM,
            Product::Spl3Smp => spl3smp::GROUPS_36_KM,
            Product::Spl3SmpE => spl3smp::GROUPS_9_KM,
            Product::Spl4Smgp => spl4smgp::GROUPS,
            Product::Spl1CtbE => spl1ctb::GROUPS,
        }
    }
}

impl Resolution {
    /// The group that holds this resolution.
    #[must_use]
    pub fn group(self) -> &'static GroupSpec {
        match self {
            Resolution::Km1 => &spl2smap_s::GROUPS[0],
            Resolution::Km3 => &spl2smap_s::GROUPS[1],
        }
    }
}

impl GroupSpec {
    /// The dataset of a base name; `_apm` twins share the row of the variable they vary.
    #[must_use]
    pub fn variable(&self, base: &str) -> Option<&'static VariableSpec> {
        let variant = self.variants.iter().filter(|variant| !variant.is_empty());
        let base = variant
            .filter_map(|variant| base.strip_suffix(variant))
            .next()
            .unwrap_or(base);
        let base = ALIASES
            .iter()
            .find(|(alias, _)| *alias == base)
            .map_or(base, |(_, name)| name);
        self.variables.iter().find(|variable| variable.base == base)
    }

    /// Name of a dataset in the file: base name and suffix.
    #[must_use]
    pub fn dataset(&self, base: &str) -> String {
        format!("{base}{}", self.suffix)
    }

    /// Base name of a dataset of this group, or `None` for a name without the group's suffix.
    #[must_use]
    pub fn base_of<'n>(&self, dataset: &'n str) -> Option<&'n str> {
        dataset
            .strip_suffix(self.suffix)
            .filter(|base| !base.is_empty())
    }
}

impl GroupSpec {
    /// The variable that a base name is of, twins included, by the names of the table alone.
    #[cfg_attr(not(feature = "hdf5"), allow(dead_code))]
    pub(crate) fn own_variable(&self, base: &str) -> Option<&'static VariableSpec> {
        self.variables.iter().find(|variable| {
            let variant = base.strip_prefix(variable.base);
            variant.is_some_and(|variant| self.variants.contains(&variant))
        })
    }

    /// What the files call a variable of this group, e.g. `… within the 36 km grid cell.`
    #[must_use]
    pub fn long_name(&self, variable: &VariableSpec) -> String {
        self.with_cell_size(variable.long_name)
    }

    /// Smallest and largest valid value. Those of cell indices follow from the grid, unless the
    /// product states others.
    ///
    /// # Examples
    /// ```
    /// use vadose_io::Product;
    ///
    /// let group = &Product::Spl2Smp.groups()[0];
    /// let rows = group.variable("EASE_row_index").unwrap();
    /// assert_eq!(group.valid_range(rows), Some([0.0, 405.0]));
    /// ```
    #[must_use]
    pub fn valid_range(&self, variable: &VariableSpec) -> Option<[f64; 2]> {
        let size = match variable.kind {
            Kind::CellIndex if variable.base == self.cells.row => self.grid.rows(),
            Kind::CellIndex => self.grid.cols(),
            _ => return variable.valid_range,
        };
        variable.valid_range.or(Some([0.0, (size - 1) as f64]))
    }

    /// `{km}` replaced by the size of the group's cells in kilometres.
    #[cfg_attr(not(feature = "hdf5"), allow(dead_code))]
    pub(crate) fn with_cell_size(&self, text: &str) -> String {
        let kilometres = (self.grid.cell_size_m() / 1000.0).round();
        text.replace("{km}", &format!("{kilometres}"))
    }
}

#[cfg(feature = "hdf5")]
pub(crate) use rows::FILL_FLOAT;
#[cfg(feature = "hdf5")]
pub(crate) use spl4smgp::CHUNK as SPL4SMGP_CHUNK;

/// Names that older or newer releases use for the same dataset.
const ALIASES: &[(&str, &str)] = &[(
    "SMAP_Sentinel-1_overpass_timediff_hr",
    "SMAP_Sentinel_overpass_timediff_hr",
)];

/// CF spelling of the units that SMAP files write; other text is passed through.
#[must_use]
pub fn cf_units(file_units: &str) -> &str {
    match file_units.trim() {
        "cm**3/cm**3" => "m3 m-3",
        "Kelvin" | "Kelvins" => "K",
        "kg/m**2" => "kg m-2",
        "degrees" => "degree",
        "seconds" => "s",
        "meters" => "m",
        "" => "1",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_names_its_variables_once_and_has_what_placement_needs() {
        for product in Product::ALL {
            for group in product.groups() {
                for (idx, variable) in group.variables.iter().enumerate() {
                    let earlier = &group.variables[..idx];
                    assert!(
                        earlier.iter().all(|v| v.base != variable.base),
                        "{}",
                        variable.base
                    );
                }
                if matches!(group.layout, Layout::WholeGrid { .. }) {
                    continue; // the array's own rows and columns are those of the grid
                }
                for base in [group.cells.row, group.cells.col] {
                    assert_eq!(group.variable(base).unwrap().need, Need::Required, "{base}");
                }
            }
        }
    }

    /// Why readers must test the fill value before the range.
    #[test]
    fn only_indices_times_and_open_ranges_have_a_fill_value_inside() {
        for product in Product::ALL {
            for variable in product.groups().iter().flat_map(|group| group.variables) {
                let (Some([low, high]), Some(fill)) = (variable.valid_range, variable.fill) else {
                    continue;
                };
                let base = variable.base;
                // SPL3SMP calls any opacity up to 999 999.9 valid, either side of zero.
                let may_overlap = base.starts_with("EASE_")
                    || base.contains("time")
                    || base.starts_with("vegetation_opacity");
                assert!(may_overlap || !(low..=high).contains(&fill), "{base}");
            }
        }
        let index = Product::Spl2SmapS.groups()[0]
            .variable("EASE_row_index")
            .unwrap();
        assert_eq!(
            (index.valid_range, index.fill),
            (Some([0.0, 65_535.0]), Some(65_534.0))
        );
    }

    /// HDF5 takes the texts of attributes in a buffer of 1024 bytes.
    #[test]
    fn texts_are_ascii_and_short_and_say_the_cell_size() {
        for group in Product::ALL.iter().flat_map(|product| product.groups()) {
            for variable in group.variables {
                let text = group.long_name(variable);
                assert!(
                    text.is_ascii() && text.len() < 1024 && !text.contains("{km}"),
                    "{text}"
                );
            }
        }
        let group = &Product::Spl2SmpE.groups()[1];
        let clay = group.variable("clay_fraction").unwrap();
        assert!(
            group
                .long_name(clay)
                .ends_with("within the 9 km grid cell.")
        );
    }

    #[test]
    fn alternative_and_renamed_datasets_share_a_row() {
        let group = &Product::Spl2SmapS.groups()[1];
        assert_eq!(group.base_of("albedo_apm_3km"), Some("albedo_apm"));
        assert_eq!(group.variable("albedo_apm").unwrap().base, "albedo");
        let renamed = group
            .variable("SMAP_Sentinel-1_overpass_timediff_hr")
            .unwrap();
        assert_eq!(renamed.units, "h");
        assert_eq!(group.base_of("albedo_1km"), None);
    }
}
