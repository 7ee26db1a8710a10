//! What a soil holds, from its texture and density.

/// Hydraulic properties of the upper 5 cm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hydraulics {
    /// Share of the volume that is pores, m3 m-3.
    pub porosity: f32,
    /// Water held at a suction of 33 kPa, m3 m-3.
    pub field_capacity: f32,
    /// Water held at 1,500 kPa, m3 m-3.
    pub wilting_point: f32,
    /// What even the sun does not take: a third of the wilting point, at least
    /// [`DRIEST`](Self::DRIEST), m3 m-3.
    pub residual: f32,
    /// Saturated conductivity, mm/h.
    pub conductivity_mm_h: f32,
}

impl Hydraulics {
    /// The lower bound of soil moisture, that of the SMAP retrievals, m3 m-3.
    pub const DRIEST: f32 = 0.02;

    /// The regressions of Cosby et al. with the retention curve of Clapp and Hornberger, and the
    /// porosity of the bulk density, which is the one that the SMAP retrievals know.
    ///
    /// `b = 3.10 + 15.7 clay - 0.3 sand`; `log10(suction at air entry, cm) = 2.17 - 0.63 clay -
    /// 1.58 sand`; `log10(conductivity, inch/h) = -0.60 + 1.26 sand - 0.64 clay`; moisture at a
    /// suction is `porosity (air entry / suction)^(1/b)`.
    ///
    /// # Shapes and units
    /// Mass fractions 0 to 1; porosity m3 m-3.
    /// # Missing values
    /// NaN in gives NaN out.
    /// # References
    /// Cosby, Hornberger, Clapp and Ginn (1984), doi:10.1029/WR020i006p00682, table 5. Clapp and
    /// Hornberger (1978), doi:10.1029/WR014i004p00601. Evaporation below the wilting point, to half
    /// of it over 10 cm: Allen et al. (1998), FAO-56, table 19; the upper 5 cm dry further.
    /// # Examples
    /// ```
    /// use vadose_twin::nature_run::Hydraulics;
    /// let loam = Hydraulics::new(0.20, 0.40, 0.47);
    /// assert!((loam.field_capacity - 0.308).abs() < 1e-3);
    /// assert!((loam.wilting_point - 0.165).abs() < 1e-3);
    /// ```
    #[must_use]
    pub fn new(clay_fraction: f32, sand_fraction: f32, porosity: f32) -> Self {
        /// Suctions of field capacity and wilting point, cm of water.
        const FIELD_CAPACITY_CM: f32 = 336.5;
        const WILTING_POINT_CM: f32 = 15_296.0;
        const MM_PER_INCH: f32 = 25.4;
        const RESIDUAL_SHARE: f32 = 1.0 / 3.0;
        let exponent = 3.10 + 15.7 * clay_fraction - 0.3 * sand_fraction;
        let air_entry_cm = 10_f32.powf(2.17 - 0.63 * clay_fraction - 1.58 * sand_fraction);
        let held_at = |suction_cm: f32| porosity * (air_entry_cm / suction_cm).powf(1.0 / exponent);
        let wilting_point = held_at(WILTING_POINT_CM);
        Self {
            porosity,
            field_capacity: held_at(FIELD_CAPACITY_CM),
            wilting_point,
            residual: (RESIDUAL_SHARE * wilting_point).max(Self::DRIEST),
            conductivity_mm_h: MM_PER_INCH
                * 10_f32.powf(-0.60 + 1.26 * sand_fraction - 0.64 * clay_fraction),
        }
    }
}
