//! What can go wrong when an operator is built or applied.

/// Why an operator could not be built or applied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpsError {
    /// A map of another shape than the operator was built for.
    #[error("expected a map of shape {expected:?}, got {got:?}")]
    ShapeMismatch {
        /// Rows and columns that the operator takes.
        expected: (usize, usize),
        /// Rows and columns that came.
        got: (usize, usize),
    },
    /// A list of another length than the operator was built for.
    #[error("expected {expected} station values, got {got}")]
    LengthMismatch {
        /// Number of sampled cells.
        expected: usize,
        /// Number of values that came.
        got: usize,
    },
    /// A station outside the map.
    #[error("station cell [{row}, {col}] lies outside the map of shape {shape:?}")]
    StationOutside {
        /// Row of the station.
        row: usize,
        /// Column of the station.
        col: usize,
        /// Rows and columns of the map.
        shape: (usize, usize),
    },
    /// A station value that is not finite.
    #[error("station cell [{row}, {col}] has the value {value}, which is not finite")]
    StationValue {
        /// Row of the station.
        row: usize,
        /// Column of the station.
        col: usize,
        /// The value given.
        value: f32,
    },
    /// A station weight that is not a positive finite number.
    #[error(
        "station cell [{row}, {col}] has the weight {weight}, which is not positive and finite"
    )]
    StationWeight {
        /// Row of the station.
        row: usize,
        /// Column of the station.
        col: usize,
        /// The weight given.
        weight: f32,
    },
    /// A mask that holds something else than 0 and 1.
    #[error("mask cell [{row}, {col}] is {value}, expected 0 or 1")]
    MaskNotBinary {
        /// Row of the cell.
        row: usize,
        /// Column of the cell.
        col: usize,
        /// The value found.
        value: f32,
    },
    /// NaN or infinity in a cell that counts.
    #[error("cell [{row}, {col}] counts, but its value {value} is not finite")]
    NotFinite {
        /// Row of the cell.
        row: usize,
        /// Column of the cell.
        col: usize,
        /// The value found.
        value: f64,
    },
    /// A box filter without a centre cell.
    #[error("box width {width} is not an odd number of cells")]
    BoxWidth {
        /// The width given, cells.
        width: usize,
    },
    /// A Gaussian filter without a positive width.
    #[error("gaussian full width at half maximum {fwhm_cells} is not positive and finite")]
    GaussianWidth {
        /// The width given, cells.
        fwhm_cells: f64,
    },
    /// A filter that reaches too far to be meant.
    #[error("filter radius {radius} exceeds {limit} cells")]
    FilterRadius {
        /// The radius given, cells.
        radius: usize,
        /// The largest radius allowed, cells.
        limit: usize,
    },
    /// A coarse cell without cells.
    #[error("coarse factor 0, expected at least 1")]
    ZeroFactor,
    /// A validity limit that no coarse cell, or every one, would meet.
    #[error("minimum of {min_valid_cells} valid cells is not within 1..={limit}")]
    MinValidCells {
        /// The minimum given.
        min_valid_cells: usize,
        /// Number of cells of one coarse cell.
        limit: usize,
    },
}
