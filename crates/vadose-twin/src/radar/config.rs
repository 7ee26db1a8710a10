//! How the ground scatters: settings of the radar, with their sources.

use serde::{Deserialize, Serialize};
use vadose_physics::{IgbpClass, WaterCloudConfig};

use crate::error::{TwinError, check_range};

/// How the ground scatters and how the radar sees it.
///
/// The terms that change with time and not with soil moisture set how well one channel follows
/// moisture at a station: `regional_change_db`, `surface_change_db`, `canopy_change_db`, the angles of
/// the tracks, `rain_on_canopy_db` and `calibration_db`, in this order. With the defaults the median temporal
/// correlation with a point in the cell, whose moisture varies by 0.045 m3 m-3, is 0.30 for VV and
/// 0.21 for VH (test `one_channel_is_neither_useless_nor_enough`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RadarConfig {
    /// Soil and canopy. Default: see [`WaterCloudConfig`].
    pub water_cloud: WaterCloudConfig,
    /// Root-mean-square height of the ground, m, by IGBP class 0 to 16. Default 0.007 to 0.016:
    /// values measured on fields are 0.005 (rolled) to 0.03 (ploughed) (Oh et al., 1992,
    /// doi:10.1109/36.134086; Verhoest et al., 2008, doi:10.3390/s8074213).
    pub rms_height_m: [f32; 17],
    /// Spread of the height about its class, as the deviation of the logarithm, 0 to 1.
    /// Default 0.15; half of its variance varies from field to field, half from cell to cell.
    pub rms_height_log_std: f32,
    /// Deviation of the soil's backscatter from what moisture explains, that changes with time
    /// (tillage, crusts, residue), dB, 0 to 6. Default 1.3, correlated over 3 km and 8 days. Tuned.
    pub surface_change_db: f32,
    /// The same for the canopy (orientation, water in leaves, structure), dB, 0 to 6. Default 1.0,
    /// correlated over 6 km and 15 days. Tuned.
    pub canopy_change_db: f32,
    /// The same for soil and canopy together and a whole region (dew, the moisture profile above
    /// 5 cm, the state of the season), dB, 0 to 6. Default 2.0, correlated over 120 km and 3 days.
    /// Tuned: a single real scene varies by no more than 1 dB about its median at 1 km, so what
    /// makes series as noisy as they are must be common to neighbours.
    pub regional_change_db: f32,
    /// Largest effect of the rows of a crop on the soil's backscatter, dB, 0 to 6. Default 1.0;
    /// it depends on the field's direction and the track's (Ulaby and Bare, 1979).
    pub row_direction_db: f32,
    /// Gain of a canopy wet from much recent rain, dB, 0 to 4. Default 1.2: intercepted rain adds
    /// 1 to 2 dB at C band. Half of it is reached at 2 mm.
    pub rain_on_canopy_db: f32,
    /// Error of the calibration, by scene and channel, dB, 0 to 2. Default 0.25 (specified: 1 dB
    /// at three deviations; Torres et al., 2012, doi:10.1016/j.rse.2011.05.028).
    pub calibration_db: f32,
    /// Equivalent number of looks of a 1 km value, 10 to 10000. Default 400: a square kilometre
    /// holds about 2,500 cells of 20 m, themselves correlated and partly masked.
    pub looks: f32,
    /// Backscatter of calm open water at 40 degrees, VV and VH, dB, -40 to -5. Default -21, -29.
    pub water_db: [f32; 2],
    /// Deviation of the water's VV by wind, dB, 0 to 10. Default 3; VH half of it.
    pub wind_db: f32,
}

impl Default for RadarConfig {
    fn default() -> Self {
        let mut rms_height_m = [0.009; 17];
        for class in IgbpClass::ALL {
            rms_height_m[usize::from(class.code())] = match class {
                IgbpClass::OpenShrubland | IgbpClass::Barren => 0.007,
                IgbpClass::Cropland | IgbpClass::CroplandMosaic => 0.010,
                IgbpClass::Urban => 0.016,
                other if other.is_forest() => 0.014,
                _ => 0.009,
            };
        }
        Self {
            water_cloud: WaterCloudConfig::default(),
            rms_height_m,
            rms_height_log_std: 0.15,
            surface_change_db: 1.3,
            canopy_change_db: 1.0,
            regional_change_db: 2.0,
            row_direction_db: 1.0,
            rain_on_canopy_db: 1.2,
            calibration_db: 0.25,
            looks: 400.0,
            water_db: [-21.0, -29.0],
            wind_db: 3.0,
        }
    }
}

impl RadarConfig {
    pub(super) fn check(&self) -> Result<(), TwinError> {
        for height in self.rms_height_m {
            check_range("rms_height_m", height.into(), 1e-4, 0.1)?;
        }
        check_range(
            "rms_height_log_std",
            self.rms_height_log_std.into(),
            0.0,
            1.0,
        )?;
        check_range("surface_change_db", self.surface_change_db.into(), 0.0, 6.0)?;
        check_range("canopy_change_db", self.canopy_change_db.into(), 0.0, 6.0)?;
        check_range(
            "regional_change_db",
            self.regional_change_db.into(),
            0.0,
            6.0,
        )?;
        check_range("row_direction_db", self.row_direction_db.into(), 0.0, 6.0)?;
        check_range("rain_on_canopy_db", self.rain_on_canopy_db.into(), 0.0, 4.0)?;
        check_range("calibration_db", self.calibration_db.into(), 0.0, 2.0)?;
        check_range("looks", self.looks.into(), 10.0, 10_000.0)?;
        for level in self.water_db {
            check_range("water_db", level.into(), -40.0, -5.0)?;
        }
        check_range("wind_db", self.wind_db.into(), 0.0, 10.0)
    }
}
