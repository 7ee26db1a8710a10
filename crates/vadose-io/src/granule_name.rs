//! The names of SMAP granule files, parsed and written.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::{IoError, Product};

/// What the name of a SMAP granule file says.
///
/// `SMAP_L2_SM_SP_<mode>_<SMAP pass>_<Sentinel-1 scene>_<corner>_<release>_<counter>.h5`,
/// `SMAP_L2_SM_P[_E]_<orbit>_<A|D>_<start>_<release>_<counter>.h5` (`L1C_TB_E` likewise),
/// `SMAP_L3_SM_P[_E]_<day>_<release>_<counter>.h5` and
/// `SMAP_L4_SM_gph_<centre>_<release>_<counter>.h5`. Parsing a path takes its last
/// component; [`fmt::Display`] writes the name back.
///
/// # Examples
/// ```
/// use vadose_io::{GranuleName, GranuleOrigin, OrbitDirection, Product};
///
/// let name: GranuleName = "SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5".parse()?;
/// assert_eq!(name.product, Product::Spl2Smp);
/// assert_eq!(name.start.to_string(), "2015-08-11T03:08:28Z");
/// assert_eq!(name.release, "R18290");
/// let expected = GranuleOrigin::HalfOrbit { orbit: 2802, direction: OrbitDirection::Ascending };
/// assert_eq!(name.origin, expected);
/// # Ok::<(), vadose_io::IoError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GranuleName {
    /// The product.
    pub product: Product,
    /// Beginning of the half orbit, of the SMAP pass that SPL2SMAP_S is made of, or of the day; of
    /// SPL4SMGP the middle of its three hours (UTC).
    pub start: Timestamp,
    /// The half orbit, the Sentinel-1 scene, the day or the three hours.
    pub origin: GranuleOrigin,
    /// Composite release identifier, e.g. `R18290` or `Vv7032`: the algorithm version.
    pub release: String,
    /// Product counter: how often this granule was made within the release.
    pub counter: u16,
}

/// What a granule is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GranuleOrigin {
    /// One SMAP half orbit (SPL2SMP, SPL2SMP_E, SPL1CTB_E).
    HalfOrbit {
        /// Orbit number.
        orbit: u32,
        /// Ascending passes cross at 6 p.m. local solar time, descending ones at 6 a.m.
        direction: OrbitDirection,
    },
    /// One Sentinel-1 scene (SPL2SMAP_S).
    SentinelScene {
        /// Satellite, mode and polarisations, e.g. `1AIWDV`: Sentinel-1A, IW, dual VV and VH.
        mode: String,
        /// Beginning of the Sentinel-1 scene (UTC).
        sentinel_start: Timestamp,
        /// Whole degrees of the scene's corner, e.g. `010E36N`.
        corner: String,
    },
    /// The passes of one day (SPL3SMP, SPL3SMP_E).
    Day,
    /// The mean of three hours of the model (SPL4SMGP).
    ThreeHours,
}

/// Direction of a SMAP half orbit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrbitDirection {
    /// Northward, about 6 p.m. local solar time.
    Ascending,
    /// Southward, about 6 a.m. local solar time.
    Descending,
}

const TIME_FORMAT: &str = "%Y%m%dT%H%M%S";

impl FromStr for GranuleName {
    type Err = IoError;

    fn from_str(text: &str) -> Result<Self, IoError> {
        let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
        let refused = |reason: String| IoError::GranuleName {
            name: name.to_string(),
            reason,
        };
        let stem = name
            .strip_suffix(".h5")
            .ok_or_else(|| refused("it does not end in `.h5`".to_string()))?;
        let (product, rest) = split_product(stem)
            .ok_or_else(|| refused("it begins with no supported product".to_string()))?;
        let parts: Vec<&str> = rest.split('_').collect();
        let time =
            |text: &str| parse_time(text).ok_or_else(|| refused(format!("`{text}` is no time")));
        let (start, origin, release, counter) = match (product, parts.as_slice()) {
            (Product::Spl2SmapS, [mode, pass, scene, corner, release, counter]) => {
                let origin = GranuleOrigin::SentinelScene {
                    mode: (*mode).to_string(),
                    sentinel_start: time(scene)?,
                    corner: (*corner).to_string(),
                };
                (time(pass)?, origin, *release, *counter)
            }
            (
                Product::Spl2Smp | Product::Spl2SmpE | Product::Spl1CtbE,
                [orbit, direction, start, release, counter],
            ) => {
                let orbit = orbit
                    .parse()
                    .map_err(|_| refused(format!("`{orbit}` is no orbit number")))?;
                let direction = match *direction {
                    "A" => OrbitDirection::Ascending,
                    "D" => OrbitDirection::Descending,
                    other => return Err(refused(format!("`{other}` is no orbit direction"))),
                };
                let origin = GranuleOrigin::HalfOrbit { orbit, direction };
                (time(start)?, origin, *release, *counter)
            }
            (Product::Spl3Smp | Product::Spl3SmpE, [day, release, counter]) => {
                let start = time(&format!("{day}T000000"))?;
                (start, GranuleOrigin::Day, *release, *counter)
            }
            (Product::Spl4Smgp, [centre, release, counter]) => {
                (time(centre)?, GranuleOrigin::ThreeHours, *release, *counter)
            }
            _ => {
                return Err(refused(format!(
                    "it has {} parts after the product",
                    parts.len()
                )));
            }
        };
        if !release.starts_with(['R', 'T', 'V']) {
            return Err(refused(format!("`{release}` is no release")));
        }
        let counter = counter
            .parse()
            .map_err(|_| refused(format!("`{counter}` is no product counter")))?;
        Ok(GranuleName {
            product,
            start,
            origin,
            release: release.to_string(),
            counter,
        })
    }
}

/// Longest mission name first, so that `L2_SM_P_E` is not taken for `L2_SM_P`.
fn split_product(stem: &str) -> Option<(Product, &str)> {
    let mut products = Product::ALL;
    products.sort_by_key(|product| std::cmp::Reverse(product.mission_name().len()));
    products.into_iter().find_map(|product| {
        let rest = stem
            .strip_prefix("SMAP_")?
            .strip_prefix(product.mission_name())?;
        Some((product, rest.strip_prefix('_')?))
    })
}

fn parse_time(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime(TIME_FORMAT, text).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

impl fmt::Display for GranuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            product,
            start,
            origin,
            release,
            counter,
        } = self;
        let start = start.strftime(TIME_FORMAT);
        write!(f, "SMAP_{}_", product.mission_name())?;
        match origin {
            GranuleOrigin::HalfOrbit { orbit, direction } => {
                let letter = match direction {
                    OrbitDirection::Ascending => 'A',
                    OrbitDirection::Descending => 'D',
                };
                write!(f, "{orbit:05}_{letter}_{start}")?;
            }
            GranuleOrigin::SentinelScene {
                mode,
                sentinel_start,
                corner,
            } => {
                let sentinel_start = sentinel_start.strftime(TIME_FORMAT);
                write!(f, "{mode}_{start}_{sentinel_start}_{corner}")?;
            }
            GranuleOrigin::Day => write!(f, "{}", self.start.strftime("%Y%m%d"))?,
            GranuleOrigin::ThreeHours => write!(f, "{start}")?,
        }
        write!(f, "_{release}_{counter:03}.h5")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTINEL: &str =
        "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5";

    #[test]
    fn names_of_all_products_round_trip() {
        for name in [
            SENTINEL,
            "SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5",
            "SMAP_L2_SM_P_E_03275_D_20150912T120000_R18290_002.h5",
            "SMAP_L4_SM_gph_20170601T013000_Vv7032_001.h5",
            "SMAP_L3_SM_P_20150331_R18290_002.h5",
            "SMAP_L3_SM_P_E_20170601_R18290_001.h5",
            "SMAP_L1C_TB_E_12345_D_20170601T120000_R18290_001.h5",
        ] {
            assert_eq!(name.parse::<GranuleName>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn sentinel_name_tells_pass_and_scene_apart() {
        let name: GranuleName = format!("/data/2015/{SENTINEL}").parse().unwrap();
        assert_eq!(name.product, Product::Spl2SmapS);
        assert_eq!(name.start.to_string(), "2015-04-10T05:41:51Z");
        let GranuleOrigin::SentinelScene {
            mode,
            sentinel_start,
            corner,
        } = name.origin
        else {
            panic!("an SPL2SMAP_S name gave {:?}", name.origin);
        };
        assert_eq!((mode.as_str(), corner.as_str()), ("1AIWDV", "010E36N"));
        assert_eq!(sentinel_start.to_string(), "2015-04-10T05:20:55Z");
    }

    #[test]
    fn enhanced_product_is_not_taken_for_the_standard_one() {
        let name: GranuleName = "SMAP_L2_SM_P_E_03275_D_20150912T120000_R18290_002.h5"
            .parse()
            .unwrap();
        assert_eq!(name.product, Product::Spl2SmpE);
    }

    #[test]
    fn foreign_names_say_what_is_wrong() {
        for (name, reason) in [
            ("granule.nc", "it does not end in `.h5`"),
            (
                "SMAP_L3_FT_P_20150811_R18290_001.h5",
                "it begins with no supported product",
            ),
            (
                "SMAP_L2_SM_P_02802_A_R18290_001.h5",
                "it has 4 parts after the product",
            ),
            (
                "SMAP_L2_SM_P_02802_A_20151311T030828_R18290_001.h5",
                "`20151311T030828` is no time",
            ),
            (
                "SMAP_L2_SM_P_02802_X_20150811T030828_R18290_001.h5",
                "`X` is no orbit direction",
            ),
        ] {
            let error = name.parse::<GranuleName>().unwrap_err().to_string();
            assert_eq!(error, format!("`{name}` is no SMAP granule name: {reason}"));
        }
    }
}
