//! Cells of a map as one image inside an SVG: a rectangle per cell would make files of many
//! megabytes that no viewer likes.

use std::fmt::Write as _;

use crate::drawing::{Colour, Rect};
use crate::output::{self, DrawingError};

/// An `<image>` element that shows the cells, row-major in `cols` columns, stretched over `area`.
pub(crate) fn element(
    area: &Rect,
    cols: usize,
    colours: &[Colour],
) -> Result<String, DrawingError> {
    let mut element = String::new();
    writeln!(
        element,
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
         image-rendering=\"pixelated\" style=\"image-rendering:pixelated\" \
         href=\"data:image/png;base64,{}\"/>",
        area.left,
        area.top,
        area.width(),
        area.height(),
        base64(&png(cols, colours)?)
    )?;
    Ok(element)
}

/// The cells as the bytes of a PNG file, one pixel each.
fn png(cols: usize, colours: &[Colour]) -> Result<Vec<u8>, DrawingError> {
    let size = (u32::try_from(cols)?, u32::try_from(colours.len() / cols)?);
    let pixels: Vec<u8> = colours.iter().flat_map(|colour| colour.0).collect();
    output::encode(size, &pixels)
}

/// RFC 4648, section 4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit <= three.len() {
                char::from(DIGITS[value])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_gives_the_vectors_of_the_standard() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
