//! The names of station files: network, station, variable, depths and sensor.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Variable;
use crate::IoError;

/// One series of an archive, as the name of its file tells, before anything is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesInfo {
    /// Network, e.g. `SCAN`.
    pub network: String,
    /// Station within the network.
    pub station: String,
    /// What is measured.
    pub variable: Variable,
    /// Upper end of the layer that the sensor sees, metres below the surface.
    pub depth_from_m: f64,
    /// Lower end of the layer, metres below the surface.
    pub depth_to_m: f64,
    /// The instrument.
    pub sensor: String,
    /// First and last day that the archive was ordered for, where the name states them.
    pub period: Option<[Date; 2]>,
    /// Where the file lies in its archive, with `/` between folders.
    pub path: String,
}

/// Ending of the files that hold series.
pub(super) const SERIES_ENDING: &str = ".stm";
/// Digits behind the point of a depth in a file name.
const DEPTH_DECIMALS: usize = 6;

impl SeriesInfo {
    /// Reads a name: `CSE_Network_Station_variable_from_to_Sensor_first_last.stm`.
    ///
    /// Depths in metres with six decimals are what every name has, so they are looked for from the
    /// right; stations and sensors may hold `_` and blanks. The folders `…/Network/Station/` help
    /// where the name leaves a choice, and give the network its own spelling (`FR_Aqui`, which
    /// file names write `FR-Aqui`).
    ///
    /// # Errors
    /// [`IoError::SeriesName`] for a name without two depths, a variable before them, and a network
    /// and a station in the name or the folders.
    /// # References
    /// File names of the ISMN archives, and TU Wien's `ismn` 1.5 (its issues 81 and 97).
    /// # Examples
    /// ```
    /// use vadose_io::ismn::SeriesInfo;
    ///
    /// let info = SeriesInfo::from_path(
    ///     "SNOTEL/Bear_Lake_/SNOTEL_SNOTEL_Bear_Lake__sm_0.050800_0.050800_Hydraprobe_20170601_20170630.stm",
    /// )?;
    /// assert_eq!((info.network.as_str(), info.station.as_str()), ("SNOTEL", "Bear_Lake_"));
    /// assert_eq!(info.depth_to_m, 0.0508);
    /// # Ok::<(), vadose_io::IoError>(())
    /// ```
    pub fn from_path(path: &str) -> Result<Self, IoError> {
        let refused = |reason| IoError::SeriesName {
            name: path.to_string(),
            reason,
        };
        let mut folders: Vec<&str> = path.split('/').collect();
        let file_name = folders.pop().unwrap_or_default();
        let stem = strip_ending(file_name, SERIES_ENDING)
            .ok_or_else(|| refused("it does not end in `.stm`"))?;
        let tokens: Vec<&str> = stem.split('_').collect();
        let depth_idx = (1..tokens.len().saturating_sub(1))
            .rev()
            .find(|&idx| is_depth(tokens[idx]) && is_depth(tokens[idx + 1]))
            .ok_or_else(|| refused("it holds no two depths with six decimals"))?;
        let depth = |idx: usize| {
            tokens[idx]
                .parse::<f64>()
                .map_err(|_| refused("a depth is no number"))
        };
        let prefix = tokens[..depth_idx - 1].join("_");
        let (network, station) = network_and_station(&prefix, &folders)
            .ok_or_else(|| refused("it names no network and station"))?;
        let (sensor, period) = sensor_and_period(&tokens[depth_idx + 2..]);
        Ok(Self {
            network,
            station,
            variable: Variable::from(tokens[depth_idx - 1]),
            depth_from_m: depth(depth_idx)?,
            depth_to_m: depth(depth_idx + 1)?,
            sensor,
            period,
            path: path.to_string(),
        })
    }

    /// `network/station`: unique over all networks.
    #[must_use]
    pub fn station_id(&self) -> String {
        format!("{}/{}", self.network, self.station)
    }
}

/// `name` without `ending`, in upper or lower case.
pub(super) fn strip_ending<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len())?;
    let (stem, found) = (name.get(..at)?, name.get(at..)?);
    found.eq_ignore_ascii_case(ending).then_some(stem)
}

fn is_depth(token: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    unsigned.split_once('.').is_some_and(|(whole, decimals)| {
        digits(whole) && digits(decimals) && decimals.len() == DEPTH_DECIMALS
    })
}

/// Network and station of `CSE_Network_Station`, with the help of the folders.
fn network_and_station(prefix: &str, folders: &[&str]) -> Option<(String, String)> {
    let named = |network: &str, station: &str| {
        let good = !network.is_empty() && !station.is_empty();
        good.then(|| (network.to_string(), station.to_string()))
    };
    if let [.., network, station] = *folders
        && spelling(prefix).ends_with(&spelling(&format!("_{network}_{station}")))
    {
        return named(network, station);
    }
    let from_name = repeated_network(prefix).or_else(|| {
        let (_, rest) = prefix.split_once('_')?;
        rest.split_once('_')
    });
    match (from_name, folders) {
        (Some((network, station)), _) => {
            let folder = folders
                .iter()
                .rev()
                .find(|folder| spelling(folder) == spelling(network));
            named(folder.copied().unwrap_or(network), station)
        }
        (None, [.., network, station]) => named(network, station),
        (None, _) => None,
    }
}

/// The archive's name for a network is nearly always the network's own, so it stands there twice.
fn repeated_network(prefix: &str) -> Option<(&str, &str)> {
    prefix.match_indices('_').find_map(|(at, _)| {
        let (network, rest) = (&prefix[..at], &prefix[at + 1..]);
        let station = rest.strip_prefix(network)?.strip_prefix('_')?;
        (!network.is_empty() && !station.is_empty()).then_some((network, station))
    })
}

/// A name with the characters made equal that archives exchange for one another.
pub(super) fn spelling(name: &str) -> String {
    name.replace(['_', ' '], "-")
}

fn sensor_and_period(tokens: &[&str]) -> (String, Option<[Date; 2]>) {
    if let [sensor @ .., first, last] = tokens
        && let (Some(first), Some(last)) = (date(first), date(last))
    {
        return (sensor.join("_"), Some([first, last]));
    }
    (tokens.join("_"), None)
}

/// `YYYYMMDD`.
fn date(token: &str) -> Option<Date> {
    if token.len() != 8 || !token.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) = (&token[..4], &token[4..6], &token[6..]);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> (String, String, String, [f64; 2], String) {
        let info = SeriesInfo::from_path(path).unwrap();
        (
            info.network,
            info.station,
            info.variable.code().to_string(),
            [info.depth_from_m, info.depth_to_m],
            info.sensor,
        )
    }

    fn of(
        network: &str,
        station: &str,
        depths: [f64; 2],
        sensor: &str,
    ) -> (String, String, String, [f64; 2], String) {
        (
            network.into(),
            station.into(),
            "sm".into(),
            depths,
            sensor.into(),
        )
    }

    #[test]
    fn a_plain_name_is_split_with_or_without_folders() {
        let name = "USCRN_USCRN_Denio-52-WSW_sm_0.050000_0.050000_Stevens-Hydraprobe-II-Sdi-12_20240716_20250717.stm";
        let wanted = of(
            "USCRN",
            "Denio-52-WSW",
            [0.05, 0.05],
            "Stevens-Hydraprobe-II-Sdi-12",
        );
        assert_eq!(parts(name), wanted);
        assert_eq!(parts(&format!("USCRN/Denio-52-WSW/{name}")), wanted);
        assert_eq!(
            parts(&format!(
                "a/b/USCRN/Denio-52-WSW/{}",
                name.replace("stm", "STM")
            )),
            wanted
        );
        let info = SeriesInfo::from_path(name).unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(info.period, Some([day("2024-07-16"), day("2025-07-17")]));
    }

    #[test]
    fn the_network_is_spelled_as_its_folder() {
        let name =
            "FR-Aqui_FR-Aqui_fraye_sm_0.050000_0.050000_ThetaProbe-ML2X_19500101_20210131.stm";
        let wanted = of("FR_Aqui", "fraye", [0.05, 0.05], "ThetaProbe-ML2X");
        assert_eq!(parts(&format!("FR_Aqui/fraye/{name}")), wanted);
        assert_eq!(parts(&format!("FR_Aqui/{name}")), wanted);
        assert_eq!(parts(name).0, "FR-Aqui");
    }

    #[test]
    fn underscores_in_networks_stations_and_sensors_are_kept() {
        let name =
            "FR_Aqui_FR_Aqui_fraye_2_sm_-0.100000_0.210000_Theta_Probe ML2X_20170101_20171231.stm";
        let wanted = of("FR_Aqui", "fraye_2", [-0.1, 0.21], "Theta_Probe ML2X");
        assert_eq!(parts(name), wanted);
        assert_eq!(parts(&format!("FR_Aqui/fraye_2/{name}")), wanted);
        let other = "ARM_COSMOS_A_B_sm_0.000000_0.190000_Probe_20170810_20180809.stm";
        assert_eq!(parts(other), of("COSMOS", "A_B", [0.0, 0.19], "Probe"));
        assert_eq!(parts(&format!("COSMOS_A/B/{other}")).1, "B");
    }

    #[test]
    fn folders_name_what_the_file_does_not() {
        let path = "SNOTEL/Bear-Lake/Bear-Lake_sm_0.050800_0.050800_Hydraprobe.stm";
        let wanted = of("SNOTEL", "Bear-Lake", [0.0508, 0.0508], "Hydraprobe");
        assert_eq!(parts(path), wanted);
        assert_eq!(SeriesInfo::from_path(path).unwrap().period, None);
    }

    #[test]
    fn names_without_depths_station_or_ending_are_refused_with_the_reason() {
        for (path, reason) in [
            (
                "N/S/N_N_S_sm_0.05_0.05_Probe_20170101_20171231.stm",
                "depths",
            ),
            ("0.050000_0.050000.stm", "depths"),
            ("sm_0.050000_0.050000.stm", "network and station"),
            (
                "N_N_S_sm_0.050000_0.050000_Probe_20170101_20171231.csv",
                ".stm",
            ),
            ("é.stm", "depths"),
            ("", ".stm"),
        ] {
            let message = SeriesInfo::from_path(path).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
    }
}
