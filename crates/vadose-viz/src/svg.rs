//! A drawing as an `<svg>` element that needs nothing from elsewhere.

use std::fmt::Write as _;

use crate::drawing::{Colour, Direction, Drawing, Label, Mark, Stroke};
use crate::output::DrawingError;
use crate::{embedded_image, palette, text};

/// The drawing with its alternative text. The same drawing gives the same bytes.
pub(crate) fn element(drawing: &Drawing, alternative_text: &str) -> Result<String, DrawingError> {
    let (width, height) = drawing.size;
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\" \
         font-family=\"{}\" fill=\"none\">",
        text::escape(alternative_text),
        text::FAMILY
    )?;
    writeln!(
        svg,
        "<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>",
        hex(palette::PAPER)
    )?;
    for mark in &drawing.marks {
        write_mark(&mut svg, mark)?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn write_mark(svg: &mut String, mark: &Mark) -> Result<(), DrawingError> {
    match mark {
        Mark::Fill(rect, colour) => {
            let (x, y) = (coordinate(rect.left), coordinate(rect.top));
            let (width, height) = (coordinate(rect.width()), coordinate(rect.height()));
            let fill = hex(*colour);
            writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>"
            )?;
        }
        Mark::Outline(rect, stroke) => {
            let (x, y) = (coordinate(rect.left), coordinate(rect.top));
            let (width, height) = (coordinate(rect.width()), coordinate(rect.height()));
            let line = line(stroke);
            writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {line}/>"
            )?;
        }
        Mark::Path(points, stroke) => {
            let (points, line) = (list(points), line(stroke));
            writeln!(
                svg,
                "<polyline points=\"{points}\" {line} stroke-linejoin=\"round\"/>"
            )?;
        }
        Mark::Polygon(points, colour, alpha) => {
            let (points, fill) = (list(points), filled(*colour, *alpha));
            writeln!(svg, "<polygon points=\"{points}\" {fill}/>")?;
        }
        Mark::Dot((x, y), radius, colour, alpha) => {
            let [x, y, radius] = [*x, *y, *radius].map(coordinate);
            let fill = filled(*colour, *alpha);
            writeln!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {fill}/>")?;
        }
        Mark::Text(label) => write_label(svg, label)?,
        Mark::Cells {
            area,
            cols,
            colours,
        } => svg.push_str(&embedded_image::element(area, *cols, colours)?),
    }
    Ok(())
}

fn write_label(svg: &mut String, label: &Label) -> Result<(), DrawingError> {
    let (x, y) = label.at;
    let down = label.anchor.baseline() * label.size.pixels();
    let place = match label.direction {
        Direction::Across => format!("x=\"{}\" y=\"{}\"", coordinate(x), coordinate(y + down)),
        Direction::Upwards => format!(
            "transform=\"translate({} {}) rotate(-90)\"",
            coordinate(x + down),
            coordinate(y)
        ),
    };
    writeln!(
        svg,
        "<text {place} font-size=\"{}\" text-anchor=\"{}\" fill=\"{}\">{}</text>",
        coordinate(label.size.pixels() / text::LINE_HEIGHT_EM),
        label.anchor.across(),
        hex(label.colour),
        text::escape(&label.text)
    )?;
    Ok(())
}

fn line(stroke: &Stroke) -> String {
    let width = coordinate(stroke.width);
    format!("stroke=\"{}\" stroke-width=\"{width}\"", hex(stroke.colour))
}

fn filled(colour: Colour, alpha: f64) -> String {
    let fill = format!("fill=\"{}\"", hex(colour));
    if alpha < 1.0 {
        format!("{fill} fill-opacity=\"{}\"", coordinate(alpha))
    } else {
        fill
    }
}

fn list(points: &[(f64, f64)]) -> String {
    let mut list = String::with_capacity(points.len() * 14);
    for (x, y) in points {
        if !list.is_empty() {
            list.push(' ');
        }
        list.push_str(&coordinate(*x));
        list.push(',');
        list.push_str(&coordinate(*y));
    }
    list
}

/// A hundredth of a pixel, without zeros that say nothing.
fn coordinate(value: f64) -> String {
    let text = format!("{value:.2}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0" } else { short }.to_owned()
}

fn hex(Colour([red, green, blue]): Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::Anchor;
    use crate::text::FontSize;

    #[test]
    fn coordinates_are_short() {
        for (value, text) in [(1.0, "1"), (0.125, "0.12"), (-0.001, "0"), (110.5, "110.5")] {
            assert_eq!(coordinate(value), text);
        }
    }

    #[test]
    fn markup_in_texts_stays_text() {
        let mut drawing = Drawing::new((100, 100));
        drawing.text((5.0, 5.0), "<b> & \"c\"", FontSize::Tick, Anchor::TopLeft);
        let svg = element(&drawing, "say \"<x>\"").unwrap();
        assert!(
            svg.contains(">&lt;b&gt; &amp; &quot;c&quot;</text>"),
            "{svg}"
        );
        assert!(
            svg.contains("aria-label=\"say &quot;&lt;x&gt;&quot;\""),
            "{svg}"
        );
    }
}
