//! From an SPL2SMAP_S granule to a scene with the channels of preset `spl2smap_s`.

use ndarray::{Array2, Zip};
use vadose_scene::Scene;

use crate::{IoError, Resolution, Spl2SmapS};

/// Fields of the scene, and the datasets that they are.
const FIELDS: &[(&str, &str)] = &[
    ("soil_moisture", "soil_moisture"),
    ("surface_temperature", "surface_temperature"),
    ("vegetation_water_content", "vegetation_water_content"),
    ("vegetation_opacity", "vegetation_opacity"),
    ("albedo", "albedo"),
    ("bare_soil_roughness", "bare_soil_roughness_retrieved"),
    ("tb_h", "tb_h_disaggregated"),
    ("tb_v", "tb_v_disaggregated"),
    ("sigma0_vv", "sigma0_vv_aggregated"),
    ("sigma0_vh", "sigma0_vh_aggregated"),
    ("sigma0_incidence_angle", "sigma0_incidence_angle"),
    ("beta_tbv_vv", "beta_tbv_vv"),
    ("gamma_vv_xpol", "gamma_vv_xpol"),
    ("water_body_fraction", "water_body_fraction"),
    (
        "overpass_time_difference",
        "SMAP_Sentinel_overpass_timediff_hr",
    ),
];

/// IGBP classes of water: 0 in MODIS collections up to 5, 17 since.
const WATER: [u16; 2] = [0, 17];

impl Spl2SmapS {
    /// The granule as a scene: what the network and the physical methods work on.
    ///
    /// Fields bear the names and units of preset `spl2smap_s`, and beside them `soil_moisture`,
    /// `beta_tbv_vv`, `gamma_vv_xpol` and, where the granule has it, `tb_h`. `observed` is 1 where sigma0 VV is valid and 0 elsewhere.
    /// Land is where the static inputs are: a land cover other than water, albedo and vegetation
    /// water content. Predictable is land with a brightness temperature V. The scene is named after
    /// the file and bears the time of the SMAP overpass; it has no stations and no coarse target.
    ///
    /// # Shapes and units
    /// `[row, col]` of the granule's window on M01. sigma0 is linear power.
    /// # Missing values
    /// NaN. An optional dataset that the file lacks is a field that the scene lacks.
    /// # Errors
    /// [`IoError::NotOneKilometre`] for a granule read at 3 km; [`IoError::MissingDataset`] without
    /// land cover, albedo, vegetation water content or brightness temperature V.
    /// # Examples
    /// ```
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/smap/",
    /// #     "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5");
    /// use vadose_io::{Resolution, spl2smap_s};
    ///
    /// let scene = spl2smap_s::read(path, Resolution::Km1)?.to_scene()?;
    /// assert_eq!(scene.field_units("vegetation_water_content"), Some("kg m-2"));
    /// assert_eq!(scene.land().iter().filter(|&&land| land).count(), 22_697);
    /// # Ok::<(), vadose_io::IoError>(())
    /// ```
    pub fn to_scene(&self) -> Result<Scene, IoError> {
        if self.resolution() != Resolution::Km1 {
            return Err(IoError::NotOneKilometre {
                path: self.path().to_path_buf(),
                resolution: self.resolution().to_string(),
            });
        }
        let refused = |source| IoError::Scene {
            path: self.path().to_path_buf(),
            source: Box::new(source),
        };
        let id = self
            .path()
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        let mut scene = Scene::new(id, self.window());
        if let Some(time) = self.time() {
            scene = scene.with_time(time);
        }
        for (name, base) in FIELDS {
            if let Some(field) = self.fields.get(*base) {
                let values = field.values.clone();
                scene = scene
                    .with_field(*name, &*field.units, values)
                    .map_err(refused)?;
            }
        }
        let land = self.land()?;
        let tb_v = self.require_field("tb_v_disaggregated")?;
        let predictable = Zip::from(&land)
            .and(&tb_v.values)
            .map_collect(|&land, tb| land && !tb.is_nan());
        scene
            .with_field("land_cover", "1", self.land_cover()?)
            .and_then(|scene| scene.with_field("observed", "1", self.observed()))
            .and_then(|scene| scene.with_land(land))
            .and_then(|scene| scene.with_predictable(predictable))
            .map_err(refused)
    }

    /// IGBP class as a field, NaN where missing.
    fn land_cover(&self) -> Result<Array2<f32>, IoError> {
        let base = "landcover_class";
        let classes = self.classes.get(base).ok_or_else(|| self.missing(base))?;
        Ok(Zip::from(&classes.values)
            .and(&classes.valid)
            .map_collect(|&class, &valid| if valid { f32::from(class) } else { f32::NAN }))
    }

    fn land(&self) -> Result<Array2<bool>, IoError> {
        let albedo = self.require_field("albedo")?;
        let vegetation = self.require_field("vegetation_water_content")?;
        let is_water = |class: f32| WATER.iter().any(|&water| class == f32::from(water));
        Ok(Zip::from(&self.land_cover()?)
            .and(&albedo.values)
            .and(&vegetation.values)
            .map_collect(|&class, albedo, vegetation| {
                let has_inputs = !albedo.is_nan() && !vegetation.is_nan();
                !class.is_nan() && !is_water(class) && has_inputs
            }))
    }

    fn observed(&self) -> Array2<f32> {
        match self.fields.get("sigma0_vv_aggregated") {
            Some(sigma0) => sigma0
                .values
                .mapv(|value| f32::from(u8::from(!value.is_nan()))),
            None => Array2::zeros(self.window().shape()),
        }
    }
}
