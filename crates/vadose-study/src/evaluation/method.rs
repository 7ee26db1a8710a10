//! What is compared: anything that gives a map of soil moisture for a scene.

use ndarray::{Array2, ArrayView2, Zip};
use vadose_retrieve::Retriever;
use vadose_scene::{COARSE_FACTOR, CoarseTarget, Scene, bilinear_to, nearest_to};

use crate::StudyError;

/// A method under comparison.
pub trait Method: Send + Sync {
    /// Its name in tables: lower case, words joined by `_`.
    fn name(&self) -> &str;

    /// Its estimate of a whole scene.
    ///
    /// # Errors
    /// Whatever keeps the method from being run at all. What it cannot say of a cell is NaN there.
    fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError>;
}

/// A method's map of one scene.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// `[row, col]` of the scene's window, m3 m-3; NaN where the method has no value.
    pub values: Array2<f32>,
    /// How far the values are likely to be off, `[row, col]`, m3 m-3; not calibrated
    /// ([`Retrieval::spread`](vadose_retrieve::Retrieval::spread)). `None` for a method that says nothing of its
    /// error.
    pub spread: Option<Array2<f32>>,
}

impl From<Array2<f32>> for Estimate {
    fn from(values: Array2<f32>) -> Self {
        Self {
            values,
            spread: None,
        }
    }
}

/// A product that the scene holds as a field on its own grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductField {
    name: &'static str,
    field: &'static str,
    /// A field that must be 1 for a value to count.
    quality: Option<&'static str>,
}

/// A share of merged scenes this near to 1 is all of them: f32 rounding of a mean of ones.
const ALL_RECOMMENDED: f32 = 1.0 - 1e-6;

impl ProductField {
    /// SPL2SMP_E, the 9 km radiometer product, each value for the 1 km cells that nest in it.
    pub const SPL2SMP_E: Self = Self::of("spl2smp_e", "spl2smp_e_soil_moisture", None);
    /// The same where it is of recommended quality.
    pub const SPL2SMP_E_RECOMMENDED: Self = Self::of(
        "spl2smp_e_recommended",
        "spl2smp_e_soil_moisture",
        Some("spl2smp_e_recommended"),
    );
    /// SPL2SMP_E by the single channel algorithm, V polarisation.
    pub const SPL2SMP_E_SCAV: Self =
        Self::of("spl2smp_e_scav", "spl2smp_e_soil_moisture_scav", None);
    /// SPL2SMAP_S, the 1 km radiometer and radar product: every value.
    pub const SPL2SMAP_S: Self = Self::of("spl2smap_s", "spl2smap_s_soil_moisture", None);
    /// The same where all scenes merged into the value are of recommended quality.
    pub const SPL2SMAP_S_RECOMMENDED: Self = Self::of(
        "spl2smap_s_recommended",
        "spl2smap_s_soil_moisture",
        Some("spl2smap_s_recommended"),
    );
    /// Every product of a cube.
    pub const ALL: [Self; 5] = [
        Self::SPL2SMP_E,
        Self::SPL2SMP_E_RECOMMENDED,
        Self::SPL2SMP_E_SCAV,
        Self::SPL2SMAP_S,
        Self::SPL2SMAP_S_RECOMMENDED,
    ];

    /// Its name in tables.
    pub(super) const fn label(&self) -> &'static str {
        self.name
    }

    const fn of(name: &'static str, field: &'static str, quality: Option<&'static str>) -> Self {
        Self {
            name,
            field,
            quality,
        }
    }
}

impl Method for ProductField {
    fn name(&self) -> &str {
        self.name
    }

    /// A scene without the field has no value of the product, which is no error: a cube holds the days on
    /// which a product is missing too.
    fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError> {
        let missing = || Array2::from_elem(scene.window().shape(), f32::NAN);
        let values = scene.field(self.field).map(|field| field.to_owned());
        let Some(quality) = self.quality else {
            return Ok(values.unwrap_or_else(missing).into());
        };
        let (Some(mut values), Some(quality)) = (values, scene.field(quality)) else {
            return Ok(missing().into());
        };
        Zip::from(&mut values)
            .and(quality)
            .for_each(|value, &share| {
                if share.is_nan() || share < ALL_RECOMMENDED {
                    *value = f32::NAN;
                }
            });
        Ok(values.into())
    }
}

/// The coarse target by itself: what any 1 km map must beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoarseMethod {
    /// The value of the 9 km cell that holds the cell.
    Nearest,
    /// Bilinear between the centres of 9 km cells, in the grid's own projected x and y.
    Bilinear,
}

impl CoarseMethod {
    /// The coarse field on the scene's cells; `None` where the scene has no coarse target.
    #[must_use]
    pub fn on(self, scene: &Scene) -> Option<Array2<f32>> {
        let to: fn(&_, &CoarseTarget, usize) -> Array2<f32> = match self {
            Self::Nearest => nearest_to,
            Self::Bilinear => bilinear_to,
        };
        let target = scene.coarse_target()?;
        Some(to(scene.window(), target, COARSE_FACTOR))
    }
}

impl Method for CoarseMethod {
    fn name(&self) -> &str {
        match self {
            Self::Nearest => "l4_nearest",
            Self::Bilinear => "l4_bilinear",
        }
    }

    fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError> {
        let map = self.on(scene);
        Ok(map
            .unwrap_or_else(|| Array2::from_elem(scene.window().shape(), f32::NAN))
            .into())
    }
}

/// Any [`Retriever`] under a name: a trained network, an ensemble, a physical method.
pub struct RetrieverMethod {
    name: String,
    retriever: Box<dyn Retriever + Send + Sync>,
}

impl RetrieverMethod {
    /// Takes a retriever.
    #[must_use]
    pub fn new(name: impl Into<String>, retriever: Box<dyn Retriever + Send + Sync>) -> Self {
        Self {
            name: name.into(),
            retriever,
        }
    }
}

impl Method for RetrieverMethod {
    fn name(&self) -> &str {
        &self.name
    }

    fn estimate(&self, scene: &Scene) -> Result<Estimate, StudyError> {
        let retrieval = self.retriever.retrieve(scene)?;
        Ok(Estimate {
            values: retrieval.soil_moisture,
            spread: retrieval.spread,
        })
    }
}

/// The methods that need neither training nor a model file: every product of the cube, and the coarse target.
#[must_use]
pub fn standing_methods() -> Vec<Box<dyn Method>> {
    let mut methods: Vec<Box<dyn Method>> = Vec::new();
    for product in ProductField::ALL {
        methods.push(Box::new(product));
    }
    for coarse in [CoarseMethod::Nearest, CoarseMethod::Bilinear] {
        methods.push(Box::new(coarse));
    }
    methods
}

/// A value of a map as f64; NaN outside it.
pub(super) fn value_at(map: ArrayView2<'_, f32>, at: (usize, usize)) -> f64 {
    map.get(at).map_or(f64::NAN, |value| f64::from(*value))
}
