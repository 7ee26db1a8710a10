//! Readers and writers of SMAP granules, IMERG, station files and rasters, CF-NetCDF, GeoTIFF and Zarr.
//!
//! | file | function | feature |
//! |---|---|---|
//! | SPL2SMAP_S, 1 km and 3 km | [`spl2smap_s::read`], [`spl2smap_s::read_window`], [`Spl2SmapS::to_scene`] | `hdf5` |
//! | SPL2SMP and SPL2SMP_E | [`spl2smp::read`], [`spl2smp::read_variables`] | `hdf5` |
//! | SPL3SMP and SPL3SMP_E, a window | [`spl3smp::read`] | `hdf5` |
//! | SPL4SMGP, a window | [`spl4smgp::read`] | `hdf5` |
//! | SPL1CTB_E | [`spl1ctb::read`] | `hdf5` |
//! | any of these, written | [`write_granule`] | `hdf5` |
//! | IMERG V06 and V07, read and written | [`imerg::read`], [`imerg::write()`] | `hdf5` |
//! | any SMAP granule, to see what is in it | [`inspect()`], [`identify`] | `hdf5` |
//! | names of granules | [`GranuleName`] | |
//! | granules in folders, the newest version of each | [`GranuleList`] | `hdf5` |
//! | station archives of ISMN, in and out | module [`ismn`] | |
//! | daily soil moisture of USCRN, Parquet | [`uscrn::read_daily`] | `parquet` |
//! | stations as CSV | [`read_station_csv`], [`write_station_csv`] | |
//! | maps as CF-NetCDF | [`write_cf_netcdf`] | `netcdf` |
//! | maps as cloud-optimised GeoTIFF | [`write_cog`] | `gdal` |
//! | rasters of any format and CRS, onto a grid or as they are | [`raster::Raster`], [`raster::to_window`] | `gdal` |
//! | rasters as GeoTIFF in any CRS | [`raster::write_geotiff`] | `gdal` |
//! | Zarr v3 stores | [`zarr::Store`], [`zarr::Array`] | `zarr` |
//! | maps too large for memory as Zarr v3 | [`zarr::MapStore`] | `zarr` |
//!
//! Fill values end here: behind this crate a missing value is NaN, or false in the mask of an
//! integer field, and values outside a product's valid range are missing too, counted apart. What
//! the products hold is data, in [`schema`]. Files are written beside their place and renamed
//! ([`write_atomically`]), so a failure leaves nothing behind.
//!
//! # Features
//! The default build is pure Rust, and so is `parquet`. `hdf5`, `netcdf` and `gdal` link the system's
//! C library of that name; `zarr` compiles the Zstandard that it brings.
#![forbid(unsafe_code)]
// The table above names functions that are only there with their feature.
#![cfg_attr(
    not(all(
        feature = "hdf5",
        feature = "netcdf",
        feature = "gdal",
        feature = "zarr",
        feature = "parquet"
    )),
    allow(rustdoc::broken_intra_doc_links)
)]

mod atomic;
mod checksum;
mod csv_table;
mod error;
pub mod flags;
mod granule_name;
pub mod ismn;
mod map_file;
mod product;
mod provenance;
pub mod schema;
mod smap_time;
mod split_csv;
mod station_csv;
#[cfg(feature = "parquet")]
pub mod uscrn;

#[cfg(feature = "hdf5")]
mod cell_fields;
#[cfg(feature = "hdf5")]
mod decode;
#[cfg(feature = "hdf5")]
mod field;
#[cfg(feature = "hdf5")]
mod granule_group;
#[cfg(feature = "hdf5")]
mod granule_list;
#[cfg(feature = "hdf5")]
mod granule_scene;
#[cfg(feature = "hdf5")]
pub mod granule_writer;
#[cfg(feature = "hdf5")]
mod hdf5_file;
#[cfg(feature = "hdf5")]
mod hdf5_output;
#[cfg(feature = "hdf5")]
pub mod imerg;
#[cfg(feature = "hdf5")]
mod inspect;
#[cfg(feature = "hdf5")]
mod placement;
#[cfg(feature = "hdf5")]
mod raw_dataset;
#[cfg(feature = "hdf5")]
pub mod spl1ctb;
#[cfg(feature = "hdf5")]
pub mod spl2smap_s;
#[cfg(feature = "hdf5")]
pub mod spl2smp;
#[cfg(feature = "hdf5")]
pub mod spl3smp;
#[cfg(feature = "hdf5")]
pub mod spl4smgp;

#[cfg(any(feature = "netcdf", feature = "zarr"))]
mod cf;
#[cfg(feature = "netcdf")]
mod cf_netcdf;
#[cfg(feature = "gdal")]
mod cog;
#[cfg(feature = "gdal")]
pub mod raster;
#[cfg(all(feature = "netcdf", feature = "gdal"))]
mod soil_moisture_maps;
#[cfg(feature = "zarr")]
pub mod zarr;

pub use atomic::{remove_unfinished, write_atomically};
pub use checksum::sha256_file;
pub use error::IoError;
pub use granule_name::{GranuleName, GranuleOrigin, OrbitDirection};
pub use map_file::{FlagValues, LayerValues, MapFile, MapLayer};
pub use product::{Product, Resolution};
pub use provenance::{InputFile, Provenance};
pub use smap_time::{j2000_seconds_of_timestamp, timestamp_of_j2000_seconds};
pub use split_csv::{read_split_csv, write_split_csv};
pub use station_csv::{
    RejectedStationRow, StationRow, StationTable, parse_utc, read_station_csv, write_station_csv,
};

#[cfg(feature = "hdf5")]
pub use decode::OutOfRange;
#[cfg(feature = "hdf5")]
pub use field::{
    Counts, Field, FlagField, GranuleField, IntegerField, TrajectoryField, TrajectoryFlagField,
};
#[cfg(feature = "hdf5")]
pub use granule_list::{GranuleFile, GranuleList, HalfHourFile, Newest, Superseded};
#[cfg(feature = "hdf5")]
pub use granule_writer::write_granule;
#[cfg(feature = "hdf5")]
pub use inspect::{Extent, GroupInspection, Inspection, VariableInspection, identify, inspect};
#[cfg(feature = "hdf5")]
pub use spl1ctb::Spl1Ctb;
#[cfg(feature = "hdf5")]
pub use spl2smap_s::Spl2SmapS;
#[cfg(feature = "hdf5")]
pub use spl2smp::Spl2Smp;
#[cfg(feature = "hdf5")]
pub use spl3smp::Spl3Smp;
#[cfg(feature = "hdf5")]
pub use spl4smgp::Spl4Smgp;

#[cfg(feature = "netcdf")]
pub use cf_netcdf::write_cf_netcdf;
#[cfg(feature = "gdal")]
pub use cog::write_cog;
#[cfg(all(feature = "netcdf", feature = "gdal"))]
pub use soil_moisture_maps::{SoilMoistureFiles, SoilMoistureMaps};

/// The README's examples, compiled and run with the documentation tests.
#[cfg(all(doctest, feature = "hdf5", feature = "netcdf", feature = "gdal"))]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
