//! Whether contents fit their product, before a file is begun.

use std::path::Path;

use vadose_grid::{Cell, Window};

use super::contents::{GranuleContents, GroupContents, Placement, Values};
use crate::IoError;
use crate::schema::{GroupSpec, Kind, Layout, Need, Storage, VariableSpec};

pub(super) fn check(path: &Path, contents: &GranuleContents) -> Result<(), IoError> {
    let refused = |(dataset, reason): (String, String)| IoError::BadGranule {
        path: path.to_path_buf(),
        dataset,
        reason,
    };
    let specs = contents.product.groups();
    for (position, group) in contents.groups.iter().enumerate() {
        let spec = specs.iter().find(|spec| spec.name == group.name);
        let refused = |reason: &str| refused((group.name.clone(), reason.to_string()));
        let Some(spec) = spec else {
            return Err(refused(&format!("{} has no such group", contents.product)));
        };
        let earlier = &contents.groups[..position];
        if earlier.iter().any(|other| other.name == group.name) {
            return Err(refused("the group is given twice"));
        }
        check_placement(spec, &group.placement).map_err(|reason| refused(&reason))?;
    }
    for spec in specs {
        match contents.groups.iter().find(|group| group.name == spec.name) {
            Some(group) => check_values(spec, group).map_err(refused)?,
            None if spec.need == Need::Required => {
                let reason = "the group is required and not given".to_string();
                return Err(refused((spec.name.to_string(), reason)));
            }
            None => {}
        }
    }
    Ok(())
}

fn check_placement(spec: &GroupSpec, placement: &Placement) -> Result<(), String> {
    let grid = spec.grid;
    match (spec.layout, placement) {
        (Layout::Rectangle | Layout::WholeGrid { .. }, Placement::Rectangle(window)) => {
            check_window(spec, window)
        }
        (Layout::Trajectory, Placement::Trajectory(cells)) => {
            let outside = |cell: &&Cell| cell.row >= grid.rows() || cell.col >= grid.cols();
            match cells.iter().find(outside) {
                Some(cell) => Err(format!(
                    "cell ({}, {}) is not on grid {grid}",
                    cell.row, cell.col
                )),
                None => Ok(()),
            }
        }
        (Layout::Trajectory, Placement::Rectangle(_)) => {
            Err("its cells are a list, not a rectangle".to_string())
        }
        (_, Placement::Trajectory(_)) => Err("its cells are a rectangle, not a list".to_string()),
    }
}

fn check_window(spec: &GroupSpec, window: &Window) -> Result<(), String> {
    if window.grid() == spec.grid {
        Ok(())
    } else {
        Err(format!(
            "its cells lie on grid {}, not {}",
            spec.grid,
            window.grid()
        ))
    }
}

fn check_values(spec: &GroupSpec, group: &GroupContents) -> Result<(), (String, String)> {
    let cells = match &group.placement {
        Placement::Rectangle(window) => vec![window.rows(), window.cols()],
        Placement::Trajectory(cells) => vec![cells.len()],
    };
    for (base, values) in &group.values {
        let reason = match spec.own_variable(base) {
            Some(variable) => refusal(variable, values, &cells),
            None => Some("the product's table has no such dataset".to_string()),
        };
        if let Some(reason) = reason {
            return Err((format!("{}/{}", spec.name, spec.dataset(base)), reason));
        }
    }
    Ok(())
}

/// Why values cannot be those of a dataset.
fn refusal(variable: &VariableSpec, values: &Values, cells: &[usize]) -> Option<String> {
    if let Some(target) = variable.same_as {
        return Some(format!("it is a second name of `{target}`"));
    }
    if matches!(variable.kind, Kind::CellIndex | Kind::CellCentre) {
        return Some("it follows from the placement".to_string());
    }
    if !values.is_stored_as(variable.storage) {
        return Some(format!("its type is {:?}", variable.storage));
    }
    let mut expected = cells.to_vec();
    expected.extend((variable.per_cell > 1).then_some(variable.per_cell));
    let got = values.shape();
    if got != expected {
        return Some(format!("shape {got:?} is not {expected:?}"));
    }
    match (values, variable.storage) {
        (Values::Text(texts), Storage::Ascii(n_bytes)) => texts
            .iter()
            .find(|text| !text.is_ascii() || text.len() > n_bytes)
            .map(|text| format!("`{text}` is no ASCII text of at most {n_bytes} bytes")),
        _ => None,
    }
}
