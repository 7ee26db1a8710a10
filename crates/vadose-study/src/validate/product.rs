//! What a granule of any product says of the cells that hold stations.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ndarray::{Dimension, NdIndex};
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_io::flags::is_recommended;
use vadose_io::schema::Kind;
use vadose_io::spl3smp::Pass;
use vadose_io::{
    Field, GranuleFile, IntegerField, IoError, Product, Resolution, spl2smap_s, spl2smp, spl3smp,
    spl4smgp, timestamp_of_j2000_seconds,
};

use super::QualityPolicy;
use crate::StudyError;

/// What is validated, checked against the product's table.
#[derive(Debug, Clone)]
pub(super) struct ProductField {
    pub(super) product: Product,
    /// Base name of the dataset.
    pub(super) field: String,
    pub(super) quality: QualityPolicy,
}

/// What a granule says of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Seen {
    /// A value, and when the satellite passed or the model's hours have their middle.
    Value { value: f64, time: Timestamp },
    /// Missing, or outside the valid range.
    Missing,
    /// There, but not of recommended quality.
    NotRecommended,
    /// There, but at no known time.
    WithoutTime,
}

/// Units of what can be compared with stations.
const UNITS: &str = "m3 m-3";
/// Endings of datasets in these units that are uncertainties.
const UNCERTAINTIES: [&str; 2] = ["_error", "_std_dev"];
const QUALITY_FLAG: &str = "retrieval_qual_flag";
const SOIL_MOISTURE: &str = "soil_moisture";

impl ProductField {
    /// # Errors
    /// [`StudyError::NoSuchField`] if the product has no soil moisture of that name.
    pub(super) fn new(
        product: Product,
        field: Option<&str>,
        quality: QualityPolicy,
    ) -> Result<Self, StudyError> {
        let field = field.unwrap_or(match product {
            Product::Spl4Smgp => "sm_surface",
            _ => SOIL_MOISTURE,
        });
        let group = &product.groups()[0];
        let is_soil_moisture = |name: &str| {
            !UNCERTAINTIES.iter().any(|ending| name.ends_with(ending))
                && group.variable(name).is_some_and(|variable| {
                    variable.units == UNITS && variable.kind == Kind::Quantity
                })
        };
        if !is_soil_moisture(field) {
            let known = group.variables.iter().map(|variable| variable.base);
            let known = known.filter(|name| is_soil_moisture(name));
            return Err(StudyError::NoSuchField {
                product: product.to_string(),
                field: field.to_owned(),
                known: known.collect::<Vec<_>>().join(", "),
            });
        }
        Ok(Self {
            product,
            field: field.to_owned(),
            quality,
        })
    }

    /// The grid of the product's cells.
    pub(super) fn grid(&self) -> EaseGrid2 {
        self.product.groups()[0].grid
    }

    /// The word that says which retrievals are recommended: the field's own where it has one (that of
    /// `soil_moisture_option1` is `retrieval_qual_flag_option1`), or the product's; `None` for a model.
    pub(super) fn quality_flag(&self) -> Option<String> {
        let group = &self.product.groups()[0];
        let own = self.field.strip_prefix(SOIL_MOISTURE)?;
        [format!("{QUALITY_FLAG}{own}"), QUALITY_FLAG.to_owned()]
            .into_iter()
            .find(|name| group.variable(name).is_some())
    }

    /// What a granule says of the wanted cells that it covers.
    ///
    /// # Errors
    /// What the product's reader returns; [`IoError::MissingDataset`] for a file without the field, its
    /// quality word or its times; [`IoError::GranuleName`] for an SPL4SMGP file whose name does not say
    /// when it is of.
    pub(super) fn read(
        &self,
        file: &GranuleFile,
        cells: &BTreeSet<Cell>,
    ) -> Result<Vec<(Cell, Seen)>, IoError> {
        match self.product {
            Product::Spl2Smp | Product::Spl2SmpE => self.read_orbit(file, cells),
            Product::Spl2SmapS => self.read_scene(file, cells),
            Product::Spl3Smp | Product::Spl3SmpE => self.read_day(file, cells),
            _ => self.read_analysis(file, cells),
        }
    }

    fn read_orbit(
        &self,
        file: &GranuleFile,
        cells: &BTreeSet<Cell>,
    ) -> Result<Vec<(Cell, Seen)>, IoError> {
        let orbit = spl2smp::read(&file.path)?;
        let times = orbit.time_seconds.as_ref();
        let times = times.ok_or_else(|| missing(file, "tb_time_seconds"))?;
        let of_cell = self.of_cell(file, &orbit.fields, &orbit.flags)?;
        let wanted = orbit.cells.iter().enumerate();
        let wanted = wanted.filter(|(_, cell)| cells.contains(cell));
        Ok(wanted
            .map(|(idx, cell)| (*cell, of_cell.at(idx, time_of(times[idx]))))
            .collect())
    }

    fn read_scene(
        &self,
        file: &GranuleFile,
        cells: &BTreeSet<Cell>,
    ) -> Result<Vec<(Cell, Seen)>, IoError> {
        let scene = spl2smap_s::read(&file.path, Resolution::Km1)?;
        let of_cell = self.of_cell(file, &scene.fields, &scene.flags)?;
        let time = scene.time().or(file.name.as_ref().map(|name| name.start));
        let window = scene.window();
        Ok(covered(&window, cells)
            .map(|(cell, at)| (cell, of_cell.at(at, time)))
            .collect())
    }

    fn read_day(
        &self,
        file: &GranuleFile,
        cells: &BTreeSet<Cell>,
    ) -> Result<Vec<(Cell, Seen)>, IoError> {
        let Some(window) = around(self.grid(), cells, file)? else {
            return Ok(Vec::new());
        };
        let mut seen = Vec::new();
        for pass in [Pass::Morning, Pass::Evening] {
            let day = match spl3smp::read(&file.path, pass, window) {
                // Files of the first releases hold the morning alone.
                Err(IoError::MissingDataset { dataset, .. })
                    if pass == Pass::Evening && !dataset.contains('/') =>
                {
                    continue;
                }
                day => day?,
            };
            let times = day.time_seconds.as_ref();
            let times = times.ok_or_else(|| missing(file, "tb_time_seconds"))?;
            let of_cell = self.of_cell(file, &day.fields, &day.flags)?;
            seen.extend(
                covered(&window, cells)
                    .map(|(cell, at)| (cell, of_cell.at(at, time_of(times[at])))),
            );
        }
        Ok(seen)
    }

    fn read_analysis(
        &self,
        file: &GranuleFile,
        cells: &BTreeSet<Cell>,
    ) -> Result<Vec<(Cell, Seen)>, IoError> {
        let Some(name) = &file.name else {
            return Err(IoError::GranuleName {
                name: file.path.display().to_string(),
                reason: "nothing else says which three hours it is of".to_owned(),
            });
        };
        let Some(window) = around(self.grid(), cells, file)? else {
            return Ok(Vec::new());
        };
        let analysis = spl4smgp::read(&file.path, window, &[&self.field])?;
        let no_flags = BTreeMap::new();
        let of_cell = self.of_cell(file, &analysis.fields, &no_flags)?;
        Ok(covered(&window, cells)
            .map(|(cell, at)| (cell, of_cell.at(at, Some(name.start))))
            .collect())
    }

    fn of_cell<'a, D: Dimension>(
        &self,
        file: &GranuleFile,
        fields: &'a BTreeMap<String, Field<D>>,
        flags: &'a BTreeMap<String, IntegerField<D>>,
    ) -> Result<OfCell<'a, D>, IoError> {
        let field = fields.get(&self.field);
        let quality = match (self.quality, self.quality_flag()) {
            (QualityPolicy::Recommended, Some(name)) => {
                Some(flags.get(&name).ok_or_else(|| missing(file, &name))?)
            }
            _ => None,
        };
        Ok(OfCell {
            field: field.ok_or_else(|| missing(file, &self.field))?,
            quality,
        })
    }
}

/// The field, and the words that its values must satisfy.
struct OfCell<'a, D: Dimension> {
    field: &'a Field<D>,
    quality: Option<&'a IntegerField<D>>,
}

impl<D: Dimension> OfCell<'_, D> {
    fn at<I: NdIndex<D> + Copy>(&self, idx: I, time: Option<Timestamp>) -> Seen {
        let value = self.field.values.get(idx).copied().unwrap_or(f32::NAN);
        if value.is_nan() {
            return Seen::Missing;
        }
        let is_good = self.quality.is_none_or(|words| {
            let word = words.values.get(idx).copied().zip(words.valid.get(idx));
            word.is_some_and(|(word, valid)| *valid && is_recommended(word))
        });
        match time {
            _ if !is_good => Seen::NotRecommended,
            None => Seen::WithoutTime,
            Some(time) => Seen::Value {
                value: f64::from(value),
                time,
            },
        }
    }
}

fn missing(file: &GranuleFile, dataset: &str) -> IoError {
    IoError::MissingDataset {
        path: file.path.clone(),
        dataset: dataset.to_owned(),
    }
}

/// A time that is missing, or that no calendar can show, is none.
fn time_of(j2000_seconds: f64) -> Option<Timestamp> {
    timestamp_of_j2000_seconds(j2000_seconds).ok()
}

/// The wanted cells that lie in a window, and where in it.
fn covered<'a>(
    window: &'a Window,
    cells: &'a BTreeSet<Cell>,
) -> impl Iterator<Item = (Cell, [usize; 2])> + 'a {
    cells.iter().filter_map(|cell| {
        let (row, col) = window.offset_of(*cell)?;
        Some((*cell, [row, col]))
    })
}

/// The smallest window that holds the cells; `None` without cells.
fn around(
    grid: EaseGrid2,
    cells: &BTreeSet<Cell>,
    file: &GranuleFile,
) -> Result<Option<Window>, IoError> {
    let (Some(first), Some(last)) = (cells.first(), cells.last()) else {
        return Ok(None);
    };
    let cols = || cells.iter().map(|cell| cell.col);
    let (west, east) = (cols().min().unwrap_or(0), cols().max().unwrap_or(0));
    let (rows, cols) = (last.row - first.row + 1, east - west + 1);
    Window::new(grid, first.row, west, rows, cols)
        .map(Some)
        .map_err(|source| IoError::Grid {
            path: file.path.clone(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(product: Product, name: Option<&str>) -> Result<ProductField, StudyError> {
        ProductField::new(product, name, QualityPolicy::Recommended)
    }

    #[test]
    fn each_product_has_a_soil_moisture_and_each_retrieval_its_quality_word() {
        let flag = |product, name| field(product, name).unwrap().quality_flag();
        let own = flag(Product::Spl2SmpE, Some("soil_moisture_option1"));
        assert_eq!(own.as_deref(), Some("retrieval_qual_flag_option1"));
        for product in [Product::Spl2Smp, Product::Spl2SmapS, Product::Spl3SmpE] {
            assert_eq!(flag(product, None).as_deref(), Some(QUALITY_FLAG));
        }
        assert_eq!(flag(Product::Spl4Smgp, None), None);
    }

    #[test]
    fn what_is_no_soil_moisture_is_refused_with_what_there_is() {
        for name in ["tb_v_corrected", "soil_moisture_error", "humidity"] {
            let error = field(Product::Spl2SmpE, Some(name))
                .unwrap_err()
                .to_string();
            assert!(error.contains("soil_moisture_option1"), "{error}");
            assert!(!error.contains("soil_moisture_error,"), "{error}");
        }
    }

    #[test]
    fn the_window_around_cells_holds_each_of_them() {
        let cells = BTreeSet::from([
            Cell { row: 5, col: 90 },
            Cell { row: 7, col: 3 },
            Cell { row: 9, col: 40 },
        ]);
        let file = GranuleFile {
            path: "granule.h5".into(),
            product: Product::Spl2SmpE,
            name: None,
        };
        let window = around(EaseGrid2::M09, &cells, &file).unwrap().unwrap();
        assert_eq!(
            (window.row0(), window.col0(), window.shape()),
            (5, 3, (5, 88))
        );
        assert_eq!(covered(&window, &cells).count(), 3);
    }
}
