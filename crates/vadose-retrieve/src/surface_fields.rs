//! What a physical method reads of each cell beside its brightness temperature.

use ndarray::ArrayView2;
use vadose_physics::{IgbpClass, SMAP_INCIDENCE_DEG, tau_nadir, tau_slant_from_nadir};
use vadose_scene::Scene;

use crate::{RetrievalStatus, RetrieveError, SingleChannelConfig};

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
pub(crate) struct Soil {
    pub(crate) class: IgbpClass,
    pub(crate) clay_percent: f64,
    pub(crate) bulk_density_g_cm3: f64,
}

/// Temperature and vegetation of a cell.
#[derive(Clone, Copy)]
pub(crate) struct SurfaceState {
    pub(crate) temperature_kelvin: f64,
    pub(crate) tau_slant: f64,
    pub(crate) albedo: f64,
}

impl<'a> SurfaceFields<'a> {
    /// The scene.
    pub(crate) fn scene(&self) -> &'a Scene {
        self.scene
    }

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

    pub(crate) fn state_of(&self, at: At, class: IgbpClass) -> Option<SurfaceState> {
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

    pub(crate) fn soil(&self, at: At) -> Result<Soil, RetrievalStatus> {
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

    pub(crate) fn is_dense(&self, at: At) -> bool {
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

/// The class of a land-cover field's cell; `None` where missing or no IGBP class.
fn igbp_class(value: f32) -> Option<IgbpClass> {
    let code = Some(value).filter(|value| (0.0..=255.0).contains(value))? as u8;
    IgbpClass::try_from(code).ok()
}
