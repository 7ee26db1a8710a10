//! Colour maps for fields.

use crate::colour_tables::{MAGMA, VIRIDIS};
use crate::drawing::Colour;

/// A sequential colour map, even in lightness and readable with any kind of colour vision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColourMap {
    /// Dry is light yellow, wet is dark blue: viridis from its light end to its dark one.
    #[default]
    SoilMoisture,
    /// Dark blue to light yellow.
    Viridis,
    /// Black over red to light yellow, for brightness temperature and backscatter.
    Magma,
}

impl ColourMap {
    /// The colour at `fraction`, 0 to 1 from the least to the greatest value; clamped outside.
    pub(crate) fn at(self, fraction: f64) -> Colour {
        let index = (fraction.clamp(0.0, 1.0) * 255.0).round() as usize;
        Colour::new(match self {
            ColourMap::SoilMoisture => VIRIDIS[255 - index],
            ColourMap::Viridis => VIRIDIS[index],
            ColourMap::Magma => MAGMA[index],
        })
    }
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
    fn ends_are_clamped() {
        assert_eq!(ColourMap::Viridis.at(-3.0), Colour::new(0x440154));
        assert_eq!(ColourMap::Viridis.at(9.0), Colour::new(0xfde725));
        assert_eq!(ColourMap::SoilMoisture.at(0.0), Colour::new(0xfde725));
    }
}
