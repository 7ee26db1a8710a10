//! Small granules with the values that a test wants.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ndarray::{Array1, Array2};
use vadose_grid::{Cell, Window};
use vadose_io::granule_writer::{GranuleContents, GroupContents, Placement, Values, write_granule};
use vadose_io::imerg::{self, ImergContents, ImergName, ImergVersion, ImergWindow};
use vadose_io::{GranuleName, GranuleOrigin, OrbitDirection, Product, j2000_seconds_of_timestamp};

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A half orbit of SPL2SMP_E that sees some cells at one time, everything good and of one value.
pub(super) struct HalfOrbit {
    pub(super) orbit: u32,
    pub(super) seen: Timestamp,
    pub(super) cells: Vec<Cell>,
    pub(super) values: BTreeMap<String, Values>,
}

impl HalfOrbit {
    pub(super) fn new(orbit: u32, seen: Timestamp, cells: &[Cell], value: f32) -> Self {
        let mut half_orbit = Self {
            orbit,
            seen,
            cells: cells.to_vec(),
            values: BTreeMap::new(),
        };
        for (name, at_zero) in [
            ("tb_h_corrected", 200.0),
            ("tb_v_corrected", 220.0),
            ("surface_temperature", 280.0),
            ("vegetation_water_content", 1.0),
            ("soil_moisture_option2", 0.1),
            ("soil_moisture", 0.2),
        ] {
            half_orbit.set(name, at_zero + value);
        }
        for name in ["tb_qual_flag_h", "tb_qual_flag_v", "retrieval_qual_flag"] {
            half_orbit.set_word(name, 0);
        }
        half_orbit
    }

    /// The same value in all cells.
    pub(super) fn set(&mut self, name: &str, value: f32) {
        let field = Array1::from_elem(self.cells.len(), value);
        self.values.insert(name.to_owned(), field.into());
    }

    pub(super) fn set_word(&mut self, name: &str, word: u16) {
        let field = Array1::from_elem(self.cells.len(), word);
        self.values.insert(name.to_owned(), field.into());
    }

    pub(super) fn name(&self) -> GranuleName {
        GranuleName {
            product: Product::Spl2SmpE,
            start: self.seen - crate::archives::TO_MIDDLE_OF_HALF_ORBIT,
            origin: GranuleOrigin::HalfOrbit {
                orbit: self.orbit,
                direction: OrbitDirection::Descending,
            },
            release: "R18290".to_owned(),
            counter: 1,
        }
    }

    pub(super) fn write(&self, folder: &Path) -> PathBuf {
        let mut values = self.values.clone();
        let seconds = j2000_seconds_of_timestamp(self.seen);
        let seconds = Array1::from_elem(self.cells.len(), seconds);
        values.insert("tb_time_seconds".to_owned(), seconds.into());
        let path = folder.join(self.name().to_string());
        write(
            &path,
            Product::Spl2SmpE,
            "Soil_Moisture_Retrieval_Data",
            Placement::Trajectory(self.cells.clone()),
            values,
        );
        path
    }
}

/// A scene of SPL2SMAP_S that lies in a window, with fields of the given values.
pub(super) fn scene(
    folder: &Path,
    sentinel_start: Timestamp,
    window: &Window,
    fields: &[(&str, Array2<f32>)],
    quality: u16,
) -> PathBuf {
    let pass = time("2017-06-06T12:45:00Z");
    let name = GranuleName {
        product: Product::Spl2SmapS,
        start: pass,
        origin: GranuleOrigin::SentinelScene {
            mode: "1AIWDV".to_owned(),
            sentinel_start,
            corner: "101W39N".to_owned(),
        },
        release: "R17000".to_owned(),
        counter: 1,
    };
    let named = |(name, field): &(&str, Array2<f32>)| ((*name).to_owned(), field.clone().into());
    let mut values: BTreeMap<String, Values> = fields.iter().map(named).collect();
    let words = Array2::from_elem(window.shape(), quality);
    values.insert("retrieval_qual_flag".to_owned(), words.into());
    let seconds = Array2::from_elem(window.shape(), j2000_seconds_of_timestamp(pass));
    values.insert(
        "spacecraft_overpass_time_seconds".to_owned(),
        seconds.into(),
    );
    let path = folder.join(name.to_string());
    write(
        &path,
        Product::Spl2SmapS,
        "Soil_Moisture_Retrieval_Data_1km",
        Placement::Rectangle(*window),
        values,
    );
    path
}

/// Three hours of SPL4SMGP about a time, of one value in a window of M09.
pub(super) fn analysis(folder: &Path, centre: Timestamp, window: &Window, value: f32) -> PathBuf {
    let name = GranuleName {
        product: Product::Spl4Smgp,
        start: centre,
        origin: GranuleOrigin::ThreeHours,
        release: "Vv7032".to_owned(),
        counter: 1,
    };
    let path = folder.join(name.to_string());
    let field = Array2::from_elem(window.shape(), value);
    write(
        &path,
        Product::Spl4Smgp,
        "Geophysical_Data",
        Placement::Rectangle(*window),
        BTreeMap::from([("sm_surface".to_owned(), field.into())]),
    );
    path
}

/// A half hour of IMERG.
pub(super) fn half_hour(
    folder: &Path,
    start: Timestamp,
    window: ImergWindow,
    precipitation: Array2<f32>,
) -> PathBuf {
    let name = ImergName {
        start,
        version: "V06B".to_owned(),
    };
    let path = folder.join(name.to_string());
    let contents = ImergContents {
        version: ImergVersion::V06,
        start,
        window,
        precipitation,
    };
    imerg::write(&path, &contents).unwrap();
    path
}

fn write(
    path: &Path,
    product: Product,
    group: &str,
    placement: Placement,
    values: BTreeMap<String, Values>,
) {
    let contents = GranuleContents {
        product,
        metadata: Vec::new(),
        groups: vec![GroupContents {
            name: group.to_owned(),
            placement,
            values,
        }],
    };
    write_granule(path, &contents).unwrap();
}
