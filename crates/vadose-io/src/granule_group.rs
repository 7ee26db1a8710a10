//! One soil-moisture group of an open granule: its datasets, found by listing.

use ndarray::{ArrayD, Ix2, IxDyn};
use vadose_grid::{Cell, Window};

use crate::decode::OutOfRange;
use crate::hdf5_file::{Hdf5File, is_integer, is_number};
use crate::placement::{PlacementError, cells_of, window_of};
use crate::raw_dataset::{Part, RawDataset, reshaped};
use crate::schema::{GroupSpec, Kind, Layout, Need, VariableSpec};
use crate::{IoError, Product};

/// A group that is there.
pub(crate) struct GranuleGroup<'f> {
    pub(crate) spec: &'static GroupSpec,
    file: &'f Hdf5File,
    group: hdf5::Group,
    /// Full names of the datasets that carry the group's suffix, sorted.
    pub(crate) names: Vec<String>,
}

/// The group of a product, which must be there.
pub(crate) fn open_group<'f>(
    file: &'f Hdf5File,
    spec: &'static GroupSpec,
) -> Result<GranuleGroup<'f>, IoError> {
    let path = file.path.clone();
    let missing = || IoError::MissingDataset {
        path,
        dataset: spec.name.to_string(),
    };
    find_group(file, spec)?.ok_or_else(missing)
}

/// The groups of a product that a file has. A required one must be there.
pub(crate) fn open_groups(
    file: &Hdf5File,
    product: Product,
) -> Result<Vec<GranuleGroup<'_>>, IoError> {
    let mut groups = Vec::new();
    for spec in product.groups() {
        match spec.need {
            Need::Required => groups.push(open_group(file, spec)?),
            Need::Optional | Need::Rare => groups.extend(find_group(file, spec)?),
        }
    }
    Ok(groups)
}

fn find_group<'f>(
    file: &'f Hdf5File,
    spec: &'static GroupSpec,
) -> Result<Option<GranuleGroup<'f>>, IoError> {
    let Some(group) = file.group(spec.name)? else {
        return Ok(None);
    };
    let names = group
        .member_names()
        .map_err(|error| file.damaged(spec.name, &error))?;
    let mut names: Vec<String> = names
        .into_iter()
        .filter(|name| spec.base_of(name).is_some())
        .collect();
    names.sort_unstable();
    for variable in spec.variables.iter().filter(|v| v.need == Need::Required) {
        if !names.contains(&spec.dataset(variable.base)) {
            return Err(IoError::MissingDataset {
                path: file.path.clone(),
                dataset: format!("{}/{}", spec.name, spec.dataset(variable.base)),
            });
        }
    }
    Ok(Some(GranuleGroup {
        spec,
        file,
        group,
        names,
    }))
}

impl GranuleGroup<'_> {
    /// Full names of the datasets that are there, all or those of some base names.
    pub(crate) fn names_of(&self, bases: Option<&[&str]>) -> Vec<String> {
        let Some(bases) = bases else {
            return self.names.clone();
        };
        let wanted: Vec<String> = bases.iter().map(|base| self.spec.dataset(base)).collect();
        let is_wanted = |name: &&String| wanted.contains(name);
        self.names.iter().filter(is_wanted).cloned().collect()
    }

    fn full_name(&self, dataset: &str) -> String {
        format!("{}/{dataset}", self.spec.name)
    }

    /// The window that the arrays of a rectangular group cover.
    pub(crate) fn window(&self) -> Result<Window, IoError> {
        if matches!(self.spec.layout, Layout::WholeGrid { .. }) {
            let grid = self.spec.grid;
            return Window::new(grid, 0, 0, grid.rows(), grid.cols())
                .map_err(|error| self.misplaced(PlacementError::Window(error)));
        }
        let [rows, cols] = self.indices()?;
        let rows = rows
            .into_dimensionality::<Ix2>()
            .expect("the number of axes was checked");
        let cols = cols
            .into_dimensionality::<Ix2>()
            .expect("the number of axes was checked");
        window_of(self.spec.grid, rows.view(), cols.view()).map_err(|error| self.misplaced(error))
    }

    /// The cells that a trajectory passes.
    pub(crate) fn cells(&self) -> Result<Vec<Cell>, IoError> {
        let [rows, cols] = self.indices()?;
        cells_of(self.spec.grid, rows.iter().copied(), cols.iter().copied())
            .map_err(|error| self.misplaced(error))
    }

    fn misplaced(&self, error: PlacementError) -> IoError {
        let path = self.file.path.clone();
        let dataset = |base| self.full_name(&self.spec.dataset(base));
        match error {
            PlacementError::Rows(reason) => IoError::DamagedIndices {
                path,
                dataset: dataset(self.spec.cells.row),
                reason,
            },
            PlacementError::Cols(reason) => IoError::DamagedIndices {
                path,
                dataset: dataset(self.spec.cells.col),
                reason,
            },
            PlacementError::Window(source) => IoError::Grid { path, source },
        }
    }

    /// Row and column indices, NaN where missing, of one shape. Their range is left to the
    /// placement, which knows the grid.
    fn indices(&self) -> Result<[ArrayD<f64>; 2], IoError> {
        let rows = self.read_index(self.spec.cells.row, None)?;
        let cols = self.read_index(self.spec.cells.col, Some(rows.shape()))?;
        Ok([rows, cols])
    }

    fn read_index(&self, base: &str, shape: Option<&[usize]>) -> Result<ArrayD<f64>, IoError> {
        let name = self.spec.dataset(base);
        let dataset = self.open(&name)?;
        let got = dataset.shape();
        if let Some(expected) = shape.filter(|expected| *expected != got) {
            return Err(self.wrong_shape(&name, expected.to_vec(), got));
        }
        if got.len() != self.n_axes() || !is_integer(&dataset) {
            return Err(IoError::DamagedIndices {
                path: self.file.path.clone(),
                dataset: self.full_name(&name),
                reason: format!("no integers on {} axes (shape {got:?})", self.n_axes()),
            });
        }
        let raw = self.load(&name, &dataset, self.spec.variable(base), None)?;
        Ok(reshaped(IxDyn(&got), raw.decode(OutOfRange::Keep).values))
    }

    fn n_axes(&self) -> usize {
        match self.spec.layout {
            Layout::Rectangle | Layout::WholeGrid { .. } => 2,
            Layout::Trajectory => 1,
        }
    }

    fn open(&self, name: &str) -> Result<hdf5::Dataset, IoError> {
        let damaged = |error: hdf5::Error| self.file.damaged(&self.full_name(name), &error);
        self.group.dataset(name).map_err(damaged)
    }

    fn wrong_shape(&self, name: &str, expected: Vec<usize>, got: Vec<usize>) -> IoError {
        IoError::WrongShape {
            path: self.file.path.clone(),
            dataset: self.full_name(name),
            expected,
            got,
        }
    }

    /// Reads a dataset by its full name, all of it or a part of its cells. `None` for
    /// text, and for what the schema does not know and is no dataset of the group's cells.
    pub(crate) fn read(
        &self,
        name: &str,
        cells: &[usize],
        part: Option<&Part>,
    ) -> Result<Option<RawDataset>, IoError> {
        let known = self
            .spec
            .base_of(name)
            .and_then(|base| self.spec.variable(base));
        let dataset = match (self.open(name), known) {
            (Ok(dataset), _) => dataset,
            (Err(_), None) => return Ok(None), // a group or a dangling link
            (Err(error), Some(_)) => return Err(error),
        };
        if known.is_some_and(|v| v.kind == Kind::Text) || !is_number(&dataset) {
            return Ok(None);
        }
        let got = dataset.shape();
        let mut expected = cells.to_vec();
        expected.extend(known.map(|v| v.per_cell).filter(|&per_cell| per_cell > 1));
        match known {
            _ if got == expected => self.load(name, &dataset, known, part).map(Some),
            None => Ok(None),
            Some(_) => Err(self.wrong_shape(name, expected, got)),
        }
    }

    fn load(
        &self,
        name: &str,
        dataset: &hdf5::Dataset,
        known: Option<&VariableSpec>,
        part: Option<&Part>,
    ) -> Result<RawDataset, IoError> {
        let base = self.spec.base_of(name).unwrap_or(name);
        RawDataset::read(base, dataset, self.spec, known, part)
            .map_err(|error| self.file.damaged(&self.full_name(name), &error))
    }
}
