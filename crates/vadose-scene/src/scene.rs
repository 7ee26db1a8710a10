//! A scene: everything known about one window at one time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ndarray::{Array2, ArrayView2};
use vadose_grid::{Cell, Window};

use crate::{COARSE_FACTOR, SceneError, StationCell, Tile};

/// One quantity on the cells of a window.
#[derive(Clone, Debug)]
pub struct Field {
    /// `[row, col]`, row 0 northernmost; NaN is missing.
    pub values: Array2<f32>,
    /// Units as in CF files: `K`, `kg m-2`, `1`.
    pub units: String,
}

/// The coarse field Z that the low-passed, averaged map is held to.
#[derive(Clone, Debug)]
pub struct CoarseTarget {
    /// Window on the grid whose cells hold nine by nine of the scene's (M09 for M01).
    pub window: Window,
    /// Soil moisture, m3 m-3, `[row, col]` of that window; NaN is missing.
    pub values: Array2<f32>,
}

/// Everything known about one window at one time: fields, masks, stations, coarse target.
///
/// Built step by step; each step checks what it takes. Until they are given, `land` is true
/// everywhere and `predictable` equals `land`.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_scene::Scene;
///
/// let window = Window::new(EaseGrid2::M01, 1971, 7614, 18, 27)?;
/// let scene = Scene::new("north-dakota", window)
///     .with_field("tb_v", "K", Array2::from_elem((18, 27), 251.0))?
///     .with_field("bulk_density", "g cm-3", Array2::from_elem((18, 27), 1.325))?;
/// assert_eq!(scene.field("tb_v").unwrap()[[0, 0]], 251.0);
/// assert!((scene.upper_bound()[[0, 0]] - 0.5).abs() < 1e-6); // porosity 1 - 1.325 / 2.65
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scene {
    id: String,
    window: Window,
    time: Option<Timestamp>,
    fields: BTreeMap<String, Field>,
    land: Array2<bool>,
    predictable: Option<Array2<bool>>,
    stations: Vec<StationCell>,
    coarse_target: Option<CoarseTarget>,
}

/// Field that gives the upper bound, and the units it must have.
const BULK_DENSITY: (&str, &str) = ("bulk_density", "g cm-3");
/// Density of quartz-dominated mineral soil particles.
const PARTICLE_DENSITY_G_CM3: f64 = 2.65;
/// Porosities beyond these come from faulty bulk densities, not from soils.
const POROSITY_RANGE: (f64, f64) = (0.35, 0.75);
/// Upper bound of soil moisture, m3 m-3, where bulk density is not known.
pub const UPPER_BOUND_WITHOUT_BULK_DENSITY: f32 = 0.60;

impl Scene {
    /// An empty scene on a window (of M01, or of another grid with a nine-fold parent).
    pub fn new(id: impl Into<String>, window: Window) -> Self {
        Self {
            id: id.into(),
            window,
            time: None,
            fields: BTreeMap::new(),
            land: Array2::from_elem(window.shape(), true),
            predictable: None,
            stations: Vec::new(),
            coarse_target: None,
        }
    }

    /// Sets the time of the SMAP pass.
    pub fn with_time(mut self, time: Timestamp) -> Self {
        self.time = Some(time);
        self
    }

    /// Adds a field, `[row, col]` of the window, NaN where missing.
    ///
    /// `bulk_density` must come in g cm-3, because [`Scene::upper_bound`] computes with it.
    ///
    /// # Errors
    /// [`SceneError::ShapeMismatch`]; [`SceneError::DuplicateField`];
    /// [`SceneError::UnitsMismatch`] for bulk density.
    pub fn with_field(
        mut self,
        name: impl Into<String>,
        units: impl Into<String>,
        values: Array2<f32>,
    ) -> Result<Self, SceneError> {
        let (name, units) = (name.into(), units.into());
        self.check_shape(&format!("field {name}"), values.dim())?;
        if self.fields.contains_key(&name) {
            return Err(SceneError::DuplicateField {
                scene: self.id,
                field: name,
            });
        }
        if name == BULK_DENSITY.0 && units != BULK_DENSITY.1 {
            return Err(SceneError::UnitsMismatch {
                scene: self.id,
                channel: name,
                expected: BULK_DENSITY.1.to_owned(),
                got: units,
            });
        }
        self.fields.insert(name, Field { values, units });
        Ok(self)
    }

    /// Sets the fixed mask m: true where a cell is land and has its static inputs.
    ///
    /// # Errors
    /// [`SceneError::ShapeMismatch`].
    pub fn with_land(mut self, land: Array2<bool>) -> Result<Self, SceneError> {
        self.check_shape("land mask", land.dim())?;
        self.land = land;
        Ok(self)
    }

    /// Sets where a prediction is wanted: brightness temperature and static inputs are present.
    ///
    /// # Errors
    /// [`SceneError::ShapeMismatch`].
    pub fn with_predictable(mut self, predictable: Array2<bool>) -> Result<Self, SceneError> {
        self.check_shape("predictable mask", predictable.dim())?;
        self.predictable = Some(predictable);
        Ok(self)
    }

    /// Sets the station cells, one entry for each cell (see
    /// [`average_by_cell`](crate::average_by_cell)).
    ///
    /// # Errors
    /// [`SceneError::StationOutsideWindow`]; [`SceneError::DuplicateStationCell`];
    /// [`SceneError::InvalidStation`] for a value that is not finite or a weight that is not
    /// finite and positive.
    pub fn with_stations(mut self, stations: Vec<StationCell>) -> Result<Self, SceneError> {
        let mut seen: Vec<Cell> = Vec::with_capacity(stations.len());
        for station in &stations {
            station.check()?;
            if !self.window.contains(station.cell) {
                return Err(SceneError::StationOutsideWindow {
                    scene: self.id,
                    cell: station.cell,
                    stations: station.stations.clone(),
                });
            }
            seen.push(station.cell);
        }
        seen.sort_unstable();
        if let Some(pair) = seen.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(SceneError::DuplicateStationCell { cell: pair[0] });
        }
        self.stations = stations;
        Ok(self)
    }

    /// Sets the coarse target Z; its window may cover more or less than the scene's.
    ///
    /// # Errors
    /// [`SceneError::CoarseGrid`] unless nine by nine cells of the scene make one of its cells;
    /// [`SceneError::ShapeMismatch`].
    pub fn with_coarse_target(mut self, target: CoarseTarget) -> Result<Self, SceneError> {
        let (scene_grid, grid) = (self.window.grid(), target.window.grid());
        if scene_grid.nesting_factor(grid) != Some(COARSE_FACTOR) {
            return Err(SceneError::CoarseGrid {
                scene_grid,
                got: grid,
            });
        }
        if target.values.dim() != target.window.shape() {
            return Err(SceneError::ShapeMismatch {
                what: "coarse target".to_owned(),
                expected: target.window.shape(),
                got: target.values.dim(),
            });
        }
        self.coarse_target = Some(target);
        Ok(self)
    }

    /// Identifier, as given.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The window that all fields and masks lie on.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// Time of the SMAP pass.
    pub fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// Values of a field, `[row, col]`, NaN where missing.
    pub fn field(&self, name: &str) -> Option<ArrayView2<'_, f32>> {
        self.fields.get(name).map(|f| f.values.view())
    }

    /// Units of a field.
    pub fn field_units(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(|f| f.units.as_str())
    }

    /// Names of the fields in alphabetic order.
    pub fn field_names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// The fixed mask m: land with static inputs.
    pub fn land(&self) -> &Array2<bool> {
        &self.land
    }

    /// Where a prediction is wanted; the land mask unless set.
    pub fn predictable(&self) -> &Array2<bool> {
        self.predictable.as_ref().unwrap_or(&self.land)
    }

    /// Station cells.
    pub fn stations(&self) -> &[StationCell] {
        &self.stations
    }

    /// The coarse target Z.
    pub fn coarse_target(&self) -> Option<&CoarseTarget> {
        self.coarse_target.as_ref()
    }

    /// Largest soil moisture that a cell can hold: the porosity `1 - bulk_density / 2.65`,
    /// clamped to 0.35 … 0.75.
    ///
    /// # Shapes and units
    /// `[row, col]` of the window, m3 m-3; bulk density in g cm-3.
    /// # Missing values
    /// [`UPPER_BOUND_WITHOUT_BULK_DENSITY`] where bulk density is missing or there is no such
    /// field; the result is never NaN.
    pub fn upper_bound(&self) -> Array2<f32> {
        match self.field(BULK_DENSITY.0) {
            Some(density) => density.mapv(porosity),
            None => Array2::from_elem(self.window.shape(), UPPER_BOUND_WITHOUT_BULK_DENSITY),
        }
    }

    /// The upper bound of a tile's cells, without computing the rest of the scene's.
    pub(crate) fn upper_bound_in(&self, tile: &Tile) -> Array2<f32> {
        match self.field(BULK_DENSITY.0) {
            Some(density) => tile.cut(&self.window, density, f32::NAN).mapv(porosity),
            None => Array2::from_elem((tile.size, tile.size), UPPER_BOUND_WITHOUT_BULK_DENSITY),
        }
    }

    fn check_shape(&self, what: &str, got: (usize, usize)) -> Result<(), SceneError> {
        let expected = self.window.shape();
        if got == expected {
            return Ok(());
        }
        Err(SceneError::ShapeMismatch {
            what: what.to_owned(),
            expected,
            got,
        })
    }
}

/// See [`Scene::upper_bound`].
fn porosity(bulk_density_g_cm3: f32) -> f32 {
    if !bulk_density_g_cm3.is_finite() {
        return UPPER_BOUND_WITHOUT_BULK_DENSITY;
    }
    let porosity = 1.0 - f64::from(bulk_density_g_cm3) / PARTICLE_DENSITY_G_CM3;
    porosity.clamp(POROSITY_RANGE.0, POROSITY_RANGE.1) as f32
}

#[cfg(test)]
mod tests;
