//! Shapes that tell series apart without colour.

use crate::drawing::{Colour, Drawing, Mark};
use crate::palette;

/// The look of a series: its colour and its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) colour: Colour,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    InvertedTriangle,
}

const SHAPES: [Shape; 5] = [
    Shape::Circle,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
    Shape::InvertedTriangle,
];

/// Width of the rim of paper that keeps a marker apart from lines and other markers, pixels.
const RIM: f64 = 1.6;

impl Marker {
    /// The look of a figure's series number `index`. Seven colours and five shapes: 35 series are all
    /// different.
    pub(crate) fn of(index: usize) -> Self {
        Marker {
            colour: palette::SERIES[index % palette::SERIES.len()],
            shape: SHAPES[index % SHAPES.len()],
        }
    }

    /// Draws the shape, as large as a circle of this radius.
    pub(crate) fn draw(self, drawing: &mut Drawing, at: (f64, f64), radius: f64) {
        for (radius, colour) in [(radius + RIM, palette::PAPER), (radius, self.colour)] {
            drawing.add(match self.shape {
                Shape::Circle => Mark::Dot(at, radius, colour, 1.0),
                shape => Mark::Polygon(shape.corners(at, radius), colour, 1.0),
            });
        }
    }
}

impl Shape {
    fn corners(self, (x, y): (f64, f64), radius: f64) -> Vec<(f64, f64)> {
        // Distances from the centre, such that all shapes look of one size.
        let corners: &[(f64, f64)] = match self {
            Shape::Circle | Shape::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            Shape::Diamond => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
            Shape::Triangle => &[(0.0, -1.25), (1.15, 0.8), (-1.15, 0.8)],
            Shape::InvertedTriangle => &[(0.0, 1.25), (1.15, -0.8), (-1.15, -0.8)],
        };
        corners
            .iter()
            .map(|(across, down)| (x + radius * across, y + radius * down))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_five_series_look_different() {
        let looks: Vec<Marker> = (0..35).map(Marker::of).collect();
        for (index, look) in looks.iter().enumerate() {
            assert!(!looks[index + 1..].contains(look), "{index}");
        }
    }

    #[test]
    fn shapes_are_centred_across() {
        for shape in SHAPES {
            let sum: f64 = shape
                .corners((3.0, 4.0), 2.0)
                .iter()
                .map(|(x, _)| x - 3.0)
                .sum();
            assert!(sum.abs() < 1e-12, "{shape:?}");
        }
    }
}
