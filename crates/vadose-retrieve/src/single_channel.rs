//! The single-channel algorithm on the fields of a scene.

use serde::{Deserialize, Serialize};
use vadose_physics::{InversionConfig, Polarization};
use vadose_scene::Scene;

use crate::map_inverter::{CellTb, MapInverter};
use crate::surface_fields::{SurfaceFields, required};
use crate::{InputErrors, Retrieval, RetrieveError, Retriever};

/// What [`SingleChannelRetriever`] needs beyond the scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SingleChannelConfig {
    /// Which brightness temperature is inverted: field `tb_v` (default) or `tb_h`.
    pub polarization: Polarization,
    /// Clay fraction everywhere, 0 to 1, in place of the field `clay_fraction`.
    pub clay_fraction: Option<f64>,
    /// Dry bulk density everywhere, g cm-3, 0.1 to 2.5, in place of the field `bulk_density`.
    pub bulk_density_g_cm3: Option<f64>,
    /// The inversion.
    pub inversion: InversionConfig,
    /// Errors of the inputs, from which the uncertainty follows.
    pub errors: InputErrors,
}

impl Default for SingleChannelConfig {
    fn default() -> Self {
        Self {
            polarization: Polarization::V,
            clay_fraction: None,
            bulk_density_g_cm3: None,
            inversion: InversionConfig::default(),
            errors: InputErrors::default(),
        }
    }
}

/// SCA-V or SCA-H, cell by cell: of a product at 1 km, or of a coarse brightness temperature that is
/// nested to 1 km, whose spread inside a coarse cell is then that of soil and vegetation alone.
///
/// # Fields
/// `tb_v` or `tb_h` (K), `surface_temperature` (K), `land_cover` (IGBP class), `clay_fraction` (0–1) and
/// `bulk_density` (g cm-3) unless given as constants; `vegetation_opacity` (along the line of sight) or, where a
/// scene lacks that field, `vegetation_water_content` (kg m-2); `albedo`, or else that of the land cover.
/// Roughness is that of the land cover.
/// # Result
/// With the uncertainty that follows from [`SingleChannelConfig::errors`] to first order
/// ([`Inverter::single_channel_sensitivity`](vadose_physics::Inverter::single_channel_sensitivity)), and a
/// [`RetrievalStatus`](crate::RetrievalStatus) for each cell.
/// # Missing values
/// A cell that lacks any of them, that is not predictable, or whose brightness temperature tells nothing
/// about the soil, is NaN; its status says why. The uncertainty of a value at a bound is NaN.
pub struct SingleChannelRetriever {
    config: SingleChannelConfig,
    inverter: MapInverter,
}

impl SingleChannelRetriever {
    /// Checks the parameters of the inversion and the errors.
    ///
    /// # Errors
    /// [`RetrieveError::Physics`]; [`RetrieveError::ConfigOutOfRange`].
    pub fn new(config: SingleChannelConfig) -> Result<Self, RetrieveError> {
        let inverter = MapInverter::new(&config)?;
        Ok(Self { config, inverter })
    }

    fn name(&self) -> &'static str {
        match self.config.polarization {
            Polarization::H => "SCA-H",
            Polarization::V => "SCA-V",
        }
    }
}

/// Field of the brightness temperature at a polarisation.
pub(crate) fn tb_field(polarization: Polarization) -> &'static str {
    match polarization {
        Polarization::H => "tb_h",
        Polarization::V => "tb_v",
    }
}

impl Retriever for SingleChannelRetriever {
    fn method(&self) -> String {
        self.name().to_owned()
    }

    fn retrieve_with_progress(
        &self,
        scene: &Scene,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Retrieval, RetrieveError> {
        let tb_field = tb_field(self.config.polarization);
        let tb = required(scene, self.name(), tb_field, "brightness temperature, K")?;
        let fields = SurfaceFields::of(scene, &self.config, self.name())?;
        let retrieval = self
            .inverter
            .invert(self.method(), &fields, |at| CellTb::observed(tb[at]))?;
        progress(1, 1);
        Ok(retrieval)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use vadose_grid::{EaseGrid2, Window};
    use vadose_physics::{IgbpClass, Roughness, Surface};

    use super::*;
    use crate::RetrievalStatus;

    /// f32 fields and the root finder's tolerance, m3 m-3.
    const MAX_ROUND_TRIP_ERR_M3M3: f32 = 1e-4;

    const CROPLAND: f32 = 12.0;

    /// A scene whose brightness temperature is that of a known soil moisture.
    fn scene(truth: &Array2<f32>) -> Scene {
        let inverter = InversionConfig::default().build().unwrap();
        let surface = Surface {
            clay_percent: 20.0,
            temperature_kelvin: 295.0,
            roughness: Roughness::single_channel(IgbpClass::Cropland.parameters().roughness_h),
            albedo: 0.05,
            tau_slant: 0.25,
        };
        let tb = truth.mapv(|soil_moisture| {
            inverter
                .model()
                .brightness_temperature(f64::from(soil_moisture), &surface)
                .tb_v_kelvin as f32
        });
        let constant = |value: f32| Array2::from_elem(truth.dim(), value);
        let window = Window::new(EaseGrid2::M01, 900, 1800, truth.nrows(), truth.ncols()).unwrap();
        Scene::new("forward", window)
            .with_field("tb_v", "K", tb)
            .and_then(|scene| scene.with_field("surface_temperature", "K", constant(295.0)))
            .and_then(|scene| scene.with_field("land_cover", "1", constant(CROPLAND)))
            .and_then(|scene| scene.with_field("albedo", "1", constant(0.05)))
            .and_then(|scene| scene.with_field("vegetation_opacity", "1", constant(0.25)))
            .and_then(|scene| scene.with_field("bulk_density", "g cm-3", constant(1.3)))
            .unwrap()
    }

    fn truth() -> Array2<f32> {
        Array2::from_shape_fn((18, 27), |(row, col)| {
            0.05 + 0.012 * row as f32 + 0.004 * col as f32
        })
    }

    #[test]
    fn sca_v_recovers_the_soil_moisture_of_a_forward_run() {
        let config = SingleChannelConfig {
            clay_fraction: Some(0.2),
            ..SingleChannelConfig::default()
        };
        let retrieval = SingleChannelRetriever::new(config)
            .unwrap()
            .retrieve(&scene(&truth()))
            .unwrap();
        for (retrieved, truth) in retrieval.soil_moisture.iter().zip(truth().iter()) {
            assert!(
                (retrieved - truth).abs() <= MAX_ROUND_TRIP_ERR_M3M3,
                "{retrieved} for {truth}"
            );
        }
        assert_eq!(retrieval.coarse.values.dim(), (2, 3));
    }

    #[test]
    fn a_missing_field_is_named() {
        let retriever = SingleChannelRetriever::new(SingleChannelConfig::default()).unwrap();
        let message = retriever
            .retrieve(&scene(&truth()))
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            "SCA-V needs the field clay_fraction (0 to 1), which scene forward lacks"
        );
    }

    #[test]
    fn missing_cells_stay_missing_and_say_why() {
        let config = SingleChannelConfig {
            clay_fraction: Some(0.2),
            ..SingleChannelConfig::default()
        };
        let mut truth = truth();
        truth[[3, 4]] = f32::NAN;
        let mut predictable = truth.mapv(|_| true);
        predictable[[5, 6]] = false;
        let scene = scene(&truth)
            .with_field("vegetation_water_content", "kg m-2", truth.mapv(|_| 6.0))
            .and_then(|scene| scene.with_predictable(predictable))
            .unwrap();
        let retrieval = SingleChannelRetriever::new(config)
            .unwrap()
            .retrieve(&scene)
            .unwrap();
        let status = retrieval.status.unwrap();
        assert_eq!(status[[3, 4]], RetrievalStatus::NoBrightnessTemperature);
        assert_eq!(status[[5, 6]], RetrievalStatus::NotAskedFor);
        assert_eq!(status[[0, 0]], RetrievalStatus::RetrievedDenseVegetation);
        let missing = retrieval
            .soil_moisture
            .iter()
            .filter(|value| value.is_nan());
        assert_eq!(missing.count(), 2);
    }

    #[test]
    fn a_temperature_beyond_the_model_gives_a_bound_without_uncertainty() {
        let config = SingleChannelConfig {
            clay_fraction: Some(0.2),
            ..SingleChannelConfig::default()
        };
        let window = Window::new(EaseGrid2::M01, 900, 1800, 9, 9).unwrap();
        let constant = |value: f32| Array2::from_elem((9, 9), value);
        let scene = Scene::new("too warm", window)
            .with_field("tb_v", "K", constant(294.9))
            .and_then(|scene| scene.with_field("surface_temperature", "K", constant(295.0)))
            .and_then(|scene| scene.with_field("land_cover", "1", constant(CROPLAND)))
            .and_then(|scene| scene.with_field("vegetation_opacity", "1", constant(0.1)))
            .and_then(|scene| scene.with_field("bulk_density", "g cm-3", constant(1.3)))
            .unwrap();
        let retrieval = SingleChannelRetriever::new(config)
            .unwrap()
            .retrieve(&scene)
            .unwrap();
        assert_eq!(
            retrieval.status_counts().into_iter().collect::<Vec<_>>(),
            [(RetrievalStatus::RetrievedAtBound, 81)]
        );
        assert_eq!(retrieval.soil_moisture[[4, 4]], 0.02);
        assert!(retrieval.uncertainty.unwrap()[[4, 4]].is_nan());
    }
}
