//! The variables of a cube: one row each.

use serde::{Deserialize, Serialize};

/// What a variable comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Rasters of soil, land cover and height.
    Static,
    /// SPL2SMP_E: SMAP's radiometer, half orbits at 9 km.
    Radiometer,
    /// SPL2SMAP_S: SMAP with Sentinel-1, scenes at 1 km.
    Radar,
    /// SPL4SMGP: the analysis, 9 km, every three hours.
    Analysis,
    /// IMERG: precipitation, 0.1°, every half hour.
    Precipitation,
    /// IMERG of the lead days ([`Calendar::lead_days`](crate::Calendar::lead_days)).
    Antecedent,
    /// Station archives.
    Stations,
}

impl Source {
    /// The sources that are read for every day of a cube, in the order in which a day is built.
    pub const DAILY: [Source; 4] = [
        Source::Radiometer,
        Source::Radar,
        Source::Analysis,
        Source::Precipitation,
    ];

    /// The product that it is read from, as its makers call it.
    #[must_use]
    pub fn product(self) -> &'static str {
        match self {
            Self::Static => "rasters",
            Self::Radiometer => "SPL2SMP_E",
            Self::Radar => "SPL2SMAP_S",
            Self::Analysis => "SPL4SMGP",
            Self::Precipitation | Self::Antecedent => "IMERG",
            Self::Stations => "station archives",
        }
    }

    /// Its name in configurations, records and folders.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Radiometer => "radiometer",
            Self::Radar => "radar",
            Self::Analysis => "analysis",
            Self::Precipitation => "precipitation",
            Self::Antecedent => "antecedent",
            Self::Stations => "stations",
        }
    }
}

/// Which axes a variable has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axes {
    /// `[y, x]`, 1 km.
    Map,
    /// `[time, y, x]`, 1 km.
    DailyMap,
    /// `[time, y_9km, x_9km]`: cells of M09.
    DailyCoarseMap,
    /// `[lead_time, y, x]`, 1 km: of the lead days.
    LeadMap,
}

impl Axes {
    /// How many maps a variable has in a cube of so many days and lead days.
    pub(crate) fn n_maps(self, n_days: usize, n_lead_days: usize) -> usize {
        match self {
            Self::Map => 1,
            Self::DailyMap | Self::DailyCoarseMap => n_days,
            Self::LeadMap => n_lead_days,
        }
    }
}

/// A variable of a cube. All are f32, NaN where missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Name: that of the channel, where it is one (`vadose_scene::ChannelSpec::known`).
    pub name: &'static str,
    /// CF units.
    pub units: &'static str,
    /// Its axes.
    pub axes: Axes,
    /// What it comes from.
    pub source: Source,
    /// What it is, in words.
    pub long_name: &'static str,
    /// How several values, or values on another grid, become that of a cell.
    pub resampling: &'static str,
}

const NESTED: &str = "the value of the 9 km cell that holds the cell; of several passes with good brightness temperatures the one nearest to 6 h local solar time";
const NEAREST_PASS: &str =
    "of several passes with good brightness temperatures the one nearest to 6 h local solar time";
const MEAN_OF_SCENES: &str = "mean of the scenes of the day that have a value";
const HALF_HOURS: &str = "the 0.1 degree box that holds the cell's centre, and the local solar time of its middle; 48 half hours, to the nearest; up to 4 missing ones count as the mean of the others";

/// Short names for the rows below.
const fn row(
    name: &'static str,
    units: &'static str,
    (source, axes): (Source, Axes),
    long_name: &'static str,
    resampling: &'static str,
) -> Variable {
    Variable {
        name,
        units,
        axes,
        source,
        long_name,
        resampling,
    }
}

const STATIC: (Source, Axes) = (Source::Static, Axes::Map);
const RADIOMETER: (Source, Axes) = (Source::Radiometer, Axes::DailyMap);
const RADIOMETER_9KM: (Source, Axes) = (Source::Radiometer, Axes::DailyCoarseMap);
const RADAR: (Source, Axes) = (Source::Radar, Axes::DailyMap);
const ANALYSIS: (Source, Axes) = (Source::Analysis, Axes::DailyCoarseMap);
const PRECIPITATION: (Source, Axes) = (Source::Precipitation, Axes::DailyMap);
const ANTECEDENT: (Source, Axes) = (Source::Antecedent, Axes::LeadMap);

const VARIABLES: &[Variable] = &[
    row(
        "clay_fraction",
        "1",
        STATIC,
        "clay fraction of the soil, 0 to 5 cm",
        "area-weighted mean",
    ),
    row(
        "bulk_density",
        "g cm-3",
        STATIC,
        "bulk density of the soil, 0 to 5 cm",
        "area-weighted mean",
    ),
    row(
        "land_cover",
        "1",
        STATIC,
        "land cover, IGBP classes, 0 is water",
        "class with the largest area",
    ),
    row(
        "elevation",
        "m",
        STATIC,
        "height above sea level",
        "area-weighted mean",
    ),
    row(
        "land",
        "1",
        STATIC,
        "1 where the cell is no water and all static layers that were given are present, else 0",
        "from the layers",
    ),
    row(
        "tb_h",
        "K",
        RADIOMETER,
        "brightness temperature, horizontal polarisation",
        NESTED,
    ),
    row(
        "tb_v",
        "K",
        RADIOMETER,
        "brightness temperature, vertical polarisation",
        NESTED,
    ),
    row(
        "surface_temperature",
        "K",
        RADIOMETER,
        "effective soil temperature of the retrieval",
        NESTED,
    ),
    row(
        "vegetation_water_content",
        "kg m-2",
        RADIOMETER,
        "vegetation water content",
        NESTED,
    ),
    row(
        "spl2smp_e_soil_moisture",
        "m3 m-3",
        RADIOMETER_9KM,
        "soil moisture of SPL2SMP_E, baseline algorithm",
        NEAREST_PASS,
    ),
    row(
        "spl2smp_e_soil_moisture_scav",
        "m3 m-3",
        RADIOMETER_9KM,
        "soil moisture of SPL2SMP_E, single channel algorithm, vertical polarisation",
        NEAREST_PASS,
    ),
    row(
        "spl2smp_e_recommended",
        "1",
        RADIOMETER_9KM,
        "1 where the retrieval is of recommended quality, 0 where not",
        NEAREST_PASS,
    ),
    row(
        "spl2smp_e_time",
        "h",
        RADIOMETER_9KM,
        "hours from the day's time to the pass",
        NEAREST_PASS,
    ),
    row(
        "sigma0_vv",
        "1",
        RADAR,
        "backscatter coefficient VV, linear power",
        MEAN_OF_SCENES,
    ),
    row(
        "sigma0_vh",
        "1",
        RADAR,
        "backscatter coefficient VH, linear power",
        MEAN_OF_SCENES,
    ),
    row(
        "sigma0_incidence_angle",
        "degree",
        RADAR,
        "incidence angle of the radar",
        MEAN_OF_SCENES,
    ),
    row(
        "observed",
        "1",
        RADAR,
        "1 where Sentinel-1 saw the cell in both polarisations, else 0; never missing",
        "from the backscatter",
    ),
    row(
        "spl2smap_s_soil_moisture",
        "m3 m-3",
        RADAR,
        "soil moisture of SPL2SMAP_S",
        MEAN_OF_SCENES,
    ),
    row(
        "spl2smap_s_recommended",
        "1",
        RADAR,
        "share of these scenes whose retrieval is of recommended quality",
        MEAN_OF_SCENES,
    ),
    row(
        "l4_soil_moisture",
        "m3 m-3",
        ANALYSIS,
        "surface soil moisture of SPL4SMGP",
        "the 3 h mean that holds 6 h local solar time of the cell",
    ),
    row(
        "precipitation",
        "mm",
        PRECIPITATION,
        "precipitation of the 24 h that end at 6 h local solar time",
        HALF_HOURS,
    ),
    row(
        "antecedent_precipitation",
        "mm",
        ANTECEDENT,
        "precipitation of the 24 h that end at 6 h local solar time, of days before those of the cube",
        HALF_HOURS,
    ),
];

/// The variables of a source, in the order in which its layers give them.
pub fn variables(source: Source) -> impl Iterator<Item = &'static Variable> {
    VARIABLES
        .iter()
        .filter(move |variable| variable.source == source)
}

/// The soil moisture products of a cube, and what is said of their quality: to compare with, never inputs.
pub const PRODUCTS: [&str; 5] = [
    "spl2smap_s_soil_moisture",
    "spl2smap_s_recommended",
    "spl2smp_e_soil_moisture",
    "spl2smp_e_soil_moisture_scav",
    "spl2smp_e_recommended",
];

#[cfg(test)]
mod tests {
    use vadose_scene::{ChannelSet, ChannelSpec};

    use super::*;

    #[test]
    fn every_channel_of_the_paper_has_a_variable_in_its_units() {
        for channel in &ChannelSet::preset("paper").unwrap() {
            let variable = VARIABLES
                .iter()
                .find(|variable| variable.name == channel.name);
            assert_eq!(
                variable.map(|variable| variable.units),
                Some(channel.units.as_str()),
                "{}",
                channel.name
            );
        }
    }

    #[test]
    fn products_are_variables_and_no_channels_of_the_paper() {
        let channels = ChannelSet::preset("paper").unwrap();
        for product in PRODUCTS {
            assert!(
                VARIABLES.iter().any(|variable| variable.name == product),
                "{product}"
            );
            assert!(channels.names().all(|name| name != product), "{product}");
        }
    }

    #[test]
    fn names_are_unique_and_stations_have_no_variable() {
        for variable in VARIABLES {
            let same = VARIABLES.iter().filter(|other| other.name == variable.name);
            assert_eq!(same.count(), 1, "{}", variable.name);
        }
        assert_eq!(variables(Source::Stations).count(), 0);
        assert!(ChannelSpec::known("land").is_none());
    }
}
