//! The root of an SPL4SMGP granule: coordinates and grid mapping of the whole 9 km grid.

use hdf5::{File, H5Type};
use ndarray::{Array2, ArrayD};
use vadose_grid::{EaseGrid2, Window};

use super::datasets::write_at;
use super::placed::centres;
use crate::hdf5_output::{create_chunked, put_number, put_text};
use crate::schema::{FILL_FLOAT, SPL4SMGP_CHUNK};

/// Name of the dataset that says what the projection is.
pub(super) const GRID_MAPPING: &str = "EASE2_global_projection";

/// Writes `x`, `y`, `cell_lat`, `cell_lon`, `cell_row`, `cell_column` and the grid mapping. The
/// arrays on the grid are fill outside the window.
pub(super) fn write(file: &File, window: &Window) -> hdf5::Result<()> {
    let grid = window.grid();
    let whole =
        Window::new(grid, 0, 0, grid.rows(), grid.cols()).expect("a grid is a window of itself");
    write_axis(
        file,
        "x",
        "X coordinate of cell center in EASEv2 global projection",
        &whole.x_centres_m(),
    )?;
    write_axis(
        file,
        "y",
        "Y coordinate of cell center in EASEv2 global projection",
        &whole.y_centres_m(),
    )?;

    let [latitudes, longitudes] = centres(window);
    let field = Field { file, window };
    field.write("cell_lat", "degrees_north", FILL_FLOAT as f32, latitudes)?;
    field.write("cell_lon", "degrees_east", FILL_FLOAT as f32, longitudes)?;
    let index = |origin: usize, axis: fn((usize, usize)) -> usize| {
        Array2::from_shape_fn(window.shape(), |at| (origin + axis(at)) as u32)
    };
    let (rows, cols) = (
        index(window.row0(), |at| at.0),
        index(window.col0(), |at| at.1),
    );
    field.write("cell_row", "1", FILL_INDEX, rows)?;
    field.write("cell_column", "1", FILL_INDEX, cols)?;
    write_grid_mapping(file)
}

/// Fill value of the 32-bit indices: the largest number.
const FILL_INDEX: u32 = u32::MAX;

fn write_axis(file: &File, name: &str, long_name: &str, metres: &[f64]) -> hdf5::Result<()> {
    let builder = file.new_dataset::<f64>().shape(metres.len());
    let axis = builder.obj_track_times(false).create(name)?;
    axis.write_raw(metres)?;
    put_text(&axis, "long_name", long_name)?;
    put_text(
        &axis,
        "standard_name",
        &format!("projection_{name}_coordinate"),
    )?;
    put_text(&axis, "units", "m")
}

/// Datasets on the whole grid that are written in a window.
struct Field<'a> {
    file: &'a File,
    window: &'a Window,
}

impl Field<'_> {
    fn write<T: H5Type + Copy + Into<hdf5::types::OwnedDynValue>>(
        &self,
        name: &str,
        units: &str,
        fill: T,
        values: Array2<T>,
    ) -> hdf5::Result<()> {
        let grid: EaseGrid2 = self.window.grid();
        let shape = [grid.rows(), grid.cols()];
        let dataset =
            create_chunked::<T>(self.file, name, &shape, &SPL4SMGP_CHUNK, Some(fill.into()))?;
        put_number(&dataset, "_FillValue", fill)?;
        put_text(&dataset, "units", units)?;
        let values: ArrayD<T> = values.into_dyn();
        let origin = [self.window.row0(), self.window.col0()];
        write_at(&dataset, Some(origin), values.view())
    }
}

fn write_grid_mapping(file: &File) -> hdf5::Result<()> {
    let builder = file.new_dataset::<u8>();
    let mapping = builder.obj_track_times(false).create(GRID_MAPPING)?;
    put_text(
        &mapping,
        "grid_mapping_name",
        "lambert_cylindrical_equal_area",
    )?;
    for (name, number) in [
        ("standard_parallel", 30.0),
        ("longitude_of_central_meridian", 0.0),
        ("false_easting", 0.0),
        ("false_northing", 0.0),
    ] {
        put_number::<f64>(&mapping, name, number)?;
    }
    Ok(())
}
