//! Figures as files: made whole, of the right size, different for different data, or not at all.

use std::fs;
use std::path::Path;

use ndarray::Array2;
use vadose_viz::{
    ColourRange, Extent, Figure, LearningCurves, MapImage, MapPanel, MapRow, ReferenceLine,
    ScatterPlot, ScatterSeries, SkillHistory, VizError, YScale,
};

const EXTENT: Extent = Extent::ProjectedM {
    west: 0.0,
    east: 9e3,
    south: 0.0,
    north: 9e3,
};

fn curves(end: f64) -> LearningCurves {
    let history = SkillHistory {
        epochs: vec![1.0, 2.0, 3.0],
        rmse: vec![0.2, 0.1, end],
        ubrmse: vec![0.18, 0.09, end],
    };
    LearningCurves {
        training: history,
        ..LearningCurves::default()
    }
}

fn scatter(estimate: f64) -> ScatterPlot {
    let series = ScatterSeries {
        estimate: vec![0.1, 0.2, estimate],
        reference: vec![0.1, 0.25, 0.3],
        ..ScatterSeries::default()
    };
    ScatterPlot {
        series: vec![series],
        width_px: 800,
        ..ScatterPlot::default()
    }
}

fn draw_maps(path: &Path, map: &Array2<f32>, extent: Extent) -> Result<(), VizError> {
    let image = || MapImage::new("soil moisture", map.view(), "m³ m⁻³");
    let row = MapRow {
        left: image(),
        right: image(),
        colour_range: ColourRange::Shared,
    };
    let panel = MapPanel {
        width_px: 1200,
        ..MapPanel::new(vec![row], extent)
    };
    panel.write(path)
}

fn ramp(scale: f32) -> Array2<f32> {
    Array2::from_shape_fn((9, 9), |(row, col)| {
        scale * (row as f32 - 0.1 * col as f32).sin()
    })
}

/// Width and height of a PNG whose chunks all fit together, up to the closing one.
fn png_size(bytes: &[u8]) -> (u32, u32) {
    let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(&bytes[12..16], b"IHDR");
    let mut at = 8;
    while &bytes[at + 4..at + 8] != b"IEND" {
        at += 12 + word(at) as usize;
    }
    assert_eq!(at + 12, bytes.len());
    (word(16), word(20))
}

#[test]
fn png_files_have_the_size_asked_for_and_differ_with_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    curves(0.05).write(file("a.png")).unwrap();
    curves(0.02).write(file("b.png")).unwrap();
    scatter(0.3).write(file("c.png")).unwrap();
    scatter(0.2).write(file("d.png")).unwrap();
    draw_maps(&file("e.png"), &ramp(0.3), EXTENT).unwrap();
    draw_maps(&file("f.png"), &ramp(-0.3), EXTENT).unwrap();
    let read = |name: &str| fs::read(file(name)).unwrap();
    assert_eq!(png_size(&read("a.png")), (1600, 760));
    assert_eq!(png_size(&read("c.png")).0, 800);
    assert_eq!(png_size(&read("e.png")).0, 1200);
    for (one, other) in [("a.png", "b.png"), ("c.png", "d.png"), ("e.png", "f.png")] {
        assert_ne!(read(one), read(other));
    }
    curves(0.05).write(file("again.png")).unwrap();
    assert_eq!(read("again.png"), read("a.png"));
    // No temporary file is left.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 7);
}

#[test]
fn svg_files_hold_their_text_and_their_maps_as_images() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("maps.svg");
    draw_maps(&path, &ramp(0.3), EXTENT).unwrap();
    let svg = fs::read_to_string(&path).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.contains("soil moisture") && svg.contains("DejaVu Sans"));
    // Two maps and their colour bars.
    assert_eq!(svg.matches("<image ").count(), 4);
    assert!(svg.len() < 50_000, "{}", svg.len());
}

#[cfg(unix)]
#[test]
fn files_are_as_readable_as_any_other() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| {
        fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode()
    };
    fs::write(folder.path().join("plain"), "").unwrap();
    curves(0.05).write(folder.path().join("a.svg")).unwrap();
    assert_eq!(mode("a.svg"), mode("plain"));
}

#[test]
fn failing_figures_leave_the_old_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    fs::write(&path, "old").unwrap();
    assert!(LearningCurves::default().write(&path).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    let nowhere = folder.path().join("none").join("a.png");
    assert!(matches!(
        curves(0.1).write(nowhere),
        Err(VizError::Write { .. })
    ));
}

#[test]
fn data_without_a_value_is_a_clear_error() {
    let message = |result: Result<(), VizError>| result.unwrap_err().to_string();
    let mut figure = curves(0.1);
    figure.training.rmse.fill(f64::NAN);
    figure.training.ubrmse.fill(f64::NAN);
    assert_eq!(
        message(figure.write("a.png")),
        "learning curves holds no finite value to draw"
    );
    let mut figure = scatter(0.1);
    figure.series[0].estimate.fill(f64::NAN);
    assert_eq!(
        message(figure.write("a.png")),
        "series \"\" holds no finite value to draw"
    );
    assert!(matches!(
        ScatterPlot::default().write("a.png"),
        Err(VizError::NothingToDraw { .. })
    ));
    assert!(matches!(
        MapPanel::new(Vec::new(), EXTENT).write("a.png"),
        Err(VizError::NothingToDraw { .. })
    ));
    let error = draw_maps(Path::new("a.png"), &Array2::zeros((0, 4)), EXTENT).unwrap_err();
    assert!(matches!(error, VizError::EmptyMap { shape: (0, 4), .. }));
}

#[test]
fn all_missing_map_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.png", "a.svg"] {
        draw_maps(
            &folder.path().join(name),
            &Array2::from_elem((9, 9), f32::NAN),
            EXTENT,
        )
        .unwrap();
    }
}

#[test]
fn constant_and_single_values_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    draw_maps(&file("a.svg"), &Array2::from_elem((3, 3), 0.0), EXTENT).unwrap();
    let one = SkillHistory {
        epochs: vec![1.0],
        rmse: vec![0.1],
        ubrmse: vec![0.1],
    };
    let mut figure = LearningCurves {
        training: one,
        ..LearningCurves::default()
    };
    figure.write(file("b.svg")).unwrap();
    figure.y_scale = YScale::Log;
    figure.write(file("c.svg")).unwrap();
    figure.training.rmse = vec![0.0];
    figure.training.ubrmse = vec![0.0];
    figure.y_scale = YScale::Linear;
    figure.write(file("d.svg")).unwrap();
    let series = ScatterSeries {
        estimate: vec![0.2],
        reference: vec![0.2],
        ..ScatterSeries::default()
    };
    let figure = ScatterPlot {
        series: vec![series],
        ..ScatterPlot::default()
    };
    figure.write(file("e.svg")).unwrap();
}

#[test]
fn wrong_arguments_are_refused_by_name() {
    assert!(matches!(
        curves(0.1).write("a.pdf"),
        Err(VizError::UnknownFormat { .. })
    ));
    assert!(matches!(
        LearningCurves {
            size_px: (10, 10),
            ..curves(0.1)
        }
        .write("a.png"),
        Err(VizError::Size { size: (10, 10), .. })
    ));
    let mut figure = curves(0.1);
    figure.training.rmse.pop();
    assert!(matches!(
        figure.write("a.png"),
        Err(VizError::LengthMismatch {
            expected: 3,
            got: 2,
            ..
        })
    ));
    let reference = ReferenceLine {
        rmse: Some(0.0),
        ..ReferenceLine::default()
    };
    let figure = LearningCurves {
        references: vec![reference],
        y_scale: YScale::Log,
        ..curves(0.1)
    };
    assert!(matches!(
        figure.write("a.png"),
        Err(VizError::NotPositive { .. })
    ));
    let mut figure = scatter(0.1);
    figure.series[0].reference.pop();
    assert!(matches!(
        figure.write("a.png"),
        Err(VizError::LengthMismatch { .. })
    ));
    let extent = Extent::ProjectedM {
        west: 1.0,
        east: 0.0,
        south: 0.0,
        north: 1.0,
    };
    let error = draw_maps(Path::new("a.png"), &ramp(1.0), extent).unwrap_err();
    assert!(matches!(error, VizError::BadRange { .. }));
}
