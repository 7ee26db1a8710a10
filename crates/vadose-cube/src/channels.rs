//! Channels that a cube derives from its variables: what fell before, and 9 km soil moisture at 1 km.

use jiff::civil::Date;
use ndarray::Array2;
use vadose_grid::Window;
use vadose_scene::{COARSE_FACTOR, ChannelSet, ChannelSpec, CoarseTarget, bilinear_to};

use crate::{Cube, CubeDay, CubeError};

/// The analysis: coarse target of a scene, and by choice a channel of it.
pub(crate) const ANALYSIS: &str = "l4_soil_moisture";
/// Maps of 9 km that are channels at 1 km.
const COARSE: [&str; 2] = [ANALYSIS, "spl2smp_e_soil_moisture_scav"];
/// Precipitation of a day, and of a lead day.
const PRECIPITATION: &str = "precipitation";
const ANTECEDENT_PRECIPITATION: &str = "antecedent_precipitation";
/// Channels that are sums of the days up to and with the scene's, and of how many.
const ANTECEDENT: [(&str, i32); 3] = [
    ("precipitation_3d", 3),
    ("precipitation_7d", 7),
    ("precipitation_30d", 30),
];

/// The channels of preset `paper`, which every scene holds, and those that `wanted` adds to them.
pub(crate) fn with_paper(wanted: &ChannelSet) -> Result<ChannelSet, CubeError> {
    let paper = ChannelSet::preset("paper")?;
    let added = wanted.iter().filter(|one| paper.get(&one.name).is_none());
    let channels: Vec<ChannelSpec> = paper.iter().chain(added).cloned().collect();
    Ok(ChannelSet::new(channels)?)
}

impl Cube {
    /// A channel on the 1 km cells of a part.
    pub(crate) fn channel(
        &self,
        name: &str,
        day_idx: usize,
        part: &Window,
    ) -> Result<Array2<f32>, CubeError> {
        if COARSE.contains(&name) {
            return self.bilinear(name, day_idx, part);
        }
        match ANTECEDENT.iter().find(|(known, _)| *known == name) {
            Some((_, n_days)) => self.precipitation(*n_days, day_idx, part),
            None => self.map(name, day_idx, part),
        }
    }

    /// A 9 km map of a day, bilinear between the centres of its cells. Cells around the part take part too,
    /// so that a value does not depend on how the window is cut.
    fn bilinear(
        &self,
        name: &str,
        day_idx: usize,
        part: &Window,
    ) -> Result<Array2<f32>, CubeError> {
        let whole = self.coarse_window();
        let own = part.coarsened(whole.grid())?;
        let (row0, col0) = (
            own.row0().saturating_sub(1).max(whole.row0()),
            own.col0().saturating_sub(1).max(whole.col0()),
        );
        let row_end = (own.row0() + own.rows() + 1).min(whole.row0() + whole.rows());
        let col_end = (own.col0() + own.cols() + 1).min(whole.col0() + whole.cols());
        let window = Window::new(
            whole.grid(),
            row0,
            col0,
            row_end.saturating_sub(row0),
            col_end.saturating_sub(col0),
        )?;
        let values = self.map(name, day_idx, &window)?;
        let coarse = CoarseTarget { window, values };
        Ok(bilinear_to(part, &coarse, COARSE_FACTOR))
    }

    /// The precipitation of `n_days` days that end with this one: missing in all cells where the cube lacks
    /// one of them, else in those where one is missing.
    fn precipitation(
        &self,
        n_days: i32,
        day_idx: usize,
        part: &Window,
    ) -> Result<Array2<f32>, CubeError> {
        let days = self.days();
        let last = days.get(day_idx).ok_or_else(|| CubeError::Outside {
            what: format!("day {day_idx} of {}", days.len()),
        })?;
        let mut sum = Array2::zeros(part.shape());
        for back in 0..n_days {
            let date = last.date.saturating_sub(jiff::Span::new().days(back));
            match self.precipitation_of(date, part)? {
                Some(of_day) => sum += &of_day,
                None => return Ok(Array2::from_elem(part.shape(), f32::NAN)),
            }
        }
        Ok(sum)
    }

    /// The precipitation of a day or lead day; none of other dates.
    fn precipitation_of(
        &self,
        date: Date,
        part: &Window,
    ) -> Result<Option<Array2<f32>>, CubeError> {
        let find = |days: &[CubeDay]| days.binary_search_by_key(&date, |day| day.date).ok();
        let day = find(self.days()).map(|idx| (PRECIPITATION, idx));
        let lead_day = || find(self.lead_days()).map(|idx| (ANTECEDENT_PRECIPITATION, idx));
        day.or_else(lead_day)
            .map(|(name, idx)| self.map(name, idx, part))
            .transpose()
    }
}
