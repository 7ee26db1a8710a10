//! From marks to a PNG or SVG file, written beside its name and then renamed.

use std::io::Write as _;
use std::path::Path;

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontTransform, RGBAColor, ShapeStyle, TextStyle};

use crate::VizError;
use crate::drawing::{Anchor, Colour, Direction, Drawing, Label, Mark, Rect, Stroke};
use crate::{svg, text};

/// Bitmaps are painted this much larger and averaged down, which smooths every edge alike.
const OVERSAMPLING: u32 = 3;

/// The largest figure that is painted: half a gigabyte of pixels before the averaging.
pub(crate) const LARGEST: (u32, u32) = (4_000, 5_000);

/// From the position given to the baseline, in line heights: the bitmap font is scaled by its line height
/// and drawn half of it above the baseline.
const BITMAP_BASELINE: f64 = 0.5;

/// Refuses a size that is smaller than its content or larger than a bitmap should be.
pub(crate) fn check_size(size: (u32, u32), smallest: (u32, u32)) -> Result<(), VizError> {
    let within = |value, smallest, largest| (smallest..=largest).contains(&value);
    if within(size.0, smallest.0, LARGEST.0) && within(size.1, smallest.1, LARGEST.1) {
        return Ok(());
    }
    Err(VizError::Size {
        size,
        smallest,
        largest: LARGEST,
    })
}

enum Format {
    Png,
    Svg,
}

fn format_of(path: &Path) -> Result<Format, VizError> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("png") => Ok(Format::Png),
        Some("svg") => Ok(Format::Svg),
        _ => Err(VizError::UnknownFormat {
            path: path.to_owned(),
        }),
    }
}

/// Writes the figure; the file appears whole or not at all.
pub(crate) fn write(
    path: &Path,
    drawing: &Drawing,
    alternative_text: &str,
) -> Result<(), VizError> {
    let format = format_of(path)?;
    let bytes = match format {
        Format::Png => png(drawing),
        Format::Svg => svg::element(drawing, alternative_text).map(String::into_bytes),
    };
    let bytes = bytes.map_err(|source| VizError::Drawing {
        path: path.to_owned(),
        source,
    })?;
    write_bytes(path, &bytes)
}

/// Writes a file beside its name and renames it: it appears whole or not at all.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), VizError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || {
        let mut temporary = temporary_file(folder)?;
        temporary.write_all(bytes)?;
        temporary.persist(path).map_err(|error| error.error)
    };
    write().map(drop).map_err(|source| VizError::Write {
        path: path.to_owned(),
        source,
    })
}

/// A new file in `folder`, with the permissions of any other file.
fn temporary_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".vadose-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Whatever the drawing library or a file meets.
pub(crate) type DrawingError = Box<dyn std::error::Error + Send + Sync>;

/// The figure as the bytes of a PNG file.
pub(crate) fn png(drawing: &Drawing) -> Result<Vec<u8>, DrawingError> {
    encode(drawing.size, &rasterise(drawing)?)
}

/// Pixels `[row, col, 3]` as the bytes of a PNG file.
pub(crate) fn encode(size: (u32, u32), pixels: &[u8]) -> Result<Vec<u8>, DrawingError> {
    // The library encodes only into files.
    let file = tempfile::Builder::new().suffix(".png").tempfile()?;
    let mut backend = BitMapBackend::new(file.path(), size);
    backend.blit_bitmap((0, 0), size, pixels)?;
    backend.present()?;
    Ok(std::fs::read(file.path())?)
}

/// The figure's pixels, `[row, col, 3]`.
pub(crate) fn rasterise(drawing: &Drawing) -> Result<Vec<u8>, DrawingError> {
    let (width, height) = drawing.size;
    let large = (width * OVERSAMPLING, height * OVERSAMPLING);
    let mut pixels = vec![0_u8; large.0 as usize * large.1 as usize * 3];
    let scale = f64::from(OVERSAMPLING);
    paint(
        drawing,
        BitMapBackend::with_buffer(&mut pixels, large),
        scale,
    )?;
    Ok(average_down(&pixels, drawing.size))
}

/// The mean of each square of [`OVERSAMPLING`] pixels.
fn average_down(pixels: &[u8], (width, height): (u32, u32)) -> Vec<u8> {
    let (width, height, times) = (width as usize, height as usize, OVERSAMPLING as usize);
    let mut small = Vec::with_capacity(width * height * 3);
    let mut sums = vec![0_u32; width * 3];
    for rows in pixels.chunks_exact(width * times * 3 * times) {
        sums.fill(0);
        for row in rows.chunks_exact(width * times * 3) {
            for (sums, square) in sums.chunks_exact_mut(3).zip(row.chunks_exact(times * 3)) {
                for pixel in square.chunks_exact(3) {
                    sums.iter_mut()
                        .zip(pixel)
                        .for_each(|(sum, &value)| *sum += u32::from(value));
                }
            }
        }
        let count = OVERSAMPLING * OVERSAMPLING;
        small.extend(sums.iter().map(|sum| ((sum + count / 2) / count) as u8));
    }
    small
}

fn paint<B: DrawingBackend>(
    drawing: &Drawing,
    mut backend: B,
    scale: f64,
) -> Result<(), DrawingError>
where
    B::ErrorType: Send + Sync + 'static,
{
    let place = |(x, y): (f64, f64)| ((x * scale).round() as i32, (y * scale).round() as i32);
    let corners = |rect: &Rect| {
        (
            place((rect.left, rect.top)),
            place((rect.right, rect.bottom)),
        )
    };
    let line = |stroke: &Stroke| ShapeStyle {
        color: rgba(stroke.colour, 1.0),
        filled: false,
        stroke_width: (stroke.width * scale).round().max(1.0) as u32,
    };
    let fill = |colour, alpha| ShapeStyle {
        color: rgba(colour, alpha),
        filled: true,
        stroke_width: 0,
    };
    let page = Rect {
        left: 0.0,
        top: 0.0,
        right: f64::from(drawing.size.0),
        bottom: f64::from(drawing.size.1),
    };
    backend.ensure_prepared()?;
    fill_rect(
        &mut backend,
        corners(&page),
        fill(crate::palette::PAPER, 1.0),
    )?;
    for mark in &drawing.marks {
        match mark {
            Mark::Fill(rect, colour) => fill_rect(&mut backend, corners(rect), fill(*colour, 1.0))?,
            Mark::Outline(rect, stroke) => {
                let Rect {
                    left,
                    top,
                    right,
                    bottom,
                } = *rect;
                let around = [
                    (left, top),
                    (right, top),
                    (right, bottom),
                    (left, bottom),
                    (left, top),
                ];
                backend.draw_path(around.map(place), &line(stroke))?;
            }
            Mark::Path(points, stroke) => {
                backend.draw_path(points.iter().copied().map(place), &line(stroke))?;
            }
            Mark::Polygon(points, colour, alpha) => {
                backend.fill_polygon(points.iter().copied().map(place), &fill(*colour, *alpha))?;
            }
            Mark::Dot(centre, radius, colour, alpha) => {
                let radius = (radius * scale).round().max(1.0) as u32;
                backend.draw_circle(place(*centre), radius, &fill(*colour, *alpha), true)?;
            }
            Mark::Text(label) => paint_text(&mut backend, label, scale)?,
            Mark::Cells {
                area,
                cols,
                colours,
            } => {
                let rows = colours.len() / cols;
                let x = |col: usize| area.left + area.width() * col as f64 / *cols as f64;
                let y = |row: usize| area.top + area.height() * row as f64 / rows as f64;
                for (row, line) in colours.chunks_exact(*cols).enumerate() {
                    let mut start = 0;
                    for run in line.chunk_by(PartialEq::eq) {
                        let end = start + run.len();
                        let rect = (place((x(start), y(row))), place((x(end), y(row + 1))));
                        fill_rect(&mut backend, rect, fill(run[0], 1.0))?;
                        start = end;
                    }
                }
            }
        }
    }
    Ok(backend.present()?)
}

/// A filled rectangle whose right and lower edges belong to its neighbours.
fn fill_rect<B: DrawingBackend>(
    backend: &mut B,
    (upper_left, lower_right): ((i32, i32), (i32, i32)),
    style: ShapeStyle,
) -> Result<(), DrawingError>
where
    B::ErrorType: Send + Sync + 'static,
{
    Ok(backend.draw_rect(upper_left, lower_right, &style, true)?)
}

fn paint_text<B: DrawingBackend>(
    backend: &mut B,
    label: &Label,
    scale: f64,
) -> Result<(), DrawingError>
where
    B::ErrorType: Send + Sync + 'static,
{
    let across = match label.anchor {
        Anchor::TopLeft | Anchor::CentreLeft => HPos::Left,
        Anchor::TopCentre | Anchor::Centre | Anchor::BottomCentre => HPos::Center,
        Anchor::CentreRight => HPos::Right,
    };
    let size = label.size.pixels() * scale;
    let down = (label.anchor.baseline() - BITMAP_BASELINE) * size;
    let (x, y) = (label.at.0 * scale, label.at.1 * scale);
    let (x, y, transform) = match label.direction {
        Direction::Across => (x, y + down, FontTransform::None),
        Direction::Upwards => (x + down, y, FontTransform::Rotate270),
    };
    let font = text::font(size).transform(transform);
    let colour = rgba(label.colour, 1.0);
    let style = TextStyle::from(font)
        .color(&colour)
        .pos(Pos::new(across, VPos::Top));
    Ok(backend.draw_text(&label.text, &style, (x.round() as i32, y.round() as i32))?)
}

fn rgba(Colour([red, green, blue]): Colour, alpha: f64) -> RGBAColor {
    RGBAColor(red, green, blue, alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averaging_down_keeps_a_flat_colour_and_mixes_an_edge() {
        let times = OVERSAMPLING as usize;
        let mut pixels = vec![90_u8; 2 * times * times * 3];
        assert_eq!(average_down(&pixels, (2, 1)), [90; 6]);
        // The left pixel's first column turns black.
        for row in pixels.chunks_exact_mut(2 * times * 3) {
            row[..3].fill(0);
        }
        assert_eq!(average_down(&pixels, (2, 1)), [60, 60, 60, 90, 90, 90]);
    }

    #[test]
    fn extension_chooses_the_format_in_any_case() {
        assert!(matches!(format_of(Path::new("a/b.PNG")), Ok(Format::Png)));
        assert!(matches!(format_of(Path::new("b.svg")), Ok(Format::Svg)));
        for name in ["b", "b.pdf", ".png", "png"] {
            assert!(matches!(
                format_of(Path::new(name)),
                Err(VizError::UnknownFormat { .. })
            ));
        }
    }
}
