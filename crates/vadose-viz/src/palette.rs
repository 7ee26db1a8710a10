//! Colours of series and of the figure's furniture.
//!
//! Series: the palette of Okabe and Ito (2008), <https://jfly.uni-koeln.de/color/>, made for
//! readers with any kind of colour vision.

use crate::drawing::Colour;

pub(crate) const BLUE: Colour = Colour::new(0x0072b2);
pub(crate) const VERMILION: Colour = Colour::new(0xd55e00);
pub(crate) const BLUISH_GREEN: Colour = Colour::new(0x009e73);
pub(crate) const REDDISH_PURPLE: Colour = Colour::new(0xcc79a7);
pub(crate) const ORANGE: Colour = Colour::new(0xe69f00);
pub(crate) const SKY_BLUE: Colour = Colour::new(0x56b4e9);
pub(crate) const BLACK: Colour = Colour::new(0x000000);

/// Colours of series, in their order.
pub(crate) const SERIES: [Colour; 7] = [
    BLUE,
    VERMILION,
    BLUISH_GREEN,
    REDDISH_PURPLE,
    ORANGE,
    SKY_BLUE,
    BLACK,
];
/// Colours of horizontal reference lines, in their order; repeated if there are more lines.
pub(crate) const REFERENCES: [Colour; 5] = [BLUISH_GREEN, REDDISH_PURPLE, ORANGE, SKY_BLUE, BLACK];

/// Titles, labels, frames.
pub(crate) const INK: Colour = Colour::new(0x222222);
/// Footnotes.
pub(crate) const FAINT_INK: Colour = Colour::new(0x5f5f5f);
/// Grid lines behind curves and points.
pub(crate) const GRID: Colour = Colour::new(0xe4e4e4);
/// Behind every other row of a figure with rows.
pub(crate) const TINT: Colour = Colour::new(0xf4f6f8);
/// Missing cells; neutral, and in neither colour map.
pub(crate) const MISSING: Colour = Colour::new(0xc8c8c8);
pub(crate) const PAPER: Colour = Colour::new(0xffffff);
