//! The single-channel algorithm on the fields of a scene.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use vadose_physics::{
    IgbpClass, InversionConfig, Inverter, Polarization, Roughness, SMAP_INCIDENCE_DEG,
    SingleChannelCell, Surface, tau_nadir, tau_slant_from_nadir,
};
use vadose_scene::Scene;

use crate::{Retrieval, RetrieveError, Retriever};

/// What [`SingleChannelRetriever`] needs beyond the scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SingleChannelConfig {
    /// Which brightness temperature is inverted: field `tb_v` or `tb_h`.
    pub polarization: Polarization,
    /// Clay fraction (0 to 1) everywhere, in place of the field `clay_fraction`.
    pub clay_fraction: Option<f64>,
    /// Dry bulk density in g cm-3 everywhere, in place of the field `bulk_density`.
    pub bulk_density_g_cm3: Option<f64>,
    /// The inversion.
    pub inversion: InversionConfig,
}

impl Default for SingleChannelConfig {
    fn default() -> Self {
        Self {
            polarization: Polarization::V,
            clay_fraction: None,
            bulk_density_g_cm3: None,
            inversion: InversionConfig::default(),
        }
    }
}

/// SCA-V or SCA-H, cell by cell.
///
/// # Fields
/// `tb_v` or `tb_h` (K), `surface_temperature` (K), `land_cover` (IGBP class), `clay_fraction` (0–1) and
/// `bulk_density` (g cm-3) unless given as constants; `vegetation_opacity` (along the line of sight) or, where a
/// scene lacks that field, `vegetation_water_content` (kg m-2); `albedo`, or else that of the land cover.
/// Roughness is that of the land cover.
/// # Missing values
/// A cell that lacks any of them, that is not predictable, or whose brightness temperature tells nothing
/// about the soil, is NaN.
pub struct SingleChannelRetriever {
    config: SingleChannelConfig,
    inverter: Inverter,
}

impl SingleChannelRetriever {
    /// Checks the inversion's parameters.
    ///
    /// # Errors
    /// [`RetrieveError::Physics`].
    pub fn new(config: SingleChannelConfig) -> Result<Self, RetrieveError> {
        let inverter = config.inversion.build().map_err(RetrieveError::Physics)?;
        Ok(Self { config, inverter })
    }

    fn name(&self) -> &'static str {
        match self.config.polarization {
            Polarization::H => "SCA-H",
            Polarization::V => "SCA-V",
        }
    }

    fn field<'a>(
        &self,
        scene: &'a Scene,
        field: &'static str,
        hint: &'static str,
    ) -> Result<ArrayView2<'a, f32>, RetrieveError> {
        scene
            .field(field)
            .ok_or_else(|| RetrieveError::MissingField {
                method: self.name(),
                field,
                hint,
                scene: scene.id().to_owned(),
            })
    }

    /// A field, or the same number everywhere.
    fn field_or(
        &self,
        scene: &Scene,
        constant: Option<f64>,
        field: &'static str,
        hint: &'static str,
    ) -> Result<Array2<f64>, RetrieveError> {
        match constant {
            Some(value) => Ok(Array2::from_elem(scene.window().shape(), value)),
            None => Ok(self.field(scene, field, hint)?.mapv(f64::from)),
        }
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
        let tb_field = match self.config.polarization {
            Polarization::H => "tb_h",
            Polarization::V => "tb_v",
        };
        let tb = self.field(scene, tb_field, "brightness temperature, K")?;
        let temperature = self.field(scene, "surface_temperature", "soil temperature, K")?;
        let land_cover = self.field(scene, "land_cover", "IGBP class")?;
        let clay = self.field_or(scene, self.config.clay_fraction, "clay_fraction", "0 to 1")?;
        let bulk_density = self.field_or(
            scene,
            self.config.bulk_density_g_cm3,
            "bulk_density",
            "g cm-3",
        )?;
        let opacity = scene.field("vegetation_opacity");
        let water_content = match opacity {
            Some(_) => None,
            None => Some(self.field(
                scene,
                "vegetation_water_content",
                "kg m-2, or vegetation_opacity",
            )?),
        };
        let albedo = scene.field("albedo");

        let mut places = Vec::new();
        let mut cells = Vec::new();
        for (at, _) in scene
            .predictable()
            .indexed_iter()
            .filter(|(_, predictable)| **predictable)
        {
            let Some(class) = igbp_class(land_cover[at]) else {
                continue;
            };
            let parameters = class.parameters();
            let tau_slant = match (&opacity, &water_content) {
                (Some(opacity), _) => f64::from(opacity[at]),
                (None, Some(content)) => {
                    let nadir = tau_nadir(parameters.b_m2_kg, f64::from(content[at]));
                    tau_slant_from_nadir(nadir, SMAP_INCIDENCE_DEG)
                }
                (None, None) => f64::NAN,
            };
            let surface = Surface {
                clay_percent: 100.0 * clay[at],
                temperature_kelvin: f64::from(temperature[at]),
                roughness: Roughness::single_channel(parameters.roughness_h),
                albedo: albedo.map_or(parameters.albedo, |albedo| f64::from(albedo[at])),
                tau_slant,
            };
            places.push(at);
            cells.push(SingleChannelCell {
                tb_kelvin: f64::from(tb[at]),
                surface,
                bulk_density_g_cm3: bulk_density[at],
                land_cover: Some(class),
            });
        }
        let mut map = Array2::from_elem(scene.window().shape(), f32::NAN);
        for (at, inversion) in places
            .into_iter()
            .zip(self.inverter.invert_many(self.config.polarization, &cells))
        {
            map[at] = inversion.soil_moisture_m3m3 as f32;
        }
        progress(1, 1);
        Retrieval::new(self.method(), scene, map)
    }
}

/// The class of a land-cover field's cell; `None` where missing or no IGBP class.
fn igbp_class(value: f32) -> Option<IgbpClass> {
    let code = Some(value).filter(|value| (0.0..=255.0).contains(value))? as u8;
    IgbpClass::try_from(code).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vadose_grid::{EaseGrid2, Window};

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
    fn missing_cells_stay_missing() {
        let config = SingleChannelConfig {
            clay_fraction: Some(0.2),
            ..SingleChannelConfig::default()
        };
        let mut truth = truth();
        truth[[3, 4]] = f32::NAN;
        let map = SingleChannelRetriever::new(config)
            .unwrap()
            .retrieve(&scene(&truth))
            .unwrap()
            .soil_moisture;
        assert!(map[[3, 4]].is_nan());
        assert_eq!(map.iter().filter(|value| value.is_nan()).count(), 1);
    }
}
