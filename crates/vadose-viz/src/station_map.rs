//! Where the stations are, and how well each is met.

use crate::colour_bar::{BAR_GAP, BAR_UNITS, BAR_WIDTH, ColourBar, MAX_TICKS, tick_count};
use crate::drawing::{Colour, Drawing, Mark, Rect};
use crate::frame;
use crate::legend::{Entry, Sample};
use crate::maps::{bulk_range, draw_map_axes, widened};
use crate::page::{Furniture, MARGIN};
use crate::ticks::Scale;
use crate::{ColourMap, Extent, Figure, VizError, output, palette, wording};

/// A station, a dot of the map.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StationDot {
    /// Where: eastwards, in the units of the map's extent (degrees or projected metres).
    pub east: f64,
    /// Where: northwards, in the same units.
    pub north: f64,
    /// Its skill; one that is not finite is drawn grey.
    pub value: f64,
    /// Number of samples.
    pub n: usize,
}

/// Stations on a map, coloured by their skill, their area in proportion to the number of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct StationMap {
    /// Title; empty for none.
    pub title: String,
    /// Edges of the map.
    pub extent: Extent,
    /// The stations; those outside the extent are left out.
    pub stations: Vec<StationDot>,
    /// Name of the skill.
    pub quantity: String,
    /// Its units; empty for none.
    pub units: String,
    /// Colours; [`ColourMap::Difference`] for a bias, with a range around zero.
    pub colour_map: ColourMap,
    /// Values at the ends of the colour bar. `None`: from the 1st to the 99th percentile.
    pub range: Option<(f64, f64)>,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width in pixels; the height follows from the extent. Default of [`StationMap::new`]: 1200.
    pub width_px: u32,
}

impl StationMap {
    /// A map of ubRMSE over `extent` without a title, 1200 pixels wide.
    #[must_use]
    pub fn new(stations: Vec<StationDot>, extent: Extent) -> Self {
        StationMap {
            title: String::new(),
            extent,
            stations,
            quantity: "ubRMSE".to_owned(),
            units: "m³ m⁻³".to_owned(),
            colour_map: ColourMap::Viridis,
            range: None,
            footnote: String::new(),
            width_px: 1200,
        }
    }

    fn inside(&self) -> impl Iterator<Item = (&StationDot, (f64, f64))> {
        let stations = self.stations.iter();
        stations.filter_map(|station| {
            let place = self.extent.fractions(station.east, station.north)?;
            Some((station, place))
        })
    }

    fn label(&self) -> String {
        match self.units.as_str() {
            "" => self.quantity.clone(),
            units => format!("{} ({units})", self.quantity),
        }
    }
}

/// # Errors of drawing
/// [`VizError::NothingToDraw`] if no station lies on the map, [`VizError::BadRange`], [`VizError::Size`].
///
/// # Examples
/// ```
/// use vadose_viz::{Extent, Figure, StationDot, StationMap};
///
/// let extent = Extent::EqualAreaDeg { west: -110.0, east: -100.0, south: 40.0, north: 46.0 };
/// let station = StationDot { east: -105.0, north: 43.0, value: 0.05, n: 60 };
/// let figure = StationMap::new(vec![station], extent);
/// assert!(figure.alternative_text().contains("1 station"));
/// # figure.svg()?;
/// # Ok::<(), vadose_viz::VizError>(())
/// ```
impl Figure for StationMap {
    fn draw(&self) -> Result<Drawing, VizError> {
        self.extent.check()?;
        let mut inside: Vec<_> = self.inside().collect();
        if inside.is_empty() {
            return Err(VizError::NothingToDraw {
                what: "station map".to_owned(),
            });
        }
        // Large dots first, so that none hides another.
        inside.sort_by_key(|one| std::cmp::Reverse(one.0.n));
        let values = || inside.iter().map(|(station, _)| station.value);
        let range = match self.range {
            Some((from, to)) if !(from.is_finite() && to.is_finite() && from < to) => {
                return Err(VizError::BadRange {
                    what: "colour range of the station map".to_owned(),
                    from,
                    to,
                });
            }
            Some(range) => Some(range),
            None => bulk_range(values()).map(widened),
        };

        let (_, y_label) = self.extent.labels();
        let ticks_room = frame::tick_width(&self.extent.y_ticks(MAX_TICKS))
            + if y_label.is_empty() { 0.0 } else { 36.0 };
        let numbers = range.map_or(0.0, |range| {
            frame::tick_width(&Scale::Linear.ticks(range, MAX_TICKS))
        });
        let beside = BAR_GAP + BAR_WIDTH + numbers + BAR_UNITS;
        let smallest = (2.0 * MARGIN + ticks_room + beside + SMALLEST_MAP).ceil() as u32;
        output::check_size((self.width_px, 0), (smallest, 0))?;
        let mut drawing = Drawing::new((self.width_px, 0));
        let top = frame::draw_title(&mut drawing, &self.title, MARGIN) + 22.0;
        let left = MARGIN + ticks_room;
        let right = f64::from(self.width_px) - MARGIN - beside;
        let height = (right - left) * self.extent.aspect().clamp(ASPECT.0, ASPECT.1);
        let area = Rect {
            left,
            top,
            right,
            bottom: top + height,
        };
        let x_ticks = self.extent.x_ticks(((right - left) / 140.0) as usize);
        let y_ticks = self.extent.y_ticks(tick_count(height));
        draw_graticule(&mut drawing, area, &x_ticks, &y_ticks);
        let most = inside
            .iter()
            .map(|(station, _)| station.n)
            .max()
            .unwrap_or(1);
        for (station, (across, up)) in &inside {
            let at = (left + across * area.width(), area.bottom - up * height);
            let colour = match range {
                Some(range) if station.value.is_finite() => self
                    .colour_map
                    .at(Scale::Linear.fraction(station.value, range)),
                _ => palette::MISSING,
            };
            draw_dot(&mut drawing, at, radius(station.n, most), colour);
        }
        draw_map_axes(&mut drawing, area, &self.extent, &x_ticks, &y_ticks);
        if let Some(range) = range {
            let label = self.label();
            let bar = ColourBar {
                colour_map: self.colour_map,
                range,
                units: &label,
            };
            bar.draw(&mut drawing, area, values());
        }
        let legend = legend(most, values().any(|value| !value.is_finite()));
        let furniture = Furniture {
            title: "",
            legend: &legend,
            footnote: &self.footnote,
        };
        let below = if y_label.is_empty() {
            frame::BELOW_TICKS
        } else {
            frame::BELOW_LABEL
        };
        furniture.draw_below(&mut drawing, area.bottom + below + 12.0);
        output::check_size(drawing.size, (smallest, 0))?;
        Ok(drawing)
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Map of stations");
        let inside: Vec<&StationDot> = self.inside().map(|(station, _)| station).collect();
        let values = inside.iter().map(|station| station.value);
        let skill = vadose_metrics::Distribution::of(values.clone());
        let finite = values.filter(|value| value.is_finite());
        let (least, greatest) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| {
            (a.min(value), b.max(value))
        });
        text.push_str(&format!(
            " {}, coloured by {}",
            wording::count(inside.len(), "station", "stations"),
            self.label()
        ));
        if let Some(median) = skill.median {
            text.push_str(&format!(
                ": from {} to {}, median {}",
                wording::say(least),
                wording::say(greatest),
                wording::say(median)
            ));
        }
        text.push('.');
        let missing = inside.len() - skill.count;
        if missing > 0 {
            let stations = wording::count(missing, "station has", "stations have");
            text.push_str(&format!(" {stations} no value."));
        }
        text
    }
}

/// Radius of the station with the most samples and of one with none, pixels.
const LARGEST_DOT: f64 = 13.0;
const SMALLEST_DOT: f64 = 3.5;
const SMALLEST_MAP: f64 = 300.0;
/// Limits of the map's height over its width.
const ASPECT: (f64, f64) = (0.3, 1.3);

/// The area grows with the number of samples.
fn radius(n: usize, most: usize) -> f64 {
    let share = n as f64 / most.max(1) as f64;
    SMALLEST_DOT.max(LARGEST_DOT * share.sqrt())
}

/// A rim of ink: light colours would vanish on paper.
fn draw_dot(drawing: &mut Drawing, at: (f64, f64), radius: f64, colour: Colour) {
    drawing.add(Mark::Dot(at, radius + 1.4, palette::INK, 1.0));
    drawing.add(Mark::Dot(at, radius, colour, 1.0));
}

fn draw_graticule(
    drawing: &mut Drawing,
    area: Rect,
    x_ticks: &[crate::ticks::Tick],
    y_ticks: &[crate::ticks::Tick],
) {
    for tick in x_ticks {
        let x = area.left + tick.fraction * area.width();
        drawing.line((x, area.top), (x, area.bottom), frame::HAIRLINE);
    }
    for tick in y_ticks {
        let y = area.bottom - tick.fraction * area.height();
        drawing.line((area.left, y), (area.right, y), frame::HAIRLINE);
    }
}

/// Dots of the greatest number of samples, a quarter and a sixteenth of it.
fn legend(most: usize, some_missing: bool) -> Vec<Entry> {
    let mut numbers = vec![most, most / 4, most / 16];
    numbers.dedup();
    numbers.retain(|n| *n > 0);
    let sizes = numbers.into_iter().map(|n| Entry {
        sample: Sample::Dot(radius(n, most), palette::PAPER),
        text: wording::count(n, "sample", "samples"),
    });
    let missing = some_missing.then(|| Entry {
        sample: Sample::Dot(0.6 * LARGEST_DOT, palette::MISSING),
        text: "no value".to_owned(),
    });
    sizes.chain(missing).collect()
}
