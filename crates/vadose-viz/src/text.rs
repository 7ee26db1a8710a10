//! The embedded font: sizes, widths, wrapping.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle};

/// The family's name, also what an SVG asks of its viewer; the later names stand in where DejaVu is
/// not installed.
pub(crate) const FAMILY: &str = "DejaVu Sans, Verdana, Arial, sans-serif";

/// Height of a line of DejaVu Sans, in em; and, in line heights, from the line's top to the baseline and
/// the height of capitals.
pub(crate) const LINE_HEIGHT_EM: f64 = 1.164;
pub(crate) const ASCENT: f64 = 0.797;
pub(crate) const CAPITALS: f64 = 0.626;

static DEJAVU_SANS: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");

/// The few sizes that figures use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FontSize {
    Title,
    PanelTitle,
    Label,
    Tick,
    Note,
}

impl FontSize {
    /// Height of a line, pixels.
    pub(crate) fn pixels(self) -> f64 {
        match self {
            FontSize::Title => 31.0,
            FontSize::PanelTitle => 26.0,
            FontSize::Label => 24.0,
            FontSize::Tick => 21.0,
            FontSize::Note => 19.0,
        }
    }
}

/// The font at a size in pixels.
pub(crate) fn font(pixels: f64) -> FontDesc<'static> {
    static REGISTERED: OnceLock<()> = OnceLock::new();
    REGISTERED.get_or_init(|| {
        plotters::style::register_font(FAMILY, FontStyle::Normal, DEJAVU_SANS)
            .unwrap_or_else(|_| panic!("the embedded font is a font"));
    });
    FontDesc::new(FontFamily::Name(FAMILY), pixels, FontStyle::Normal)
}

/// Width of a text, pixels.
pub(crate) fn width(text: &str, size: FontSize) -> f64 {
    // Measured large: the library rounds to whole pixels.
    const ENLARGED: f64 = 8.0;
    let measured = font(size.pixels() * ENLARGED).box_size(text);
    measured.map_or(0.0, |(width, _)| f64::from(width) / ENLARGED)
}

/// A text with the five characters replaced that mean something to HTML or XML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Breaks a text at its spaces into lines no wider than `limit`, where its words allow.
pub(crate) fn wrap(text: &str, size: FontSize, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_texts_and_sizes_are_wider() {
        assert!(width("mm", FontSize::Tick) > 1.8 * width("m", FontSize::Tick));
        assert!(width("m", FontSize::Title) > width("m", FontSize::Note));
    }

    #[test]
    fn wrapped_lines_keep_all_words_and_the_limit() {
        let text =
            "pseudo-stations: shows the machinery, no statement of accuracy against the ground";
        let lines = wrap(text, FontSize::Note, 300.0);
        assert!(lines.len() > 1);
        assert!(
            lines
                .iter()
                .all(|line| width(line, FontSize::Note) <= 300.0)
        );
        assert_eq!(lines.join(" "), text);
        assert!(wrap("", FontSize::Note, 300.0).is_empty());
    }
}
