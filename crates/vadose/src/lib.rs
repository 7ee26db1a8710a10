//! 1 km surface soil moisture from SMAP, Sentinel-1, stations and model data.
//!
//! Vadose retrieves surface soil moisture (0–5 cm, m³ m⁻³) on the 1 km EASE-Grid 2.0. This crate is the
//! front door: each part is a library of its own, re-exported here under one name.
//!
//! | module | what it is |
//! |---|---|
//! | `grid` | EASE-Grid 2.0: projection, cells, exact nesting, windows, resampling |
//! | `ops` | the operators P_Ω (stations) and D (9 km average), with exact adjoints |
//! | `scene` | one sample: channels, masks, stations, tiles, splits |
//! | `nn` | 3-D convolution for candle and the network |
//! | `train` | composite loss and training |
//! | `physics` | soil dielectric, τ–ω emission, SCA and DCA inversion |
//! | `retrieve` | from a scene to a map |
//! | `metrics` | skill of an estimate |
//! | `io` | granules, station files, rasters, CF-NetCDF, GeoTIFF, Zarr |
//! | `viz` | figures |
//! | `cube` | granules, stations and rasters on one grid and one calendar |
//! | `twin` | a landscape with known soil moisture, and what instruments see of it |
//!
//! # Features
//! The default features need no C library.
//!
//! <!-- features: begin (cargo xtask features) -->
//! | feature | default | what it adds |
//! |---|---|---|
//! | `grid` | yes | EASE-Grid 2.0 for Rust: projection, cells, exact nesting, windows and resampling. |
//! | `ops` | yes | The observation operators of 1 km retrieval: station sampling and the 9 km low-pass average, with exact adjoints. |
//! | `scene` | yes | What one soil-moisture sample is: named channels, masks, station cells, coarse target, tiles and splits. |
//! | `nn` | yes | 3-D convolution for candle and the small U-Net of 1 km soil-moisture retrieval. |
//! | `train` | yes | Training of 1 km soil-moisture networks: composite loss, sampler, augmentation, optimiser, checkpoints. |
//! | `physics` | yes | Soil dielectric, tau-omega emission and the single- and dual-channel soil-moisture inversions of SMAP. |
//! | `retrieve` | yes | From a scene to a soil-moisture map: trained networks and physical methods behind one interface. |
//! | `metrics` | yes | Skill of soil-moisture estimates: bias, ubRMSE, correlation, with intervals that know of autocorrelation. |
//! | `io` |  | Readers and writers of SMAP granules, IMERG, station files and rasters, CF-NetCDF, GeoTIFF and Zarr. |
//! | `viz` |  | Figures and reports of soil-moisture retrieval: SVG, PNG and self-contained HTML. |
//! | `twin` |  | A landscape with known soil moisture, and what simulated instruments and stations see of it. |
//! | `archive` |  | Write simulations as archives (system HDF5 and GDAL). |
//! | `cube` |  | Build and read analysis-ready cubes (system HDF5 and GDAL). |
//! | `candle` |  | The operators as differentiable candle operations. |
//! | `hdf5` |  | Read and write SMAP granules and IMERG (system HDF5). |
//! | `gdal` |  | Read rasters, and write GeoTIFF (system GDAL). |
//! | `netcdf` |  | Write CF-NetCDF (system netCDF). |
//! | `zarr` |  | Read and write Zarr v3 stores (compiles the zstd that it brings). |
//! | `parquet` |  | Read USCRN's daily table (pure Rust). |
//! | `cuda` |  | Run the network on a CUDA device, through candle's own operators (needs the CUDA toolkit). |
//! | `proj` |  | PROJ as a coordinate transform (builds PROJ). |
//! <!-- features: end -->
#![forbid(unsafe_code)]

#[cfg(feature = "cube")]
pub use vadose_cube as cube;
#[cfg(feature = "grid")]
pub use vadose_grid as grid;
#[cfg(feature = "io")]
pub use vadose_io as io;
#[cfg(feature = "metrics")]
pub use vadose_metrics as metrics;
#[cfg(feature = "nn")]
pub use vadose_nn as nn;
#[cfg(feature = "ops")]
pub use vadose_ops as ops;
#[cfg(feature = "physics")]
pub use vadose_physics as physics;
#[cfg(feature = "retrieve")]
pub use vadose_retrieve as retrieve;
#[cfg(feature = "scene")]
pub use vadose_scene as scene;
#[cfg(feature = "train")]
pub use vadose_train as train;
#[cfg(feature = "twin")]
pub use vadose_twin as twin;
#[cfg(feature = "viz")]
pub use vadose_viz as viz;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
