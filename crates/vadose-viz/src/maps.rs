//! Rows of two maps with colour bars, the paper's figure 3.

use std::path::Path;

use ndarray::ArrayView2;

use crate::drawing::{Anchor, Colour, Direction, Drawing, Label, Mark, Rect};
use crate::frame;
use crate::legend::{self, Entry, Sample};
use crate::output;
use crate::palette;
use crate::text::FontSize;
use crate::ticks::{Scale, Tick};
use crate::{ColourMap, Extent, VizError};

/// One map.
#[derive(Debug, Clone)]
pub struct MapImage<'a> {
    /// Heading.
    pub title: String,
    /// Values, `[row, col]`, row 0 northernmost; NaN is missing and drawn grey. Of any resolution:
    /// the array is stretched over the panel's extent.
    pub values: ArrayView2<'a, f32>,
    /// Units, written at the colour bar.
    pub units: String,
    /// Colours.
    pub colour_map: ColourMap,
    /// Values at the ends of the colour bar. `None`: from the 1st to the 99th percentile; what lies
    /// beyond gets the end's colour and a pointed end on the bar.
    pub range: Option<(f64, f64)>,
}

impl<'a> MapImage<'a> {
    /// A map in the default colours, its range taken from its values.
    pub fn new(
        title: impl Into<String>,
        values: ArrayView2<'a, f32>,
        units: impl Into<String>,
    ) -> Self {
        MapImage {
            title: title.into(),
            values,
            units: units.into(),
            colour_map: ColourMap::default(),
            range: None,
        }
    }
}

/// Whether the two maps of a row share their colours' range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColourRange {
    /// Each map its own.
    #[default]
    Own,
    /// One range that holds both.
    Shared,
}

/// Two maps side by side.
#[derive(Debug, Clone)]
pub struct MapRow<'a> {
    /// The left map.
    pub left: MapImage<'a>,
    /// The right map.
    pub right: MapImage<'a>,
    /// Default: each its own range.
    pub colour_range: ColourRange,
}

/// Rows of two maps of one region. The paper's figure has three: the inputs (brightness temperature
/// and backscatter), then the product's own and the new map at 1 km, then both at 9 km.
#[derive(Debug, Clone)]
pub struct MapPanel<'a> {
    /// Title; empty for none.
    pub title: String,
    /// The rows, from the top.
    pub rows: Vec<MapRow<'a>>,
    /// Outer edges of every map.
    pub extent: Extent,
    /// Line at the bottom; empty for none.
    pub footnote: String,
    /// Width in pixels; the height follows from the maps' shape. Default of [`MapPanel::new`]: 1600.
    pub width_px: u32,
}

impl<'a> MapPanel<'a> {
    /// A panel of `rows` over `extent` without title and footnote, 1600 pixels wide.
    pub fn new(rows: Vec<MapRow<'a>>, extent: Extent) -> Self {
        MapPanel {
            title: String::new(),
            rows,
            extent,
            footnote: String::new(),
            width_px: 1600,
        }
    }
}

/// Draws a panel of maps to a `.png` or `.svg` file.
///
/// Cells are square, as in the first map's array. A map without any value is drawn grey and says
/// 'all missing'.
///
/// # Errors
/// [`VizError::NothingToDraw`] without rows, [`VizError::EmptyMap`], [`VizError::BadRange`] for a
/// colour range or extent that is not finite and rising, and what writing a file may meet.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use vadose_viz::{ColourRange, Extent, MapImage, MapPanel, MapRow, map_panel};
///
/// let fine = Array2::from_shape_fn((27, 27), |(row, col)| 0.1 + 0.01 * (row + col) as f32);
/// let coarse = Array2::from_shape_fn((3, 3), |(row, col)| 0.18 + 0.09 * (row + col) as f32);
/// let row = MapRow {
///     left: MapImage::new("1 km", fine.view(), "m³ m⁻³"),
///     right: MapImage::new("9 km", coarse.view(), "m³ m⁻³"),
///     colour_range: ColourRange::Shared,
/// };
/// let extent = Extent::ProjectedM { west: 0.0, east: 27e3, south: 0.0, north: 27e3 };
/// let folder = tempfile::tempdir()?;
/// map_panel(folder.path().join("maps.png"), &MapPanel::new(vec![row], extent))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn map_panel(path: impl AsRef<Path>, figure: &MapPanel<'_>) -> Result<(), VizError> {
    output::write(path.as_ref(), &draw(figure)?)
}

/// Width of a colour bar and its distance from the map, pixels.
const BAR_WIDTH: f64 = 22.0;
const BAR_GAP: f64 = 16.0;
/// Room right of a bar's numbers for its units and the next map, pixels.
const BAR_UNITS: f64 = 62.0;
/// Height of a pointed end, pixels.
const POINT: f64 = 16.0;
/// Smallest width of a map, and the most ticks along a side.
const SMALLEST_MAP: f64 = 240.0;
const MAX_TICKS: usize = 5;
/// Limits of a map's height over its width, so that a narrow strip stays a readable figure.
const ASPECT: (f64, f64) = (0.3, 1.6);

pub(crate) fn draw(figure: &MapPanel<'_>) -> Result<Drawing, VizError> {
    let Some(first) = figure.rows.first() else {
        return Err(VizError::NothingToDraw {
            what: "map panel".to_owned(),
        });
    };
    figure.extent.check()?;
    for image in figure.rows.iter().flat_map(|row| [&row.left, &row.right]) {
        check_image(image)?;
    }
    let (rows, cols) = first.left.values.dim();
    let aspect = (rows as f64 / cols as f64).clamp(ASPECT.0, ASPECT.1);

    let width = f64::from(figure.width_px);
    let margin = 36.0;
    let ranges: Vec<_> = figure.rows.iter().map(ranges_of).collect();
    let bar_ticks = |range: &(f64, f64)| frame::tick_width(&Scale::Linear.ticks(*range, MAX_TICKS));
    let bar_numbers = ranges
        .iter()
        .flatten()
        .flatten()
        .map(bar_ticks)
        .fold(0.0, f64::max);
    let (_, y_label) = figure.extent.labels();
    let ticks_room = frame::tick_width(&figure.extent.y_ticks(MAX_TICKS))
        + if y_label.is_empty() { 0.0 } else { 36.0 };
    let beside = ticks_room + BAR_GAP + BAR_WIDTH + bar_numbers + BAR_UNITS;
    let smallest = (2.0 * (margin + beside + SMALLEST_MAP)).ceil() as u32;
    output::check_size((figure.width_px, 0), (smallest, 0))?;
    let map_width = 0.5 * (width - 2.0 * margin) - beside;
    let map_height = map_width * aspect;
    let y_ticks = figure.extent.y_ticks(tick_count(map_height));
    let x_ticks = figure.extent.x_ticks((map_width / 125.0) as usize);

    let mut drawing = Drawing::new((figure.width_px, 0));
    let mut top = frame::draw_title(&mut drawing, &figure.title, margin) + 16.0;
    for (row, ranges) in figure.rows.iter().zip(ranges) {
        for (index, (image, range)) in [&row.left, &row.right].into_iter().zip(ranges).enumerate() {
            let left = margin + ticks_room + (map_width + beside) * index as f64;
            let title_top = top + 44.0;
            let area = Rect {
                left,
                top: title_top,
                right: left + map_width,
                bottom: title_top + map_height,
            };
            let above = (area.centre().0, area.top - 12.0);
            drawing.text(
                above,
                &image.title,
                FontSize::PanelTitle,
                Anchor::BottomCentre,
            );
            draw_cells(&mut drawing, area, image, range);
            draw_map_axes(&mut drawing, area, &figure.extent, &x_ticks, &y_ticks);
            if let Some(range) = range {
                draw_bar(&mut drawing, area, image, range);
            }
        }
        let labels = if y_label.is_empty() {
            frame::BELOW_TICKS
        } else {
            frame::BELOW_LABEL
        };
        top += 44.0 + map_height + labels + 12.0;
    }
    let images = || figure.rows.iter().flat_map(|row| [&row.left, &row.right]);
    if images().any(|image| image.values.iter().any(|value| !value.is_finite())) {
        let entry = Entry {
            sample: Sample::Swatch(palette::MISSING),
            text: "missing".to_owned(),
        };
        legend::draw(&mut drawing, &[entry], (margin, width - margin), top);
        top += 38.0;
    }
    let (footnote, footnote_height) = frame::footnote(&figure.footnote, width - 2.0 * margin);
    frame::draw_footnote(&mut drawing, &footnote, margin, top + 4.0);
    drawing.size.1 = (top + footnote_height + 18.0).ceil() as u32;
    output::check_size(drawing.size, (smallest, 0))?;
    Ok(drawing)
}

/// As many ticks along a height as leave room between their numbers.
fn tick_count(height: f64) -> usize {
    ((height / 45.0) as usize).clamp(1, MAX_TICKS)
}

fn check_image(image: &MapImage<'_>) -> Result<(), VizError> {
    if image.values.is_empty() {
        return Err(VizError::EmptyMap {
            title: image.title.clone(),
            shape: image.values.dim(),
        });
    }
    match image.range {
        Some((from, to)) if !(from.is_finite() && to.is_finite() && from < to) => {
            Err(VizError::BadRange {
                what: format!("colour range of map {:?}", image.title),
                from,
                to,
            })
        }
        _ => Ok(()),
    }
}

/// The colour range of each map; `None` if it has no value and none was given.
fn ranges_of(row: &MapRow<'_>) -> [Option<(f64, f64)>; 2] {
    let own = [&row.left, &row.right].map(|image| image.range.or_else(|| bulk_range(image.values)));
    match (row.colour_range, own) {
        (ColourRange::Shared, [Some(left), Some(right)]) => {
            [Some((left.0.min(right.0), left.1.max(right.1))); 2]
        }
        _ => own,
    }
    .map(|range| range.map(widened))
}

/// From the 1st to the 99th percentile of the finite values, nearest rank.
fn bulk_range(values: ArrayView2<'_, f32>) -> Option<(f64, f64)> {
    let mut finite: Vec<f32> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    let last = finite.len().checked_sub(1)?;
    let mut at = |share: f64| {
        let index = (share * last as f64).round() as usize;
        f64::from(*finite.select_nth_unstable_by(index, f32::total_cmp).1)
    };
    Some((at(0.01), at(0.99)))
}

/// A range without width gets some, so that a constant map has a colour.
fn widened((from, to): (f64, f64)) -> (f64, f64) {
    let by = if to > from {
        0.0
    } else {
        0.05 * from.abs().max(0.02)
    };
    (from - by, to + by)
}

fn draw_cells(drawing: &mut Drawing, area: Rect, image: &MapImage<'_>, range: Option<(f64, f64)>) {
    let some = image.values.iter().any(|value| value.is_finite());
    let Some(range) = range.filter(|_| some) else {
        drawing.add(Mark::Fill(area, palette::MISSING));
        drawing.text(
            area.centre(),
            "all missing",
            FontSize::Label,
            Anchor::Centre,
        );
        return;
    };
    let (cols, colours) = colours_of(image, range, area);
    drawing.add(Mark::Cells {
        area,
        cols,
        colours,
    });
}

/// The cells' colours: of all cells, or of the nearest to each half pixel where there are more.
fn colours_of(image: &MapImage<'_>, range: (f64, f64), area: Rect) -> (usize, Vec<Colour>) {
    let (rows, cols) = image.values.dim();
    let drawn_rows = rows.min((2.0 * area.height()).ceil() as usize);
    let drawn_cols = cols.min((2.0 * area.width()).ceil() as usize);
    let colour = |value: f32| {
        let fraction = Scale::Linear.fraction(f64::from(value), range);
        if value.is_finite() {
            image.colour_map.at(fraction)
        } else {
            palette::MISSING
        }
    };
    let cells = (0..drawn_rows * drawn_cols).map(|cell| {
        let (row, col) = (cell / drawn_cols, cell % drawn_cols);
        let nearest = |drawn: usize, of: usize, all: usize| (2 * drawn + 1) * all / (2 * of);
        colour(
            image.values[[
                nearest(row, drawn_rows, rows),
                nearest(col, drawn_cols, cols),
            ]],
        )
    });
    (drawn_cols, cells.collect())
}

fn draw_map_axes(
    drawing: &mut Drawing,
    area: Rect,
    extent: &Extent,
    x_ticks: &[Tick],
    y_ticks: &[Tick],
) {
    frame::draw_frame(drawing, area);
    frame::ticks_below(drawing, area, x_ticks);
    let widest = frame::ticks_left(drawing, area, y_ticks);
    let (x_label, y_label) = extent.labels();
    let (x, y) = area.centre();
    drawing.text(
        (x, area.bottom + frame::BELOW_TICKS + 2.0),
        x_label,
        FontSize::Label,
        Anchor::TopCentre,
    );
    upwards(
        drawing,
        (area.left - widest - 8.0, y),
        y_label,
        Anchor::BottomCentre,
    );
}

fn upwards(drawing: &mut Drawing, at: (f64, f64), text: &str, anchor: Anchor) {
    let (size, colour, direction) = (FontSize::Label, palette::INK, Direction::Upwards);
    drawing.label(Label {
        at,
        text: text.to_owned(),
        size,
        colour,
        anchor,
        direction,
    });
}

/// The colour bar right of a map, pointed where values lie beyond its ends.
fn draw_bar(drawing: &mut Drawing, area: Rect, image: &MapImage<'_>, range: (f64, f64)) {
    let beyond =
        |outside: &dyn Fn(f64) -> bool| image.values.iter().any(|&value| outside(f64::from(value)));
    let (above, below) = (
        beyond(&|value| value > range.1),
        beyond(&|value| value < range.0),
    );
    let left = area.right + BAR_GAP;
    let bar = Rect {
        left,
        right: left + BAR_WIDTH,
        top: area.top + if above { POINT } else { 0.0 },
        bottom: area.bottom - if below { POINT } else { 0.0 },
    };
    let middle = bar.centre().0;
    let mut outline = vec![(bar.left, bar.bottom), (bar.left, bar.top)];
    if above {
        let tip = (middle, area.top);
        drawing.add(Mark::Polygon(
            vec![(bar.left, bar.top), tip, (bar.right, bar.top)],
            image.colour_map.at(1.0),
        ));
        outline.push(tip);
    }
    outline.extend([(bar.right, bar.top), (bar.right, bar.bottom)]);
    if below {
        let tip = (middle, area.bottom);
        drawing.add(Mark::Polygon(
            vec![(bar.left, bar.bottom), tip, (bar.right, bar.bottom)],
            image.colour_map.at(0.0),
        ));
        outline.push(tip);
    }
    outline.push(outline[0]);
    let colours = (0..=255)
        .rev()
        .map(|step| image.colour_map.at(f64::from(step) / 255.0))
        .collect();
    drawing.add(Mark::Cells {
        area: bar,
        cols: 1,
        colours,
    });
    drawing.path(&outline, frame::FRAME);
    let ticks = Scale::Linear.ticks(range, tick_count(bar.height()));
    let widest = frame::ticks_right(drawing, bar, &ticks);
    let beside = (
        bar.right + widest + 8.0 + 0.5 * FontSize::Label.pixels(),
        bar.centre().1,
    );
    upwards(drawing, beside, &image.units, Anchor::Centre);
}
