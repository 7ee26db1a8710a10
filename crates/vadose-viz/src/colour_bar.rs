//! The bar that says what a map's colours mean.

use crate::ColourMap;
use crate::drawing::{Anchor, Direction, Drawing, Label, Mark, Rect};
use crate::frame;
use crate::palette;
use crate::text::FontSize;
use crate::ticks::Scale;

/// Width of a colour bar and its distance from the map, pixels.
pub(crate) const BAR_WIDTH: f64 = 22.0;
pub(crate) const BAR_GAP: f64 = 16.0;
/// Room right of a bar's numbers for its units, pixels.
pub(crate) const BAR_UNITS: f64 = 62.0;
/// Height of a pointed end, pixels.
const POINT: f64 = 16.0;
/// The most ticks along a bar or a side of a map.
pub(crate) const MAX_TICKS: usize = 5;

/// A colour bar.
pub(crate) struct ColourBar<'a> {
    pub(crate) colour_map: ColourMap,
    /// Values at its ends.
    pub(crate) range: (f64, f64),
    pub(crate) units: &'a str,
}

impl ColourBar<'_> {
    /// Draws the bar right of a map, pointed where `values` lie beyond its ends.
    pub(crate) fn draw(
        &self,
        drawing: &mut Drawing,
        map: Rect,
        values: impl Iterator<Item = f64> + Clone,
    ) {
        let range = self.range;
        let above = values.clone().any(|value| value > range.1);
        let below = values.clone().any(|value| value < range.0);
        let left = map.right + BAR_GAP;
        let bar = Rect {
            left,
            right: left + BAR_WIDTH,
            top: map.top + if above { POINT } else { 0.0 },
            bottom: map.bottom - if below { POINT } else { 0.0 },
        };
        let middle = bar.centre().0;
        let mut outline = vec![(bar.left, bar.bottom), (bar.left, bar.top)];
        if above {
            let tip = (middle, map.top);
            let corners = vec![(bar.left, bar.top), tip, (bar.right, bar.top)];
            drawing.add(Mark::Polygon(corners, self.colour_map.at(1.0), 1.0));
            outline.push(tip);
        }
        outline.extend([(bar.right, bar.top), (bar.right, bar.bottom)]);
        if below {
            let tip = (middle, map.bottom);
            let corners = vec![(bar.left, bar.bottom), tip, (bar.right, bar.bottom)];
            drawing.add(Mark::Polygon(corners, self.colour_map.at(0.0), 1.0));
            outline.push(tip);
        }
        outline.push(outline[0]);
        let colours = (0..=255)
            .rev()
            .map(|step| self.colour_map.at(f64::from(step) / 255.0))
            .collect();
        drawing.add(Mark::Cells {
            area: bar,
            cols: 1,
            colours,
        });
        drawing.path(&outline, frame::FRAME);
        let ticks = Scale::Linear.ticks(range, tick_count(bar.height()));
        let widest = frame::ticks_right(drawing, bar, &ticks);
        let beside = bar.right + widest + 8.0 + 0.5 * FontSize::Label.pixels();
        drawing.label(Label {
            at: (beside, bar.centre().1),
            text: self.units.to_owned(),
            size: FontSize::Label,
            colour: palette::INK,
            anchor: Anchor::Centre,
            direction: Direction::Upwards,
        });
    }
}

/// As many ticks along a height as leave room between their numbers.
pub(crate) fn tick_count(height: f64) -> usize {
    ((height / 45.0) as usize).clamp(1, MAX_TICKS)
}
