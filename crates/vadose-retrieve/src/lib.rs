//! From a scene to a soil-moisture map: trained networks and physical methods behind one interface.
//!
//! A [`Retriever`] turns a [`Scene`](vadose_scene::Scene) into a [`Retrieval`]: surface soil moisture at
//! 1 km and at 9 km, NaN where nothing was retrieved. [`NetworkRetriever`] runs a trained network over
//! overlapping tiles and blends them; [`SingleChannelRetriever`] inverts the τ–ω model cell by cell, and
//! [`ActivePassiveRetriever`] does so after it has spread a coarse brightness temperature by radar. The
//! physical methods give an uncertainty ([`InputErrors`]) and a [`RetrievalStatus`] for each cell.
//! [`EnsembleRetriever`] says how far several retrievers lie apart, and [`InputRange`] where a scene's inputs
//! leave the range that a model was trained in.
#![forbid(unsafe_code)]

mod active_passive;
mod blend;
mod coarse_bands;
mod ensemble;
mod error;
mod input_errors;
mod input_range;
mod map_inverter;
mod network;
mod retrieval;
mod single_channel;
mod status;
mod surface_fields;

pub use active_passive::{ActivePassiveConfig, ActivePassiveRetriever, CovariationSource};
pub use blend::{BlendWeights, Blender};
pub use coarse_bands::CoarseBands;
pub use ensemble::EnsembleRetriever;
pub use error::RetrieveError;
pub use input_errors::InputErrors;
pub use input_range::{InputRange, OutOfRange};
pub use network::{MapBand, NetworkRetriever, TilingConfig};
pub use retrieval::{ReducedPrecision, Retrieval, Retriever, coarse_average};
pub use single_channel::{SingleChannelConfig, SingleChannelRetriever};
pub use status::RetrievalStatus;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
