//! What can go wrong when a file is read or written.

use std::path::PathBuf;

use vadose_grid::GridError;
use vadose_scene::SceneError;

use crate::Product;

/// An error of a reader or writer: which file, which dataset, and why.
///
/// Causes that are errors of their own (`std::io`, the grid, the scene) are reachable through
/// [`std::error::Error::source`]; what a C library reports is text and stands in `reason`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IoError {
    /// The operating system refused: no such file, no permission, disk full.
    #[error("{}: cannot {action}", path.display())]
    File {
        /// What was attempted, e.g. `open` or `rename`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// The path names a directory or device where a file is needed.
    #[error("{}: not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file does not begin as HDF5 files do.
    #[error("{}: not an HDF5 file (no HDF5 signature at its beginning)", path.display())]
    NotHdf5 {
        /// The file.
        path: PathBuf,
    },
    /// The HDF5 library cannot read the file or one of its datasets.
    #[error("{}: cannot read `{dataset}`: {reason}", path.display())]
    DamagedHdf5 {
        /// The file.
        path: PathBuf,
        /// The dataset, group or attribute; `/` for the file as a whole.
        dataset: String,
        /// The HDF5 library's own words.
        reason: String,
    },
    /// The HDF5 file holds no SMAP soil-moisture group.
    #[error(
        "{}: no SMAP soil-moisture product (the root group holds: {found}; \
         wanted `Soil_Moisture_Retrieval_Data` or `Soil_Moisture_Retrieval_Data_1km`)",
        path.display()
    )]
    NotSmap {
        /// The file.
        path: PathBuf,
        /// Names in the root group, joined by commas.
        found: String,
    },
    /// A SMAP product that this crate does not read.
    #[error("{}: SMAP product `{short_name}` is not supported ({} are)", path.display(), supported())]
    UnsupportedProduct {
        /// The file.
        path: PathBuf,
        /// `SMAPShortName` of the file's metadata.
        short_name: String,
    },
    /// A SMAP product, but not the one that this reader is for.
    #[error("{}: holds {got}, not {expected}", path.display())]
    WrongProduct {
        /// The file.
        path: PathBuf,
        /// The product that the reader is for.
        expected: String,
        /// The product that the file holds.
        got: String,
    },
    /// A window lies on another grid than the product.
    #[error("{}: its grid is {expected}, but the window lies on {got}", path.display())]
    WrongGrid {
        /// The file.
        path: PathBuf,
        /// The product's grids.
        expected: String,
        /// The window's grid.
        got: String,
    },
    /// A group or dataset that the reader cannot do without is not there.
    #[error("{}: required dataset `{dataset}` is missing", path.display())]
    MissingDataset {
        /// The file.
        path: PathBuf,
        /// Full name inside the file.
        dataset: String,
    },
    /// A dataset has another shape than the rest of its group.
    #[error("{}: `{dataset}` has shape {got:?}, expected {expected:?}", path.display())]
    WrongShape {
        /// The file.
        path: PathBuf,
        /// Full name inside the file.
        dataset: String,
        /// Shape of the group.
        expected: Vec<usize>,
        /// Shape of the dataset.
        got: Vec<usize>,
    },
    /// The EASE-Grid indices do not describe cells of the product's grid.
    #[error("{}: damaged cell indices in `{dataset}`: {reason}", path.display())]
    DamagedIndices {
        /// The file.
        path: PathBuf,
        /// Full name inside the file.
        dataset: String,
        /// What is wrong, with position and value.
        reason: String,
    },
    /// The granule was read, but no cell of it holds soil moisture.
    #[error("{}: no valid soil moisture in `{dataset}`: none of its {cells} cells", path.display())]
    NoValidSoilMoisture {
        /// The file.
        path: PathBuf,
        /// Full name inside the file.
        dataset: String,
        /// Number of cells.
        cells: usize,
    },
    /// A scene was asked of a granule that was not read at 1 km.
    #[error("{}: a scene needs the 1 km group, but the {resolution} group was read", path.display())]
    NotOneKilometre {
        /// The file.
        path: PathBuf,
        /// The resolution that was read.
        resolution: String,
    },
    /// A file name is not that of a supported SMAP granule.
    #[error("`{name}` is no SMAP granule name: {reason}")]
    GranuleName {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file name is not that of a half-hourly IMERG file of the final run.
    #[error("`{name}` is no IMERG name: {reason}")]
    ImergName {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A window or box is not on IMERG's grid.
    #[error("{window} is no part of the 1800 x 3600 cells of IMERG")]
    ImergWindow {
        /// The window or box.
        window: String,
    },
    /// A time in seconds since J2000 is no time that a calendar can show.
    #[error("{seconds} s since J2000 is no representable time")]
    Time {
        /// The seconds.
        seconds: f64,
    },
    /// The station table lacks a column, or has one twice.
    #[error("{}: column `{column}` {problem} (header: {header})", path.display())]
    StationHeader {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// `is missing` or `appears twice`.
        problem: &'static str,
        /// The header as found.
        header: String,
    },
    /// A cell of the station table cannot be understood.
    #[error("{}: line {line}: {column} `{value}` is {problem}", path.display())]
    StationValue {
        /// The file.
        path: PathBuf,
        /// Line in the file, counted from 1.
        line: u64,
        /// The column.
        column: String,
        /// The text of the cell.
        value: String,
        /// Why it cannot be understood, e.g. `no number`.
        problem: &'static str,
    },
    /// The station table is no well-formed CSV.
    #[error("{}: line {line}: {reason}", path.display())]
    StationCsv {
        /// The file.
        path: PathBuf,
        /// Line in the file, counted from 1; 0 where unknown.
        line: u64,
        /// What the CSV reader says.
        reason: String,
    },
    /// A folder or file is no station archive that can be read.
    #[error("{}: no station archive: {reason}", path.display())]
    StationArchive {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file within a station archive cannot be read.
    #[error("{}: `{member}`: {reason}", path.display())]
    ArchiveMember {
        /// The archive.
        path: PathBuf,
        /// The file, as the archive names it.
        member: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The bytes of a station file hold no series.
    #[error("{}: {}{reason}", path.display(), at_line(*line))]
    StationSeries {
        /// The file; within an archive, its path there behind the archive's.
        path: PathBuf,
        /// Line in the file, counted from 1; 0 where the file as a whole is wrong.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A file name is not that of a station's series.
    #[error("`{name}` is no name of a station file: {reason}")]
    SeriesName {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The table of stations is no Parquet, or not the table that is wanted.
    #[error("{}: cannot read the Parquet table: {reason}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The library's own words, or the column that is wrong.
        reason: String,
    },
    /// A map cannot be written as it is: no layer, a bad name, a wrong shape.
    #[error("{}: layer `{layer}`: {reason}", path.display())]
    BadMap {
        /// The file that was to be written.
        path: PathBuf,
        /// The layer; empty where the map as a whole is wrong.
        layer: String,
        /// What is wrong.
        reason: String,
    },
    /// A granule cannot be written as it is: values that the product has no place for.
    #[error("{}: cannot write `{dataset}`: {reason}", path.display())]
    BadGranule {
        /// The file that was to be written.
        path: PathBuf,
        /// Full name inside the file, or the group.
        dataset: String,
        /// What is wrong.
        reason: String,
    },
    /// The library that writes the format failed.
    #[error("{}: cannot write {format}: {reason}", path.display())]
    Write {
        /// The file that was to be written.
        path: PathBuf,
        /// The format, e.g. `NetCDF`.
        format: &'static str,
        /// The library's own words.
        reason: String,
    },
    /// A store was to be made in a folder that holds something.
    #[error("{}: the folder is not empty", path.display())]
    FolderNotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A Zarr store, or one of its arrays, cannot be made, read or written.
    #[error("{}: array `{array}`: {reason}", path.display())]
    Zarr {
        /// The store.
        path: PathBuf,
        /// The array; `/` for the store as a whole.
        array: String,
        /// What is wrong.
        reason: String,
    },
    /// A raster cannot be read, or not in the way that is asked for.
    #[error("{}: cannot read the raster: {reason}", path.display())]
    Raster {
        /// The file.
        path: PathBuf,
        /// What is wrong, where it is GDAL that knows, in GDAL's words.
        reason: String,
    },
    /// A raster does not say what its coordinates mean.
    #[error("{}: the raster has no coordinate reference system, so one must be declared", path.display())]
    MissingCrs {
        /// The file.
        path: PathBuf,
    },
    /// A raster covers nothing of the window that it was to be brought onto.
    #[error("{}: the raster covers no cell of the window ({window})", path.display())]
    NoOverlap {
        /// The file.
        path: PathBuf,
        /// The window in words: grid, rows and columns.
        window: String,
    },
    /// A coordinate reference system that GDAL does not know, or no way between two of them.
    #[error("coordinate reference system `{definition}`: {reason}")]
    Crs {
        /// The system as given.
        definition: String,
        /// GDAL's reason.
        reason: String,
    },
    /// The grid refuses a window or cell of the file.
    #[error("{}: not on the grid", path.display())]
    Grid {
        /// The file.
        path: PathBuf,
        /// The grid's reason.
        source: GridError,
    },
    /// The granule's fields make no scene.
    #[error("{}: no scene can be made of it", path.display())]
    Scene {
        /// The file.
        path: PathBuf,
        /// The scene's reason.
        source: Box<SceneError>,
    },
}

/// The products that are, for the message about one that is not.
fn supported() -> String {
    Product::ALL.map(Product::short_name).join(", ")
}

fn at_line(line: u64) -> String {
    match line {
        0 => String::new(),
        line => format!("line {line}: "),
    }
}
