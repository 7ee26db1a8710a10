//! A time axis of several stretches, with long pauses cut out.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::drawing::{Anchor, Drawing};
use crate::frame;
use crate::text::{self, FontSize};
use crate::ticks::Tick;

/// A pause longer than this is cut out, hours: thirty days.
const LONGEST_PAUSE: i64 = 30 * 24;
/// Gap between stretches, pixels.
const BREAK: f64 = 26.0;
const DAY: i64 = 24;
/// Distance between neighbouring dates, pixels.
const BETWEEN_DATES: f64 = 22.0;

/// The stretches of time that hold values.
pub(crate) struct TimeLine {
    /// First and last hour of each.
    stretches: Vec<(i64, i64)>,
}

/// A stretch with its place on the page.
pub(crate) struct Segment {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) ticks: Vec<Tick>,
    /// The hours of its ends, both midnight.
    first: i64,
    end: i64,
    years: String,
}

impl TimeLine {
    /// `None` without an hour, or with one beyond the calendar.
    pub(crate) fn new(hours: impl Iterator<Item = i64>) -> Option<Self> {
        let mut hours: Vec<i64> = hours.collect();
        hours.sort_unstable();
        let stretches: Vec<(i64, i64)> = hours
            .chunk_by(|one, other| other - one <= LONGEST_PAUSE)
            .map(|run| (run[0], run[run.len() - 1]))
            .collect();
        let (first, last) = (stretches.first()?.0, stretches.last()?.1);
        (date(first).is_some() && date(last.checked_add(DAY)?).is_some())
            .then_some(Self { stretches })
    }

    /// The first and the last day: `2017-06-01 to 2019-06-30`.
    pub(crate) fn first_to_last(&self) -> String {
        let ends = [
            self.stretches[0].0,
            self.stretches[self.stretches.len() - 1].1,
        ];
        let [first, last] =
            ends.map(|hour| date(hour).map_or(String::new(), |day| day.to_string()));
        format!("{first} to {last}")
    }

    /// All stretches side by side, an hour as wide in each.
    pub(crate) fn segments(&self, left: f64, right: f64) -> Vec<Segment> {
        let days = self.stretches.iter().map(|&stretch| whole_days(stretch));
        let total = days.map(|(first, end)| end - first).sum::<i64>() as f64;
        let breaks = BREAK * (self.stretches.len() - 1) as f64;
        let per_hour = (right - left - breaks) / total;
        let mut start = left;
        let segment = |&stretch: &(i64, i64)| {
            let (first, end) = whole_days(stretch);
            let width = per_hour * (end - first) as f64;
            let segment = Segment {
                left: start,
                right: start + width,
                ticks: date_ticks(first, end, width),
                first,
                end,
                years: years(stretch),
            };
            start += width + BREAK;
            segment
        };
        self.stretches.iter().map(segment).collect()
    }
}

/// From the midnight before a stretch to the one after it.
fn whole_days((first, last): (i64, i64)) -> (i64, i64) {
    (
        first.div_euclid(DAY) * DAY,
        (last.div_euclid(DAY) + 1) * DAY,
    )
}

impl Segment {
    pub(crate) fn contains(&self, hour: i64) -> bool {
        (self.first..self.end).contains(&hour)
    }

    pub(crate) fn x(&self, hour: i64) -> f64 {
        let share = (hour - self.first) as f64 / (self.end - self.first) as f64;
        self.left + share * (self.right - self.left)
    }

    /// Dates and year below the panels.
    pub(crate) fn draw_dates(&self, drawing: &mut Drawing, bottom: f64) {
        let edge = crate::drawing::Rect {
            left: self.left,
            top: bottom,
            right: self.right,
            bottom,
        };
        frame::ticks_below(drawing, edge, &self.ticks);
        let below = (edge.centre().0, bottom + frame::BELOW_TICKS + 4.0);
        drawing.text(below, &self.years, FontSize::Label, Anchor::TopCentre);
    }
}

/// The finest of these that leaves room between its dates.
const STEPS: [Step; 8] = [
    Step::Days(1),
    Step::Days(2),
    Step::Days(5),
    Step::Days(10),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
];

#[derive(Clone, Copy)]
enum Step {
    /// The first of each month and every so many days after it, until the next first is near.
    Days(i8),
    /// The first of every so many months.
    Months(i8),
}

impl Step {
    fn holds(self, day: Date) -> bool {
        match self {
            Step::Days(step) => (day.day() - 1) % step == 0 && day.day() <= 31 - step.min(10) / 2,
            Step::Months(step) => day.day() == 1 && (day.month() - 1) % step == 0,
        }
    }
}

fn date_ticks(first: i64, end: i64, width: f64) -> Vec<Tick> {
    let Some(start) = date(first) else {
        return Vec::new();
    };
    let days = || std::iter::successors(Some(start), |day| day.checked_add(1.day()).ok());
    let ticks = |step: Step| -> Vec<Tick> {
        let hours = (first..end).step_by(DAY as usize);
        let days = days().zip(hours).filter(|(day, _)| step.holds(*day));
        let tick = |(day, hour): (Date, i64)| Tick {
            fraction: (hour - first) as f64 / (end - first) as f64,
            label: day.strftime("%-d %b").to_string(),
        };
        days.map(tick).collect()
    };
    let fits = |ticks: &Vec<Tick>| {
        let half = |tick: &Tick| 0.5 * text::width(&tick.label, FontSize::Tick);
        ticks.windows(2).all(|pair| {
            let between = (pair[1].fraction - pair[0].fraction) * width;
            between >= half(&pair[0]) + half(&pair[1]) + BETWEEN_DATES
        })
    };
    STEPS.into_iter().map(ticks).find(fits).unwrap_or_default()
}

/// `2017`, or `2017–2018`.
fn years((first, last): (i64, i64)) -> String {
    match (date(first), date(last)) {
        (Some(first), Some(last)) if first.year() == last.year() => first.year().to_string(),
        (Some(first), Some(last)) => format!("{}–{}", first.year(), last.year()),
        _ => String::new(),
    }
}

/// The day of an hour since 1970-01-01T00Z.
fn date(hour: i64) -> Option<Date> {
    let seconds = hour.checked_mul(3600)?;
    let moment = Timestamp::from_second(seconds).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2017-06-01T00Z.
    const JUNE_2017: i64 = 24 * 17_318;

    #[test]
    fn three_junes_are_three_stretches_of_equal_scale() {
        let june = |year: i64| (0..30).map(move |day| JUNE_2017 + 24 * (365 * year + day) + 12);
        let time = TimeLine::new((0..3).flat_map(june)).unwrap();
        let segments = time.segments(0.0, 1000.0);
        assert_eq!(segments.len(), 3);
        let years: Vec<&str> = segments.iter().map(|of| of.years.as_str()).collect();
        assert_eq!(years, ["2017", "2018", "2019"]);
        let width = (1000.0 - 2.0 * BREAK) / 3.0;
        for segment in &segments {
            assert!((segment.right - segment.left - width).abs() < 1e-9);
        }
        let labels: Vec<&str> = segments[0]
            .ticks
            .iter()
            .map(|of| of.label.as_str())
            .collect();
        assert_eq!(labels, ["1 Jun", "11 Jun", "21 Jun"]);
        assert_eq!(time.first_to_last(), "2017-06-01 to 2019-06-30");
    }

    #[test]
    fn hours_keep_their_place() {
        // Noon of the first and of the third day: the axis holds three days, 72 hours.
        let time = TimeLine::new([JUNE_2017 + 12, JUNE_2017 + 60].into_iter()).unwrap();
        let segment = &time.segments(100.0, 172.0)[0];
        assert!((segment.x(JUNE_2017 + 12) - 112.0).abs() < 1e-9);
        assert!(segment.contains(JUNE_2017) && !segment.contains(JUNE_2017 + 72));
    }

    #[test]
    fn a_long_stretch_has_a_date_a_month_or_less() {
        let time = TimeLine::new((0..100).map(|week| JUNE_2017 + 168 * week)).unwrap();
        let ticks = &time.segments(0.0, 900.0)[0].ticks;
        assert!(ticks.len() > 2 && ticks.len() < 12, "{}", ticks.len());
        assert!(
            ticks.iter().all(|tick| tick.label.starts_with("1 ")),
            "{ticks:?}"
        );
    }

    #[test]
    fn nothing_has_no_time_line() {
        assert!(TimeLine::new(std::iter::empty()).is_none());
        assert!(TimeLine::new(std::iter::once(i64::MAX / 2)).is_none());
    }
}
