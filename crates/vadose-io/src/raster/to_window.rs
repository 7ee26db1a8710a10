//! A raster brought onto the cells of a grid, block by block.

use std::f64::consts::TAU;
use std::ops::Range;

use gdal::{GeoTransform, GeoTransformEx};
use ndarray::{Array2, Axis, Slice};
use vadose_grid::resample::{
    Resampled, SourcePoint, SourceRaster, area_mean, area_mode, bilinear, nearest,
};
use vadose_grid::{GridError, ProjectedM, Window};

use super::crs::reason;
use super::{Crs, CrsTransform, Raster};
use crate::IoError;

/// Cells of a block: more columns than rows, as in most files whole rows lie together.
const BLOCK_SHAPE: (usize, usize) = (64, 256);
/// A block that needs more pixels is halved: 1 Mi pixels are 8 MB as f64.
const MAX_BLOCK_PIXELS: usize = 1 << 20;
/// Pixels read around a block: one for interpolation, one for rounding.
const MARGIN: f64 = 2.0;
/// An outline longer than this many cells spans a gap of the source's projection. No projection in
/// use stretches a cell that much: Mercator at 84° by 10, the sinusoidal one at most by 3.
const MAX_CELL_STRETCH: f64 = 16.0;

/// How the value of a cell follows from the pixels of a raster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Mean of the pixels under the cell, weighted by overlap: quantities on a finer raster.
    AreaMean,
    /// The class with the largest overlap: whole numbers only, the least wins a tie.
    AreaMode,
    /// The pixel under the cell's centre.
    Nearest,
    /// Interpolated between pixel centres: smooth quantities on a coarser raster.
    Bilinear,
}

/// A raster in any coordinate reference system, on the cells of `window`.
///
/// Only the part under the window is read, in blocks, so that memory does not grow with the size of
/// the file or its resolution. The methods are those of [`vadose_grid::resample`]; each cell is
/// computed on its own, and the result does not depend on blocks or threads.
///
/// Average radar backscatter in linear power, never in dB.
///
/// # Shapes and units
/// Result: `[row, col]` of the window, in the unit of the raster's scaled values, which the caller
/// must know. `valid_fraction` is the share of the cell's area (of the weights, for the other
/// methods) under valid pixels.
/// # Missing values
/// Nodata pixels and the area beyond the raster have no weight; a cell without any weight is NaN
/// with a `valid_fraction` of 0. So is, for the area methods, a cell that is cut apart by a gap of
/// the source's projection, such as between the lobes of Goode's.
/// # Errors
/// [`IoError::MissingCrs`] if the raster has none and none was declared
/// ([`Raster::with_crs`]); [`IoError::Crs`] if GDAL knows no way to it; [`IoError::NoOverlap`];
/// [`IoError::Raster`] if the file is damaged.
/// # References
/// Jones (1999), doi:10.1175/1520-0493(1999)127<2204:FASOCR>2.0.CO;2, for the area mean. Peer:
/// `gdalwarp -r average -t_srs EPSG:6933`.
/// # Examples
/// Four pixels of 500 m on one cell of M01, one of them missing:
/// ```
/// use ndarray::array;
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_io::raster::{Crs, GeoTiff, Method, Raster, to_window, write_geotiff};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("elevation.tif");
/// let window = Window::new(EaseGrid2::M01, 1974, 7623, 1, 1)?;
/// let [x, size, _, y, _, _] = window.geotransform();
/// let half = [x, size / 2.0, 0.0, y, 0.0, -size / 2.0];
/// let spec = GeoTiff { nodata: Some(0.0), ..GeoTiff::new(Crs::Epsg(6933), half) };
/// write_geotiff(&path, &spec, array![[1600_i16, 1700], [1650, 0]].view())?;
///
/// let elevation = to_window(&Raster::open(&path)?, &window, Method::AreaMean)?;
/// assert!((elevation.values[[0, 0]] - 1650.0).abs() < 1e-3);
/// assert!((elevation.valid_fraction[[0, 0]] - 0.75).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn to_window(
    raster: &Raster,
    window: &Window,
    method: Method,
) -> Result<Resampled<f32>, IoError> {
    let source = Source::new(raster, window, method)?;
    let mut result = Resampled {
        values: Array2::from_elem(window.shape(), f32::NAN),
        valid_fraction: Array2::zeros(window.shape()),
    };
    let mut overlaps = false;
    for rows in blocks(window.rows(), BLOCK_SHAPE.0) {
        for cols in blocks(window.cols(), BLOCK_SHAPE.1) {
            overlaps |= source.fill(window, rows.clone(), cols, &mut result)?;
        }
    }
    if overlaps {
        Ok(result)
    } else {
        Err(IoError::NoOverlap {
            path: raster.path().to_path_buf(),
            window: format!(
                "{}, {} x {} cells from row {}, column {}",
                window.grid(),
                window.rows(),
                window.cols(),
                window.row0(),
                window.col0()
            ),
        })
    }
}

fn blocks(length: usize, block: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length)
        .step_by(block)
        .map(move |first| first..length.min(first + block))
}

/// The raster with what is the same for all blocks.
struct Source<'r> {
    raster: &'r Raster,
    method: Method,
    to_source: CrsTransform,
    /// From source coordinates to `(column, row)`.
    to_pixels: GeoTransform,
    /// Where x repeats itself, in source units.
    x_period: Option<f64>,
    /// Longest outline of a cell in source units; none where there are no gaps.
    max_extent: Option<f64>,
}

impl<'r> Source<'r> {
    fn new(raster: &'r Raster, window: &Window, method: Method) -> Result<Self, IoError> {
        let crs = raster.crs().ok_or_else(|| IoError::MissingCrs {
            path: raster.path().to_path_buf(),
        })?;
        let grid = window.grid();
        let spatial_ref = crs.spatial_ref()?;
        let geotransform = raster.geotransform();
        let to_pixels = geotransform.invert().map_err(|error| IoError::Raster {
            path: raster.path().to_path_buf(),
            reason: reason(&error),
        })?;
        let (x_period, max_extent) = if spatial_ref.is_geographic() {
            let upright = geotransform[2] == 0.0 && geotransform[4] == 0.0;
            (upright.then(|| TAU / spatial_ref.angular_units()), None)
        } else {
            let cell = grid.cell_size_m() / spatial_ref.linear_units();
            (None, Some(MAX_CELL_STRETCH * cell))
        };
        Ok(Self {
            raster,
            method,
            to_source: CrsTransform::new(&Crs::Epsg(u32::from(grid.epsg())), crs)?,
            to_pixels,
            x_period,
            max_extent,
        })
    }

    /// Fills a block of the result; says whether any of it lies on the raster.
    fn fill(
        &self,
        window: &Window,
        rows: Range<usize>,
        cols: Range<usize>,
        result: &mut Resampled<f32>,
    ) -> Result<bool, IoError> {
        let block = Window::new(
            window.grid(),
            window.row0() + rows.start,
            window.col0() + cols.start,
            rows.len(),
            cols.len(),
        )
        .map_err(|source| self.off_grid(source))?;
        let points = self.points(&block);
        let Some((pixel_rows, pixel_cols)) = self.pixels_under(&points) else {
            return Ok(false);
        };
        if pixel_rows.len() * pixel_cols.len() > MAX_BLOCK_PIXELS && rows.len() * cols.len() > 1 {
            let parts = if rows.len() > cols.len() {
                let middle = rows.start + rows.len() / 2;
                [(rows.start..middle, cols.clone()), (middle..rows.end, cols)]
            } else {
                let middle = cols.start + cols.len() / 2;
                [(rows.clone(), cols.start..middle), (rows, middle..cols.end)]
            };
            let mut overlaps = false;
            for (rows, cols) in parts {
                overlaps |= self.fill(window, rows, cols, result)?;
            }
            return Ok(overlaps);
        }
        let mut part = self.resample(&block, &points, pixel_rows, pixel_cols)?;
        self.drop_torn_cells(&points, &mut part);
        for (whole, part) in [
            (&mut result.values, part.values),
            (&mut result.valid_fraction, part.valid_fraction),
        ] {
            let mut place = whole.slice_axis_mut(Axis(0), Slice::from(rows.clone()));
            place.slice_axis_inplace(Axis(1), Slice::from(cols.clone()));
            place.assign(&part);
        }
        Ok(true)
    }

    /// The corners of a block's cells, or their centres, in the source.
    fn points(&self, block: &Window) -> Lattice {
        let size_m = block.grid().cell_size_m();
        let origin = block.origin_m();
        let (rows, cols) = block.shape();
        let (first, (rows, cols)) = match self.method {
            Method::AreaMean | Method::AreaMode => (origin, (rows + 1, cols + 1)),
            Method::Nearest | Method::Bilinear => {
                let (x_m, y_m) = (origin.x_m + size_m / 2.0, origin.y_m - size_m / 2.0);
                (ProjectedM { x_m, y_m }, (rows, cols))
            }
        };
        let mut x = Vec::with_capacity(rows * cols);
        let mut y = Vec::with_capacity(rows * cols);
        for row in 0..rows {
            x.extend((0..cols).map(|col| first.x_m + col as f64 * size_m));
            y.extend((0..cols).map(|_| first.y_m - row as f64 * size_m));
        }
        self.to_source.transform(&mut x, &mut y);
        Lattice {
            first,
            size_m,
            points: Array2::from_shape_fn((rows, cols), |(row, col)| {
                let idx = row * cols + col;
                x[idx].is_finite().then(|| SourcePoint {
                    x: x[idx],
                    y: y[idx],
                })
            }),
        }
    }

    /// Rows and columns of the pixels under a block; `None` if there are none.
    fn pixels_under(&self, lattice: &Lattice) -> Option<(Range<usize>, Range<usize>)> {
        let (n_rows, n_cols) = self.raster.shape();
        let middle = n_cols as f64 / 2.0;
        let turn = self
            .x_period
            .map(|period| (period * self.to_pixels[1]).abs())
            .filter(|pixels| *pixels >= 1.0);
        let mut row_bounds = (f64::INFINITY, f64::NEG_INFINITY);
        let mut col_bounds = row_bounds;
        for point in lattice.points.iter().flatten() {
            let (mut col, row) = self.to_pixels.apply(point.x, point.y);
            if let Some(turn) = turn {
                // To the turn in which the raster lies.
                col -= ((col - middle) / turn).round() * turn;
            }
            row_bounds = (row_bounds.0.min(row), row_bounds.1.max(row));
            col_bounds = (col_bounds.0.min(col), col_bounds.1.max(col));
        }
        let within = |(least, greatest): (f64, f64), n: usize| {
            let (first, end) = ((least - MARGIN).floor(), (greatest + MARGIN).ceil());
            // Comparisons with NaN and infinities are false.
            (first < n as f64 && end > 0.0)
                .then(|| first.max(0.0) as usize..end.min(n as f64) as usize)
        };
        let rows = within(row_bounds, n_rows)?;
        let cols = within(col_bounds, n_cols)?;
        // A raster around the whole Earth goes on at its other edge.
        let goes_on = turn.is_some_and(|turn| n_cols as f64 >= turn.floor());
        let at_edge = cols.start == 0 || cols.end == n_cols;
        Some((rows, if goes_on && at_edge { 0..n_cols } else { cols }))
    }

    fn resample(
        &self,
        block: &Window,
        lattice: &Lattice,
        rows: Range<usize>,
        cols: Range<usize>,
    ) -> Result<Resampled<f32>, IoError> {
        let pixels = self
            .raster
            .read((rows.start, cols.start), (rows.len(), cols.len()))?;
        let mut geotransform = self.raster.geotransform();
        let (x, y) = geotransform.apply(cols.start as f64, rows.start as f64);
        (geotransform[0], geotransform[3]) = (x, y);
        let to_source = |point| lattice.at(point);
        if self.method == Method::AreaMode {
            let classes = pixels.mapv(|value| value.is_finite().then_some(value as i32));
            let source = self.placed(SourceRaster::new(classes.view(), geotransform))?;
            let mode = area_mode(&source, block, to_source);
            return Ok(Resampled {
                values: mode
                    .values
                    .mapv(|class| class.map_or(f32::NAN, |c| c as f32)),
                valid_fraction: mode.valid_fraction,
            });
        }
        let source = self.placed(SourceRaster::new(pixels.view(), geotransform))?;
        Ok(match self.method {
            Method::Nearest => nearest(&source, block, to_source),
            Method::Bilinear => bilinear(&source, block, to_source),
            Method::AreaMean | Method::AreaMode => area_mean(&source, block, to_source),
        })
    }

    /// The raster with its period, if it has one.
    fn placed<'a, T: Copy>(
        &self,
        source: Result<SourceRaster<'a, T>, GridError>,
    ) -> Result<SourceRaster<'a, T>, IoError> {
        source
            .and_then(|source| match self.x_period {
                Some(period) => source.with_x_period(period),
                None => Ok(source),
            })
            .map_err(|source| self.off_grid(source))
    }

    /// Makes missing what lies on both sides of a gap of the source's projection.
    fn drop_torn_cells(&self, lattice: &Lattice, part: &mut Resampled<f32>) {
        let Some(max_extent) = self.max_extent else {
            return;
        };
        if !matches!(self.method, Method::AreaMean | Method::AreaMode) {
            return;
        }
        for (corners, (value, fraction)) in lattice
            .points
            .windows((2, 2))
            .into_iter()
            .zip(part.values.iter_mut().zip(&mut part.valid_fraction))
        {
            let extent = |coordinate: fn(&SourcePoint) -> f64| {
                let (least, greatest) = corners.iter().flatten().map(coordinate).fold(
                    (f64::INFINITY, f64::NEG_INFINITY),
                    |(least, greatest), c| (least.min(c), greatest.max(c)),
                );
                greatest - least
            };
            if extent(|p| p.x) > max_extent || extent(|p| p.y) > max_extent {
                (*value, *fraction) = (f32::NAN, 0.0);
            }
        }
    }

    fn off_grid(&self, source: GridError) -> IoError {
        IoError::Grid {
            path: self.raster.path().to_path_buf(),
            source,
        }
    }
}

/// Points of a grid's plane, a cell apart, with their images: transformed all at once, because
/// GDAL's transformation is slow point by point and bound to one thread.
struct Lattice {
    first: ProjectedM,
    size_m: f64,
    points: Array2<Option<SourcePoint>>,
}

impl Lattice {
    fn at(&self, point: ProjectedM) -> Option<SourcePoint> {
        let col = ((point.x_m - self.first.x_m) / self.size_m).round();
        let row = ((self.first.y_m - point.y_m) / self.size_m).round();
        *self.points.get((row as usize, col as usize))?
    }
}
