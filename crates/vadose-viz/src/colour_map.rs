//! Colour maps for fields.

use crate::colour_tables::{BROWN_TO_BLUE_GREEN, MAGMA, VIRIDIS};
use crate::drawing::Colour;

/// A colour map, readable with any kind of colour vision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColourMap {
    /// Dry is light yellow, wet is dark blue: viridis from its light end to its dark one.
    #[default]
    SoilMoisture,
    /// Dark blue to light yellow.
    Viridis,
    /// Black over red to light yellow, for brightness temperature and backscatter.
    Magma,
    /// Brown over white to blue-green, for differences: too dry to too wet. Its range should be
    /// symmetric about zero.
    Difference,
}

impl ColourMap {
    /// The colour at `fraction`, 0 to 1 from the least to the greatest value; clamped outside.
    pub(crate) fn at(self, fraction: f64) -> Colour {
        let index = (fraction.clamp(0.0, 1.0) * 255.0).round() as usize;
        Colour::new(match self {
            ColourMap::SoilMoisture => VIRIDIS[255 - index],
            ColourMap::Viridis => VIRIDIS[index],
            ColourMap::Magma => MAGMA[index],
            ColourMap::Difference => {
                return between(&BROWN_TO_BLUE_GREEN, fraction.clamp(0.0, 1.0));
            }
        })
    }
}

/// Straight between the neighbouring anchors, which lie at equal distances.
fn between(anchors: &[u32], fraction: f64) -> Colour {
    let place = fraction * (anchors.len() - 1) as f64;
    let below = (place as usize).min(anchors.len() - 2);
    let (Colour(low), Colour(high)) =
        (Colour::new(anchors[below]), Colour::new(anchors[below + 1]));
    let share = place - below as f64;
    let mix = |channel: usize| {
        let (low, high) = (f64::from(low[channel]), f64::from(high[channel]));
        (low + share * (high - low)).round() as u8
    };
    Colour([mix(0), mix(1), mix(2)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of a colour (IEC 61966-2-1), 0 to 1.
    fn luminance(Colour(rgb): Colour) -> f64 {
        let linear = rgb.map(|byte| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn lightness_changes_one_way_only() {
        for (map, sign) in [
            (ColourMap::SoilMoisture, -1.0),
            (ColourMap::Viridis, 1.0),
            (ColourMap::Magma, 1.0),
        ] {
            let light: Vec<f64> = (0..=255)
                .map(|i| luminance(map.at(f64::from(i) / 255.0)))
                .collect();
            // Rounding to 8 bits may turn single steps by less than this.
            let turned = light
                .windows(2)
                .map(|pair| sign * (pair[1] - pair[0]))
                .fold(0.0, f64::min);
            assert!(turned > -0.002, "{map:?} turns by {turned}");
            assert!((light[255] - light[0]) * sign > 0.7);
        }
    }

    #[test]
    fn differences_are_lightest_in_the_middle_and_equally_dark_at_both_ends() {
        let light = |fraction: f64| luminance(ColourMap::Difference.at(fraction));
        for step in 0..50 {
            let (near, far) = (0.01 * f64::from(step), 0.01 * f64::from(step + 1));
            assert!(light(0.5 - far) < light(0.5 - near) && light(0.5 + far) < light(0.5 + near));
        }
        assert!(light(0.5) > 0.9 && (light(0.0) - light(1.0)).abs() < 0.02);
    }

    #[test]
    fn ends_are_clamped() {
        assert_eq!(ColourMap::Viridis.at(-3.0), Colour::new(0x440154));
        assert_eq!(ColourMap::Viridis.at(9.0), Colour::new(0xfde725));
        assert_eq!(ColourMap::SoilMoisture.at(0.0), Colour::new(0xfde725));
    }
}
