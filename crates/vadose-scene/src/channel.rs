//! The ordered list of input channels, and the presets.

use serde::{Deserialize, Serialize};

use crate::{SceneError, Transform};

/// One input channel: which field it is, in which units, and how it is transformed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSpec {
    /// Name of the field in the scene.
    pub name: String,
    /// Transform before the z-score.
    pub transform: Transform,
    /// Units of the field before the transform, as in CF files (`K`, `kg m-2`, `1`).
    pub units: String,
}

/// Every channel of the presets: name, transform, units in memory.
const KNOWN: &[(&str, Transform, &str)] = &[
    ("clay_fraction", Transform::None, "1"),
    ("bulk_density", Transform::None, "g cm-3"),
    ("surface_temperature", Transform::None, "K"),
    ("tb_h", Transform::None, "K"),
    ("tb_v", Transform::None, "K"),
    ("vegetation_water_content", Transform::None, "kg m-2"),
    ("vegetation_opacity", Transform::None, "1"),
    ("albedo", Transform::None, "1"),
    ("bare_soil_roughness", Transform::None, "m"),
    ("sigma0_vv", Transform::Decibel, "1"),
    ("observed", Transform::None, "1"),
    ("sigma0_vh", Transform::Decibel, "1"),
    ("sigma0_incidence_angle", Transform::None, "degree"),
    ("land_cover", Transform::LandCoverRoughness, "1"),
    ("water_body_fraction", Transform::None, "1"),
    ("overpass_time_difference", Transform::None, "h"),
    ("elevation", Transform::None, "m"),
    ("precipitation", Transform::Log1p, "mm"),
    ("precipitation_3d", Transform::Log1p, "mm"),
    ("precipitation_7d", Transform::Log1p, "mm"),
    ("precipitation_30d", Transform::Log1p, "mm"),
    ("l4_soil_moisture", Transform::None, "m3 m-3"),
    ("spl2smp_e_soil_moisture_scav", Transform::None, "m3 m-3"),
];

/// Names of the presets of [`ChannelSet::preset`].
const PRESETS: &[&str] = &["paper", "spl2smap_s", "context", "residual"];

/// Preset `paper`. Order matters to the network: its kernels mix neighbours on the channel axis.
const PAPER: &[&str] = &[
    "clay_fraction",
    "bulk_density",
    "surface_temperature",
    "tb_h",
    "tb_v",
    "vegetation_water_content",
    "sigma0_vv",
    "observed",
    "sigma0_vh",
    "sigma0_incidence_angle",
    "land_cover",
    "elevation",
    "precipitation",
];

/// Preset `spl2smap_s`: what one SMAP/Sentinel-1 granule holds by itself.
const SPL2SMAP_S: &[&str] = &[
    "surface_temperature",
    "vegetation_water_content",
    "vegetation_opacity",
    "albedo",
    "bare_soil_roughness",
    "tb_v",
    "sigma0_vv",
    "observed",
    "sigma0_vh",
    "sigma0_incidence_angle",
    "land_cover",
    "water_body_fraction",
    "overpass_time_difference",
];

/// What preset `context` adds to `paper`, behind it.
const CONTEXT: &[&str] = &[
    "precipitation_3d",
    "precipitation_7d",
    "precipitation_30d",
    "l4_soil_moisture",
];

/// What preset `residual` adds to `paper`, behind it.
const RESIDUAL: &[&str] = &["spl2smp_e_soil_moisture_scav"];

impl ChannelSpec {
    /// The channel of this name as the presets define it, or `None` for other names.
    ///
    /// Readers use its `units` as the units in which a field is handed on:
    ///
    /// | channels | units |
    /// |---|---|
    /// | `clay_fraction`, `vegetation_opacity`, `albedo`, `water_body_fraction` | 1 (fraction, or nepers for the opacity) |
    /// | `bulk_density` | g cm-3 |
    /// | `surface_temperature`, `tb_h`, `tb_v` | K |
    /// | `vegetation_water_content` | kg m-2 |
    /// | `bare_soil_roughness`, `elevation` | m |
    /// | `sigma0_vv`, `sigma0_vh` | 1 (linear power; the transform takes decibels) |
    /// | `sigma0_incidence_angle` | degree |
    /// | `observed` | 1 (1 where Sentinel-1 saw the cell, else 0, never missing) |
    /// | `land_cover` | 1 (IGBP class) |
    /// | `overpass_time_difference` | h |
    /// | `precipitation`, `precipitation_3d`, `precipitation_7d`, `precipitation_30d` | mm (sums over 1, 3, 7 and 30 days) |
    /// | `l4_soil_moisture`, `spl2smp_e_soil_moisture_scav` | m3 m-3 |
    ///
    /// ```
    /// use vadose_scene::{ChannelSpec, Transform};
    ///
    /// let sigma0 = ChannelSpec::known("sigma0_vv").unwrap();
    /// assert_eq!((sigma0.transform, sigma0.units.as_str()), (Transform::Decibel, "1"));
    /// ```
    pub fn known(name: &str) -> Option<ChannelSpec> {
        KNOWN
            .iter()
            .find(|(known, _, _)| *known == name)
            .map(|&(name, transform, units)| ChannelSpec {
                name: name.to_owned(),
                transform,
                units: units.to_owned(),
            })
    }
}

/// Ordered channels with unique names; at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ChannelSpec>", into = "Vec<ChannelSpec>")]
pub struct ChannelSet(Vec<ChannelSpec>);

impl ChannelSet {
    /// Takes the channels in this order.
    ///
    /// # Errors
    /// [`SceneError::EmptyChannelSet`]; [`SceneError::DuplicateChannel`].
    pub fn new(channels: Vec<ChannelSpec>) -> Result<Self, SceneError> {
        if channels.is_empty() {
            return Err(SceneError::EmptyChannelSet);
        }
        for (idx, channel) in channels.iter().enumerate() {
            if channels[..idx].iter().any(|c| c.name == channel.name) {
                return Err(SceneError::DuplicateChannel {
                    name: channel.name.clone(),
                });
            }
        }
        Ok(Self(channels))
    }

    /// A preset by name.
    ///
    /// `paper`: the eleven inputs that the paper names, and two of ours, `observed` and
    /// `sigma0_incidence_angle`; `observed` sits between the two channels whose gaps it explains.
    /// `spl2smap_s`: the 13 that a SMAP/Sentinel-1 granule holds without any other file.
    /// `context`: 17, those of `paper`, the precipitation of the last 3, 7 and 30 days, and the analysis (SPL4SMGP) of
    /// the same day, bilinear at 1 km. The analysis is what `paper`'s loss holds the map to, so this preset sees no
    /// more than that loss does; but such a network needs it for a map too, while one of `paper` needs it in
    /// training alone.
    /// `residual`: 14, those of `paper` and SMAP's own single-channel retrieval (SPL2SMP_E, SCA-V) of the same day,
    /// bilinear at 1 km: a physical first guess, for a network that corrects it.
    ///
    /// # Errors
    /// [`SceneError::UnknownPreset`], with the names that exist.
    /// # Examples
    /// ```
    /// use vadose_scene::ChannelSet;
    ///
    /// let channels = ChannelSet::preset("paper")?;
    /// assert_eq!(channels.len(), 13);
    /// assert_eq!(channels.names().nth(4), Some("tb_v"));
    /// # Ok::<(), vadose_scene::SceneError>(())
    /// ```
    pub fn preset(name: &str) -> Result<Self, SceneError> {
        let names = match name {
            "paper" => PAPER,
            "spl2smap_s" => SPL2SMAP_S,
            "context" => &[PAPER, CONTEXT].concat(),
            "residual" => &[PAPER, RESIDUAL].concat(),
            _ => {
                return Err(SceneError::UnknownPreset {
                    name: name.to_owned(),
                    known: PRESETS,
                });
            }
        };
        Self::new(names.iter().filter_map(|n| ChannelSpec::known(n)).collect())
    }

    /// Names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|c| c.name.as_str())
    }

    /// Channels in order.
    pub fn iter(&self) -> std::slice::Iter<'_, ChannelSpec> {
        self.0.iter()
    }

    /// Number of channels.
    #[expect(clippy::len_without_is_empty, reason = "a set is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The channel of this name.
    pub fn get(&self, name: &str) -> Option<&ChannelSpec> {
        self.0.iter().find(|c| c.name == name)
    }
}

impl TryFrom<Vec<ChannelSpec>> for ChannelSet {
    type Error = SceneError;

    fn try_from(channels: Vec<ChannelSpec>) -> Result<Self, SceneError> {
        Self::new(channels)
    }
}

impl From<ChannelSet> for Vec<ChannelSpec> {
    fn from(set: ChannelSet) -> Self {
        set.0
    }
}

impl<'a> IntoIterator for &'a ChannelSet {
    type Item = &'a ChannelSpec;
    type IntoIter = std::slice::Iter<'a, ChannelSpec>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_have_thirteen_known_channels_and_some_more_behind_them() {
        let channels = PRESETS.iter().map(|name| ChannelSet::preset(name).unwrap());
        let lengths: Vec<_> = channels.map(|channels| channels.len()).collect();
        assert_eq!(lengths, [13, 13, 17, 14]);
        for longer in ["context", "residual"] {
            let longer = ChannelSet::preset(longer).unwrap();
            assert!(longer.names().take(13).eq(PAPER.iter().copied()));
        }
    }

    #[test]
    fn observed_sits_between_the_two_polarisations() {
        for preset in PRESETS {
            let set = ChannelSet::preset(preset).unwrap();
            let names: Vec<_> = set.names().collect();
            let observed = names.iter().position(|n| *n == "observed").unwrap();
            assert_eq!(names[observed - 1], "sigma0_vv");
            assert_eq!(names[observed + 1], "sigma0_vh");
        }
    }

    #[test]
    fn known_names_are_unique_and_all_used() {
        for (name, _, _) in KNOWN {
            assert_eq!(KNOWN.iter().filter(|k| k.0 == *name).count(), 1, "{name}");
            assert!(
                [PAPER, SPL2SMAP_S, CONTEXT, RESIDUAL]
                    .iter()
                    .any(|preset| preset.contains(name)),
                "{name}"
            );
        }
    }

    #[test]
    fn unknown_preset_names_the_known_ones() {
        let message = ChannelSet::preset("papr").unwrap_err().to_string();
        assert_eq!(
            message,
            "no preset \"papr\"; there are: paper, spl2smap_s, context, residual"
        );
    }

    #[test]
    fn repeated_and_empty_sets_are_refused_also_from_json() {
        let twice = vec![ChannelSpec::known("tb_v").unwrap(); 2];
        let json = serde_json::to_string(&twice).unwrap();
        assert!(matches!(
            ChannelSet::new(twice),
            Err(SceneError::DuplicateChannel { name }) if name == "tb_v"
        ));
        assert!(serde_json::from_str::<ChannelSet>(&json).is_err());
        assert!(serde_json::from_str::<ChannelSet>("[]").is_err());
    }

    #[test]
    fn json_round_trip_keeps_the_order() {
        let set = ChannelSet::preset("spl2smap_s").unwrap();
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<ChannelSet>(&json).unwrap(), set);
    }
}
