//! What a physical method reads of each cell beside its brightness temperature, and the inversion of a map.

use ndarray::{Array2, ArrayView2, Zip};
use vadose_physics::{
    IgbpClass, InversionConfig, Inverter, Polarization, Roughness, SMAP_INCIDENCE_DEG,
    SingleChannelCell, Surface, tau_nadir, tau_slant_from_nadir,
};
use vadose_scene::Scene;

use crate::{InputErrors, Retrieval, RetrievalStatus, RetrieveError, SingleChannelConfig};

/// Vegetation water content above which SMAP does not recommend its retrievals, kg m-2 (its product
/// specification; a real SPL2SMP R18290 granule begins to flag between 4.98 and 5.39).
const DENSE_VEGETATION_KG_M2: f32 = 5.0;

/// A cell of an array.
pub(crate) type At = (usize, usize);

/// A field, or the same number everywhere.
enum Values<'a> {
    Field(ArrayView2<'a, f32>),
    Constant(f64),
}

impl Values<'_> {
    /// The value of a cell, if there is one.
    fn at(&self, at: At) -> Option<f64> {
        let value = match self {
            Self::Field(field) => f64::from(field[at]),
            Self::Constant(value) => *value,
        };
        value.is_finite().then_some(value)
    }
}

/// Whence the opacity along the line of sight.
enum Opacity<'a> {
    Field(ArrayView2<'a, f32>),
    WaterContent(ArrayView2<'a, f32>),
}

/// The fields of a scene that describe soil and vegetation.
pub(crate) struct SurfaceFields<'a> {
    scene: &'a Scene,
    temperature: ArrayView2<'a, f32>,
    land_cover: ArrayView2<'a, f32>,
    clay: Values<'a>,
    bulk_density: Values<'a>,
    opacity: Opacity<'a>,
    water_content: Option<ArrayView2<'a, f32>>,
    albedo: Option<ArrayView2<'a, f32>>,
}

/// What does not change from day to day.
#[derive(Clone, Copy)]
struct Soil {
    class: IgbpClass,
    clay_percent: f64,
    bulk_density_g_cm3: f64,
}

/// Temperature and vegetation of a cell.
#[derive(Clone, Copy)]
pub(crate) struct SurfaceState {
    pub(crate) temperature_kelvin: f64,
    pub(crate) tau_slant: f64,
    pub(crate) albedo: f64,
}

impl<'a> SurfaceFields<'a> {
    /// Finds the fields.
    pub(crate) fn of(
        scene: &'a Scene,
        config: &SingleChannelConfig,
        method: &'static str,
    ) -> Result<Self, RetrieveError> {
        let field = |name, hint| required(scene, method, name, hint);
        let values = |constant: Option<f64>, name, hint| match constant {
            Some(value) => Ok(Values::Constant(value)),
            None => field(name, hint).map(Values::Field),
        };
        let temperature = field("surface_temperature", "soil temperature, K")?;
        let land_cover = field("land_cover", "IGBP class")?;
        let clay = values(config.clay_fraction, "clay_fraction", "0 to 1")?;
        let bulk_density = values(config.bulk_density_g_cm3, "bulk_density", "g cm-3")?;
        let water_content = scene.field("vegetation_water_content");
        let opacity = match scene.field("vegetation_opacity") {
            Some(opacity) => Opacity::Field(opacity),
            None => Opacity::WaterContent(field(
                "vegetation_water_content",
                "kg m-2, or vegetation_opacity",
            )?),
        };
        Ok(Self {
            scene,
            temperature,
            land_cover,
            clay,
            bulk_density,
            opacity,
            water_content,
            albedo: scene.field("albedo"),
        })
    }

    /// Whether a cell is land, as far as the scene knows.
    pub(crate) fn is_land(&self, at: At) -> bool {
        self.scene.land()[at] && igbp_class(self.land_cover[at]) != Some(IgbpClass::Water)
    }

    /// Temperature and vegetation of a cell that has a land cover and all of them.
    pub(crate) fn state(&self, at: At) -> Option<SurfaceState> {
        let class = igbp_class(self.land_cover[at])?;
        self.state_of(at, class)
    }

    fn state_of(&self, at: At, class: IgbpClass) -> Option<SurfaceState> {
        let parameters = class.parameters();
        let tau_slant = match &self.opacity {
            Opacity::Field(opacity) => f64::from(opacity[at]),
            Opacity::WaterContent(content) => {
                let nadir = tau_nadir(parameters.b_m2_kg, f64::from(content[at]));
                tau_slant_from_nadir(nadir, SMAP_INCIDENCE_DEG)
            }
        };
        let state = SurfaceState {
            temperature_kelvin: f64::from(self.temperature[at]),
            tau_slant,
            albedo: match &self.albedo {
                Some(albedo) => f64::from(albedo[at]),
                None => parameters.albedo,
            },
        };
        let values = [state.temperature_kelvin, state.tau_slant, state.albedo];
        values
            .iter()
            .all(|value| value.is_finite())
            .then_some(state)
    }

    fn soil(&self, at: At) -> Result<Soil, RetrievalStatus> {
        let class = igbp_class(self.land_cover[at]);
        match (class, self.clay.at(at), self.bulk_density.at(at)) {
            (Some(IgbpClass::Water), ..) => Err(RetrievalStatus::NoLand),
            (Some(class), Some(clay), Some(bulk_density_g_cm3)) => {
                if self.scene.land()[at] {
                    Ok(Soil {
                        class,
                        clay_percent: 100.0 * clay,
                        bulk_density_g_cm3,
                    })
                } else if self.state_of(at, class).is_none() {
                    // The mask of a granule is where it has its vegetation, too.
                    Err(RetrievalStatus::NoStaticInputs)
                } else {
                    Err(RetrievalStatus::NoLand)
                }
            }
            _ => Err(RetrievalStatus::NoStaticInputs),
        }
    }

    fn is_dense(&self, at: At) -> bool {
        self.water_content
            .as_ref()
            .is_some_and(|content| content[at] > DENSE_VEGETATION_KG_M2)
    }
}

/// A field of a scene, or the error that names it.
pub(crate) fn required<'a>(
    scene: &'a Scene,
    method: &'static str,
    field: &'static str,
    hint: &'static str,
) -> Result<ArrayView2<'a, f32>, RetrieveError> {
    scene
        .field(field)
        .ok_or_else(|| RetrieveError::MissingField {
            method,
            field,
            hint,
            scene: scene.id().to_owned(),
        })
}

/// Brightness temperature of a cell, and how it answers to errors of what it was made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellTb {
    pub(crate) kelvin: f64,
    /// To the observed brightness temperature.
    pub(crate) to_tb: f64,
    /// To the temperature of the surface.
    pub(crate) to_temperature: f64,
    /// To the relative error of the vegetation, K.
    pub(crate) to_vegetation_kelvin: f64,
    /// Variance from independent errors, K2.
    pub(crate) variance_kelvin2: f64,
}

impl CellTb {
    /// As it was observed.
    pub(crate) fn observed(kelvin: f32) -> Result<Self, RetrievalStatus> {
        if !kelvin.is_finite() {
            return Err(RetrievalStatus::NoBrightnessTemperature);
        }
        Ok(Self {
            kelvin: f64::from(kelvin),
            to_tb: 1.0,
            to_temperature: 0.0,
            to_vegetation_kelvin: 0.0,
            variance_kelvin2: 0.0,
        })
    }
}

/// The single-channel inversion of every cell of a map.
pub(crate) struct MapInverter {
    inverter: Inverter,
    polarization: Polarization,
    errors: InputErrors,
}

/// What was found in one cell.
struct Found {
    soil_moisture: f32,
    uncertainty: f32,
    status: RetrievalStatus,
}

impl MapInverter {
    pub(crate) fn new(
        inversion: InversionConfig,
        polarization: Polarization,
        errors: InputErrors,
    ) -> Result<Self, RetrieveError> {
        errors.check()?;
        let inverter = inversion.build().map_err(RetrieveError::Physics)?;
        Ok(Self {
            inverter,
            polarization,
            errors,
        })
    }

    pub(crate) fn errors(&self) -> &InputErrors {
        &self.errors
    }

    /// Inverts every cell for which `tb` has a brightness temperature, on all threads.
    pub(crate) fn invert(
        &self,
        method: String,
        fields: &SurfaceFields<'_>,
        tb: impl Fn(At) -> Result<CellTb, RetrievalStatus> + Sync,
    ) -> Result<Retrieval, RetrieveError> {
        let shape = fields.scene.window().shape();
        let mut soil_moisture = Array2::from_elem(shape, f32::NAN);
        let mut uncertainty = Array2::from_elem(shape, f32::NAN);
        let mut status = Array2::from_elem(shape, RetrievalStatus::NotAskedFor);
        Zip::indexed(&mut soil_moisture)
            .and(&mut uncertainty)
            .and(&mut status)
            .par_for_each(|at, soil_moisture, uncertainty, status| {
                match self.invert_cell(fields, &tb, at) {
                    Ok(found) => {
                        *soil_moisture = found.soil_moisture;
                        *uncertainty = found.uncertainty;
                        *status = found.status;
                    }
                    Err(reason) => *status = reason,
                }
            });
        Ok(Retrieval {
            uncertainty: Some(uncertainty),
            status: Some(status),
            ..Retrieval::new(method, fields.scene, soil_moisture)?
        })
    }

    fn invert_cell(
        &self,
        fields: &SurfaceFields<'_>,
        tb: &impl Fn(At) -> Result<CellTb, RetrievalStatus>,
        at: At,
    ) -> Result<Found, RetrievalStatus> {
        let soil = fields.soil(at)?;
        let tb = tb(at)?;
        let state = fields
            .state_of(at, soil.class)
            .ok_or(RetrievalStatus::NoSurfaceState)?;
        if !fields.scene.predictable()[at] {
            return Err(RetrievalStatus::NotAskedFor);
        }
        let surface = Surface {
            clay_percent: soil.clay_percent,
            temperature_kelvin: state.temperature_kelvin,
            roughness: Roughness::single_channel(soil.class.parameters().roughness_h),
            albedo: state.albedo,
            tau_slant: state.tau_slant,
        };
        let cell = SingleChannelCell {
            tb_kelvin: tb.kelvin,
            surface,
            bulk_density_g_cm3: soil.bulk_density_g_cm3,
            land_cover: Some(soil.class),
        };
        let inversion = self
            .inverter
            .invert_single_channel(self.polarization, &cell);
        let status = RetrievalStatus::of_inversion(inversion.status, fields.is_dense(at));
        if !status.has_value() {
            return Err(status);
        }
        let soil_moisture = inversion.soil_moisture_m3m3;
        let uncertainty = match status {
            RetrievalStatus::RetrievedAtBound => f64::NAN,
            _ => self.uncertainty(&surface, &tb, soil_moisture),
        };
        Ok(Found {
            soil_moisture: soil_moisture as f32,
            uncertainty: uncertainty as f32,
            status,
        })
    }

    /// One standard deviation of the retrieval, m3 m-3, to first order.
    fn uncertainty(&self, surface: &Surface, tb: &CellTb, soil_moisture_m3m3: f64) -> f64 {
        let answer = self.inverter.single_channel_sensitivity(
            self.polarization,
            surface,
            soil_moisture_m3m3,
        );
        let errors = &self.errors;
        let parts = [
            answer.to_tb * tb.to_tb * errors.tb_kelvin,
            (answer.to_tb * tb.to_temperature + answer.to_temperature)
                * errors.surface_temperature_kelvin,
            (answer.to_tb * tb.to_vegetation_kelvin + answer.to_tau_slant * surface.tau_slant)
                * errors.vegetation_share,
            answer.to_roughness_h * errors.roughness_h,
        ];
        let independent = answer.to_tb * answer.to_tb * tb.variance_kelvin2;
        (parts.iter().map(|part| part * part).sum::<f64>() + independent).sqrt()
    }
}

/// The class of a land-cover field's cell; `None` where missing or no IGBP class.
fn igbp_class(value: f32) -> Option<IgbpClass> {
    let code = Some(value).filter(|value| (0.0..=255.0).contains(value))? as u8;
    IgbpClass::try_from(code).ok()
}
