//! Rows of two maps with colour bars, the paper's figure 3.

use ndarray::ArrayView2;
use vadose_metrics::Distribution;

use crate::colour_bar::{BAR_GAP, BAR_UNITS, BAR_WIDTH, ColourBar, MAX_TICKS, tick_count};
use crate::drawing::{Anchor, Colour, Direction, Drawing, Label, Mark, Rect};
use crate::frame;
use crate::legend::{self, Entry, Sample};
use crate::output;
use crate::palette;
use crate::text::FontSize;
use crate::ticks::{Scale, Tick};
use crate::{ColourMap, Extent, Figure, VizError, wording};

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

/// Cells are square, as in the first map's array. A map without any value is drawn grey and says
/// 'all missing'.
///
/// # Errors of drawing
/// [`VizError::NothingToDraw`] without rows, [`VizError::EmptyMap`], [`VizError::BadRange`] for a
/// colour range or extent that is not finite and rising, [`VizError::Size`].
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use vadose_viz::{ColourRange, Extent, Figure, MapImage, MapPanel, MapRow};
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
/// MapPanel::new(vec![row], extent).write(folder.path().join("maps.png"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Figure for MapPanel<'_> {
    fn draw(&self) -> Result<Drawing, VizError> {
        draw(self)
    }

    fn alternative_text(&self) -> String {
        let mut text = wording::opening(&self.title, "Maps");
        for image in self.rows.iter().flat_map(|row| [&row.left, &row.right]) {
            let values = image.values.iter().map(|&value| f64::from(value));
            let missing = values.clone().filter(|value| !value.is_finite()).count();
            let share = 100.0 * missing as f64 / image.values.len().max(1) as f64;
            let told = match bulk_range(values.clone()).zip(Distribution::of(values).median) {
                Some(((from, to), median)) => format!(
                    "from {} to {} {} (1st to 99th percentile), median {}, {} % missing",
                    wording::say(from),
                    wording::say(to),
                    image.units,
                    wording::say(median),
                    wording::say(share.round()),
                ),
                None => "all missing".to_owned(),
            };
            text.push_str(&format!(" {}: {told}.", image.title));
        }
        text
    }
}

/// Smallest width of a map, pixels.
const SMALLEST_MAP: f64 = 240.0;
/// Limits of a map's height over its width, so that a narrow strip stays a readable figure.
const ASPECT: (f64, f64) = (0.3, 1.6);

fn draw(figure: &MapPanel<'_>) -> Result<Drawing, VizError> {
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
                let bar = ColourBar {
                    colour_map: image.colour_map,
                    range,
                    units: &image.units,
                };
                let values = image.values.iter().map(|&value| f64::from(value));
                bar.draw(&mut drawing, area, values);
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
    let own = [&row.left, &row.right].map(|image| {
        image
            .range
            .or_else(|| bulk_range(image.values.iter().map(|&value| f64::from(value))))
    });
    match (row.colour_range, own) {
        (ColourRange::Shared, [Some(left), Some(right)]) => {
            [Some((left.0.min(right.0), left.1.max(right.1))); 2]
        }
        _ => own,
    }
    .map(|range| range.map(widened))
}

/// From the 1st to the 99th percentile of the finite values, nearest rank.
pub(crate) fn bulk_range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let mut finite: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    let last = finite.len().checked_sub(1)?;
    let mut at = |share: f64| {
        let index = (share * last as f64).round() as usize;
        *finite.select_nth_unstable_by(index, f64::total_cmp).1
    };
    Some((at(0.01), at(0.99)))
}

/// A range without width gets some, so that a constant map has a colour.
pub(crate) fn widened((from, to): (f64, f64)) -> (f64, f64) {
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

pub(crate) fn draw_map_axes(
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
