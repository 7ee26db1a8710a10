//! What a granule holds: product, grids, variables, how many values are valid and why others not.

mod table;

use std::path::Path;

use serde::{Deserialize, Serialize};
use vadose_grid::EaseGrid2;

use crate::decode::OutOfRange;
use crate::field::{out_of_range_reason, shortest};
use crate::flags::is_recommended;
use crate::granule_group::{GranuleGroup, open_groups};
use crate::hdf5_file::Hdf5File;
use crate::schema::Layout;
use crate::{IoError, Product};

/// What a SMAP granule holds. Serialises to the JSON of `vadose inspect --json`; displays as a
/// table for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// The product.
    pub product: Product,
    /// Its soil-moisture groups.
    pub groups: Vec<GroupInspection>,
}

/// What one group of a granule holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupInspection {
    /// Name of the group in the file.
    pub name: String,
    /// Grid, e.g. `M01`.
    pub grid: String,
    /// Where the cells are.
    #[serde(flatten)]
    pub extent: Extent,
    /// Cells with valid soil moisture and bit 0 of `retrieval_qual_flag` clear; 0 for a product
    /// without that word (SPL4SMGP).
    pub recommended: usize,
    /// The datasets of numbers, by name.
    pub variables: Vec<VariableInspection>,
}

/// The cells of a group: a rectangle, or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Extent {
    /// A rectangle of the grid.
    Rectangle {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
        /// Row of the northernmost cells on the grid.
        row0: usize,
        /// Column of the westernmost cells on the grid.
        col0: usize,
    },
    /// The cells along a half orbit.
    Trajectory {
        /// Number of cells.
        cells: usize,
    },
}

/// What one dataset holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VariableInspection {
    /// Full name of the dataset.
    pub name: String,
    /// Type in the file, e.g. `float32`.
    #[serde(rename = "type")]
    pub stored_type: String,
    /// CF units.
    pub units: String,
    /// Value that stands for 'missing': the file's, else the schema's.
    pub fill: Option<f64>,
    /// Number of values that are present and inside the valid range.
    pub valid: usize,
    /// Number of values that are the fill value or a flag word of 'nothing tried'.
    pub missing: usize,
    /// Number of values that are present and outside the valid range.
    pub out_of_range: usize,
    /// Smallest valid value; `None` without valid values.
    pub min: Option<f64>,
    /// Median of the valid values: of an even number, the mean of the middle two.
    pub median: Option<f64>,
    /// Largest valid value.
    pub max: Option<f64>,
    /// Why values were out of range, e.g. `outside valid range [200, 350] K: -10068.993`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_range_reason: Option<String>,
}

/// The product of a SMAP granule, by what is in the file and not by its name.
///
/// # Errors
/// A file that cannot be opened, is no HDF5 or is truncated; [`IoError::NotSmap`];
/// [`IoError::UnsupportedProduct`].
pub fn identify(path: impl AsRef<Path>) -> Result<Product, IoError> {
    Hdf5File::open(path.as_ref())?.product()
}

/// Reads every dataset of a SMAP granule and counts.
///
/// # Missing values
/// `valid`, `missing` and `out_of_range` add up to the size of a dataset; the statistics are over
/// valid values only.
/// # Errors
/// A file that cannot be opened, is no HDF5, is truncated or is no supported product; a required
/// dataset that is missing; damaged cell indices.
/// # Examples
/// ```
/// let path = concat!(
///     env!("CARGO_MANIFEST_DIR"),
///     "/../../tests/data/smap/SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5"
/// );
/// let inspection = vadose_io::inspect(path)?;
/// assert_eq!(inspection.groups[0].grid, "M36");
/// println!("{inspection}");
/// # Ok::<(), vadose_io::IoError>(())
/// ```
pub fn inspect(path: impl AsRef<Path>) -> Result<Inspection, IoError> {
    let file = Hdf5File::open(path.as_ref())?;
    let product = file.product()?;
    let groups = open_groups(&file, product)?;
    let groups = groups.iter().map(inspect_group).collect::<Result<_, _>>()?;
    Ok(Inspection { product, groups })
}

fn inspect_group(group: &GranuleGroup<'_>) -> Result<GroupInspection, IoError> {
    let (extent, shape) = match group.spec.layout {
        Layout::Rectangle | Layout::WholeGrid { .. } => {
            let window = group.window()?;
            let (rows, cols) = window.shape();
            let (row0, col0) = (window.row0(), window.col0());
            (
                Extent::Rectangle {
                    rows,
                    cols,
                    row0,
                    col0,
                },
                vec![rows, cols],
            )
        }
        Layout::Trajectory => {
            let cells = group.cells()?.len();
            (Extent::Trajectory { cells }, vec![cells])
        }
    };
    let mut variables = Vec::new();
    let mut soil_moisture = Vec::new();
    let mut quality = Vec::new();
    for name in &group.names {
        let Some(raw) = group.read(name, &shape, None)? else {
            continue;
        };
        let (base, units) = (raw.base.clone(), raw.units.clone());
        let (stored_type, fill) = (raw.stored_type.clone(), raw.rule.fill.map(shortest));
        let valid_range = raw.rule.valid_range();
        let decoded = raw.decode(OutOfRange::Missing);
        let [min, median, max] = order_statistics(&decoded.values);
        variables.push(VariableInspection {
            name: name.clone(),
            stored_type,
            fill,
            valid: decoded.counts.valid,
            missing: decoded.counts.missing,
            out_of_range: decoded.counts.out_of_range,
            min,
            median,
            max,
            out_of_range_reason: out_of_range_reason(valid_range, &units, decoded.refused),
            units,
        });
        match base.as_str() {
            "soil_moisture" => soil_moisture = decoded.values,
            "retrieval_qual_flag" => quality = decoded.values,
            _ => {}
        }
    }
    let recommended = soil_moisture
        .iter()
        .zip(&quality)
        .filter(|(value, word)| !value.is_nan() && !word.is_nan() && is_recommended(**word as u16))
        .count();
    Ok(GroupInspection {
        name: group.spec.name.to_string(),
        grid: EaseGrid2::name(group.spec.grid).to_string(),
        extent,
        recommended,
        variables,
    })
}

/// Smallest, median and largest of the values that are not NaN.
fn order_statistics(values: &[f64]) -> [Option<f64>; 3] {
    let mut valid: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect();
    valid.sort_unstable_by(f64::total_cmp);
    let (Some(&min), Some(&max)) = (valid.first(), valid.last()) else {
        return [None; 3];
    };
    let (low, high) = (valid[(valid.len() - 1) / 2], valid[valid.len() / 2]);
    let median = if low == high {
        shortest(low)
    } else {
        f64::midpoint(low, high)
    };
    [Some(shortest(min)), Some(median), Some(shortest(max))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_an_even_number_is_the_mean_of_the_middle_two() {
        let statistics = order_statistics(&[4.0, f64::NAN, 1.0, 2.0, 3.0]);
        assert_eq!(statistics, [Some(1.0), Some(2.5), Some(4.0)]);
        assert_eq!(order_statistics(&[f64::NAN]), [None; 3]);
    }

    #[test]
    fn single_precision_statistics_have_their_own_digits() {
        let values = [0.02_f32, 0.1, 0.3].map(f64::from);
        assert_eq!(
            order_statistics(&values),
            [Some(0.02), Some(0.1), Some(0.3)]
        );
    }

    #[test]
    fn json_of_both_extents_is_flat() {
        let json = |extent| {
            let group = GroupInspection {
                name: "g".to_string(),
                grid: "M01".to_string(),
                extent,
                recommended: 0,
                variables: Vec::new(),
            };
            serde_json::to_string(&group).unwrap()
        };
        let rectangle = json(Extent::Rectangle {
            rows: 1,
            cols: 2,
            row0: 3,
            col0: 4,
        });
        assert_eq!(
            rectangle,
            r#"{"name":"g","grid":"M01","rows":1,"cols":2,"row0":3,"col0":4,"recommended":0,"variables":[]}"#
        );
        let trajectory = json(Extent::Trajectory { cells: 5 });
        assert_eq!(
            trajectory,
            r#"{"name":"g","grid":"M01","cells":5,"recommended":0,"variables":[]}"#
        );
    }
}
