//! Figures of an evaluation: skill, strata, stations, scale, coverage, a sweep.

use vadose_metrics::Interval;
use vadose_viz::{
    Better, BoxPlot, CalibrationPlot, ColourMap, Curve, Estimate, Extent, MethodSkill,
    ReferenceLevel, SkillGroup, SkillMetric, SkillPlot, SpectrumPlot, StationDot, StationMap,
    StationSeries, StationSeriesPlot, Stratum, SweepPlot, TaylorDiagram, TaylorPoint, VerticalMark,
};

use super::{FOOTNOTE, around, noise};

pub(crate) const METHODS: [&str; 5] = [
    "network, L1 + α L2",
    "network, L1 only",
    "random forest",
    "SPL2SMAP_S, 1 km",
    "SMAP L2, 9 km",
];

pub(crate) fn skill() -> SkillPlot {
    let metric = |name: &str, units: &str, better| SkillMetric {
        name: name.into(),
        units: units.into(),
        better,
    };
    let group = |heading: &str, shift: f64| SkillGroup {
        heading: heading.into(),
        methods: METHODS
            .iter()
            .enumerate()
            .map(|(index, method)| {
                let step = index as f64 + shift;
                let estimate = |value: f64, half: f64| {
                    let (below, above) = (0.9 * half, 1.2 * half);
                    Some(Estimate {
                        value,
                        interval: Some(around(value, below, above)),
                    })
                };
                MethodSkill {
                    method: (*method).into(),
                    values: vec![
                        estimate(0.041 + 0.006 * step, 0.004),
                        if index == 3 {
                            None
                        } else {
                            estimate(-0.02 + 0.012 * step, 0.008)
                        },
                        estimate(0.79 - 0.07 * step, 0.05),
                    ],
                }
            })
            .collect(),
    };
    SkillPlot {
        title: "Skill of five methods (synthetic)".into(),
        metrics: vec![
            metric("ubRMSE", "m³ m⁻³", Better::Lower),
            metric("bias", "m³ m⁻³", Better::NearZero),
            metric("R", "", Better::Higher),
        ],
        groups: vec![
            group("71 test stations", 0.0),
            group("withheld truth, 1 km", 0.6),
        ],
        footnote: FOOTNOTE.into(),
        ..SkillPlot::default()
    }
}

pub(crate) fn taylor() -> TaylorDiagram {
    let point = |(index, label): (usize, &&str)| TaylorPoint {
        label: (*label).into(),
        r: 0.88 - 0.12 * index as f64,
        sd_ratio: [0.86, 0.7, 0.62, 1.35, 1.04][index],
    };
    TaylorDiagram {
        title: "Test stations (synthetic)".into(),
        points: METHODS.iter().enumerate().map(point).collect(),
        footnote: FOOTNOTE.into(),
        ..TaylorDiagram::default()
    }
}

pub(crate) fn boxes() -> BoxPlot {
    let strata = [
        ("croplands", 28),
        ("grasslands", 21),
        ("open shrublands", 12),
        ("woody savannas", 7),
        ("croplands with natural vegetation", 3),
    ];
    let stratum = |(row, (label, n)): (usize, (&str, usize))| {
        let values = |method: usize| {
            let centre = 0.04 + 0.004 * row as f64 + 0.006 * method as f64;
            (0..n)
                .map(|station| {
                    let spread = 0.3 + 0.1 * row as f64;
                    centre * (1.0 + spread * noise(1000 * row + 97 * method + station)).max(0.2)
                })
                .collect()
        };
        Stratum {
            label: label.into(),
            values: (0..3).map(values).collect(),
        }
    };
    BoxPlot {
        title: "Unbiased error by land cover (synthetic)".into(),
        methods: METHODS[..3].iter().map(|method| (*method).into()).collect(),
        strata: strata.into_iter().enumerate().map(stratum).collect(),
        footnote: FOOTNOTE.into(),
        ..BoxPlot::default()
    }
}

const WEST: Extent = Extent::EqualAreaDeg {
    west: -112.0,
    east: -96.0,
    south: 34.0,
    north: 45.0,
};

fn dots(value: impl Fn(usize) -> f64) -> Vec<StationDot> {
    let dot = |index: usize| StationDot {
        east: -104.0 + 7.5 * noise(index + 10_000),
        north: 39.5 + 5.0 * noise(index + 20_000),
        value: value(index),
        n: (70.0 * (0.55 + 0.45 * noise(index + 30_000))).max(3.0) as usize,
    };
    (0..71).map(dot).collect()
}

pub(crate) fn station_map() -> StationMap {
    let value = |index: usize| {
        if index % 23 == 7 {
            f64::NAN
        } else {
            0.05 + 0.03 * noise(index)
        }
    };
    StationMap {
        title: "Unbiased error at 71 test stations (synthetic)".into(),
        footnote: FOOTNOTE.into(),
        ..StationMap::new(dots(value), WEST)
    }
}

pub(crate) fn bias_map() -> StationMap {
    StationMap {
        title: "Bias at 71 test stations (synthetic)".into(),
        quantity: "bias".into(),
        colour_map: ColourMap::Difference,
        range: Some((-0.08, 0.08)),
        footnote: FOOTNOTE.into(),
        ..StationMap::new(dots(|index| 0.08 * noise(index + 500)), WEST)
    }
}

pub(crate) fn series() -> StationSeriesPlot {
    // 2017-06-01, 6 h local solar time at 105° W, in hours since 1970.
    let first = 24 * 17_318 + 13;
    let station = |index: usize, heading: &str| {
        let days = (0..3_i64).flat_map(|year| (0..30_i64).map(move |day| 365 * year + day));
        let mut series = StationSeries {
            heading: heading.into(),
            ..StationSeries::default()
        };
        let mut moisture = 0.2;
        for (count, day) in days.enumerate() {
            let rain = if noise(7 * count + index) > 0.45 {
                0.12
            } else {
                0.0
            };
            moisture = 0.08 + (moisture - 0.08) * 0.84 + rain;
            let silent = index == 1 && (36..47).contains(&count);
            let unseen = (count + index) % 11 == 3 || (index == 2 && count < 8);
            let estimate = 0.03 + 0.85 * moisture + 0.02 * noise(count + 300 * index);
            series.hours.push(first + 24 * day);
            series
                .station
                .push(if silent { f64::NAN } else { moisture });
            series
                .estimate
                .push(if unseen { f64::NAN } else { estimate });
            series.intervals.push(if unseen {
                Interval {
                    lower: f64::NAN,
                    upper: f64::NAN,
                }
            } else {
                around(estimate, 0.045, 0.05)
            });
            let product = 0.7 * moisture + 0.02 + 0.07 * noise(count + 900 * (index + 1));
            series.product.push(if count % 4 == 0 {
                product.max(0.02)
            } else {
                f64::NAN
            });
        }
        series
    };
    StationSeriesPlot {
        title: "Three test stations (synthetic)".into(),
        stations: vec![
            station(0, "SCAN/Northwest: ubRMSE 0.031, R 0.84"),
            station(1, "USCRN/Southeast: ubRMSE 0.040, R 0.71"),
            station(2, "SNOTEL/Upper Creek: ubRMSE 0.052, R 0.55"),
        ],
        estimate_label: "network".into(),
        interval_label: "90 % interval".into(),
        product_label: "SPL2SMAP_S, 1 km".into(),
        footnote: FOOTNOTE.into(),
        ..StationSeriesPlot::default()
    }
}

pub(crate) fn spectrum() -> SpectrumPlot {
    let length_km: Vec<f64> = (0..48).map(|step| 2.0 * 1.1_f64.powi(step)).collect();
    let curve = |index: usize, label: &str, power: &dyn Fn(f64) -> f64| {
        let jitter = |(step, length): (usize, &f64)| {
            power(*length) * (0.15 * noise(step + 70 * index)).exp()
        };
        let y: Vec<f64> = length_km.iter().enumerate().map(jitter).collect();
        Curve {
            label: label.into(),
            intervals: y
                .iter()
                .map(|y| Interval {
                    lower: 0.75 * y,
                    upper: 1.35 * y,
                })
                .collect(),
            x: length_km.clone(),
            y,
        }
    };
    let smooth = |length: f64, cut: f64| 1.0 / (1.0 + (cut / length).powi(4));
    let mark = |x: f64, label: &str| VerticalMark {
        x,
        label: label.into(),
    };
    SpectrumPlot {
        title: "Power of truth, estimates and error (synthetic)".into(),
        curves: vec![
            curve(0, "truth", &|length| 2e-6 * length.powf(1.8)),
            curve(1, "network", &|length| {
                2e-6 * length.powf(1.8) * smooth(length, 5.0)
            }),
            curve(2, "SMAP L2, bilinear", &|length| {
                2e-6 * length.powf(1.8) * smooth(length, 20.0)
            }),
            curve(3, "error of the network", &|length| 3e-6 * length.powf(0.9)),
        ],
        slopes: vec![1.8],
        marks: vec![mark(9.0, "9 km"), mark(36.0, "36 km")],
        footnote: FOOTNOTE.into(),
        ..SpectrumPlot::default()
    }
}

pub(crate) fn calibration() -> CalibrationPlot {
    let nominal = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95];
    let curve = |label: &str, bend: f64, half: f64| {
        let y: Vec<f64> = nominal.iter().map(|share: &f64| share.powf(bend)).collect();
        Curve {
            label: label.into(),
            x: nominal.to_vec(),
            intervals: y
                .iter()
                .map(|y| around(*y, half, half.min(1.0 - y)))
                .collect(),
            y,
        }
    };
    CalibrationPlot {
        title: "Coverage of the intervals (synthetic)".into(),
        curves: vec![
            curve("test stations, conformal", 1.08, 0.03),
            curve("test stations, ensemble alone", 2.4, 0.035),
            curve("truth in separate blocks", 0.97, 0.012),
        ],
        footnote: FOOTNOTE.into(),
        ..CalibrationPlot::default()
    }
}

pub(crate) fn sweep() -> SweepPlot {
    let weights: Vec<f64> = (-6..=0).map(|power| 10_f64.powi(power)).collect();
    let curve = |label: &str, base: f64, best: f64, depth: f64| {
        let y: Vec<f64> = weights
            .iter()
            .map(|weight| base - depth * (-(weight.log10() - best).powi(2) / 3.0).exp())
            .collect();
        Curve {
            label: label.into(),
            x: weights.clone(),
            intervals: y.iter().map(|y| around(*y, 0.0022, 0.0026)).collect(),
            y,
        }
    };
    SweepPlot {
        title: "Error against the weight of the coarse term (synthetic)".into(),
        curves: vec![
            curve("100 % of the stations", 0.047, -3.6, 0.006),
            curve("10 % of the stations", 0.058, -2.6, 0.013),
        ],
        levels: vec![ReferenceLevel {
            label: "α = 0, 100 % of the stations".into(),
            value: 0.0468,
            interval: Some(around(0.0468, 0.002, 0.002)),
        }],
        marks: vec![VerticalMark {
            x: 1e-3,
            label: "chosen".into(),
        }],
        x_label: "weight α of the coarse term".into(),
        footnote: FOOTNOTE.into(),
        ..SweepPlot::default()
    }
}
