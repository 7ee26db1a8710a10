//! The two real granules, read with HDF5 alone.

use std::path::{Path, PathBuf};

use hdf5::H5Type;
use ndarray::Array2;

/// SPL2SMAP_S, 1 km and 3 km, north-east Algeria and north Tunisia, 10 April 2015.
pub const SPL2SMAP_S: &str =
    "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5";
/// SPL2SMP, a half orbit at 36 km, 11 August 2015.
pub const SPL2SMP: &str = "SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5";
/// Group of the 1 km fields of [`SPL2SMAP_S`].
pub const GROUP_1KM: &str = "Soil_Moisture_Retrieval_Data_1km";
/// Fill value of floating-point fields.
const FILL: f32 = -9999.0;
/// Bit 0 of the retrieval quality flag: set where the retrieval is not recommended.
const NOT_RECOMMENDED: u16 = 1;

/// Path of one of the granules.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data/smap")
        .join(name)
}

/// A 2-D dataset of the 1 km group of a granule, by its base name (without `_1km`).
///
/// # Panics
/// If the dataset cannot be read: a test cannot go on without it.
#[must_use]
pub fn field_1km<T: H5Type>(granule: &Path, name: &str) -> Array2<T> {
    let file = hdf5::File::open(granule).expect("the granule opens");
    let dataset = file
        .dataset(&format!("{GROUP_1KM}/{name}_1km"))
        .expect("the dataset exists");
    dataset.read_2d().expect("the dataset is 2-D")
}

/// A cell of the granule with recommended soil moisture.
#[derive(Clone, Copy, Debug)]
pub struct RecommendedCell {
    /// Longitude of its centre, degrees east, as the granule says.
    pub lon_deg: f32,
    /// Latitude of its centre, degrees north, as the granule says.
    pub lat_deg: f32,
    /// The granule's own soil moisture, m3 m-3.
    pub soil_moisture_m3m3: f32,
}

/// The cells of [`SPL2SMAP_S`] whose soil moisture is valid and recommended, row by row.
#[must_use]
pub fn recommended_cells() -> Vec<RecommendedCell> {
    let granule = path(SPL2SMAP_S);
    let soil_moisture = field_1km::<f32>(&granule, "soil_moisture");
    let flag = field_1km::<u16>(&granule, "retrieval_qual_flag");
    let lat_deg = field_1km::<f32>(&granule, "latitude");
    let lon_deg = field_1km::<f32>(&granule, "longitude");
    let is_wanted =
        |idx: &(usize, usize)| soil_moisture[*idx] != FILL && flag[*idx] & NOT_RECOMMENDED == 0;
    ndarray::indices(soil_moisture.dim())
        .into_iter()
        .filter(is_wanted)
        .map(|idx| RecommendedCell {
            lon_deg: lon_deg[idx],
            lat_deg: lat_deg[idx],
            soil_moisture_m3m3: soil_moisture[idx],
        })
        .collect()
}
