//! Claims about the page; what a browser makes of it is a test of its own.

use super::*;
use crate::{Curve, SweepPlot};

fn sweep(n: usize) -> SweepPlot {
    SweepPlot {
        title: "Error & weight <of> \"coarse\"".into(),
        curves: vec![Curve {
            label: "validation".into(),
            x: (1..=n).map(|step| step as f64).collect(),
            y: (1..=n).map(|step| 0.05 + 0.001 * step as f64).collect(),
            intervals: Vec::new(),
        }],
        ..SweepPlot::default()
    }
}

fn report() -> Report {
    let mut report = Report::new("A <title> & more", "Summary.");
    let section = report.section("Skill <b>");
    section
        .paragraph("x < y & \"z\"")
        .warning("<script>alert(1)</script>");
    let mut table = Table::new(
        "A table",
        &[("method", ""), ("n", ""), ("R", "–"), ("who", "")],
    );
    table.rows = vec![
        vec!["a".into(), 12_345.into(), Cell::Number(0.5, 2), "x".into()],
        vec!["b".into(), Cell::Missing, Cell::Missing, Cell::Missing],
    ];
    section.table(table).unwrap();
    section.figure(&sweep(4), "A figure.").unwrap();
    section
        .section("Inner")
        .settings([("seed", "1"), ("path", "a<b")]);
    report
        .section("Last")
        .figure(&sweep(5), "Another.")
        .unwrap();
    report
}

#[test]
fn every_text_is_escaped() {
    let page = report().html();
    for text in [
        "<h1>A &lt;title&gt; &amp; more</h1>",
        "Skill &lt;b&gt;</h2>",
        "<p>x &lt; y &amp; &quot;z&quot;</p>",
        "&lt;script&gt;alert(1)",
        "<dd>a&lt;b</dd>",
        "aria-label=\"Sweep: Error &amp; weight &lt;of&gt; &quot;coarse&quot;.",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("<script"));
}

#[test]
fn figures_tables_and_sections_are_numbered_and_listed() {
    let page = report().html();
    for text in [
        "<b>Figure 1.</b> A figure.",
        "<b>Figure 2.</b> Another.",
        "<b>Table 1.</b> A table</p>",
        "<a href=\"#section-1-1\">Inner</a>",
        "<h3 id=\"section-1-1\">Inner</h3>",
        "<h2 id=\"section-2\">Last</h2>",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn numbers_stand_on_the_right_and_words_on_the_left() {
    let page = report().html();
    assert!(page.contains("<th scope=\"row\">a</th>\n<td class=\"number\">12\u{202f}345</td>\n<td class=\"number\">0.50</td>\n<td>x</td>"), "{page}");
    assert!(page.contains("<th scope=\"row\">b</th>\n<td class=\"number\">–</td>"));
}

#[test]
fn the_same_report_has_the_same_bytes_and_loads_nothing() {
    let page = report().html();
    assert_eq!(page, report().html());
    for foreign in ["src=\"http", "href=\"http", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn figures_of_many_marks_become_bitmaps_with_the_same_words() {
    let mut report = Report::new("", "");
    report.section("s").figure(&sweep(MANY_MARKS), "").unwrap();
    let page = report.html();
    assert!(page.contains("src=\"data:image/png;base64,iVBOR"));
    assert!(page.contains("alt=\"Sweep: Error &amp; weight"));
    assert!(!page.contains("<svg"));
}

#[test]
fn png_files_are_embedded_and_others_refused() {
    let mut report = Report::new("", "");
    let section = report.section("s");
    let png = output::encode((3, 2), &[0; 18]).unwrap();
    section.png(&png, "a black box", "Black.").unwrap();
    assert!(matches!(
        section.png(b"GIF89a", "", ""),
        Err(VizError::NotPng)
    ));
    let page = report.html();
    assert!(
        page.contains("width=\"3\" height=\"2\" alt=\"a black box\""),
        "{page}"
    );
}

#[test]
fn rows_of_another_length_are_refused() {
    let mut table = Table::new("t", &[("a", ""), ("b", "")]);
    table.rows.push(vec!["only one".into()]);
    let error = Report::new("", "").section("s").table(table).unwrap_err();
    assert!(matches!(
        error,
        VizError::LengthMismatch {
            expected: 2,
            got: 1,
            ..
        }
    ));
}

/// WCAG 2.2, success criterion 1.4.3.
const LEAST_CONTRAST: f64 = 4.5;

#[test]
fn text_contrasts_with_its_paper_in_every_scheme() {
    let style = include_str!("style.css");
    let schemes: Vec<&str> = style.split(":root {").skip(1).collect();
    assert_eq!(schemes.len(), 3); // light, dark, print
    for scheme in schemes {
        let colour = |name: &str| {
            let value = scheme.split(&format!("--{name}: #")).nth(1).unwrap();
            u32::from_str_radix(&value[..6], 16).unwrap()
        };
        for (ink, paper) in [
            ("ink", "paper"),
            ("faint", "paper"),
            ("link", "paper"),
            ("ink", "tint"),
            ("faint", "tint"),
            ("warning-ink", "warning-paper"),
        ] {
            let (one, other) = (luminance(colour(ink)), luminance(colour(paper)));
            let ratio = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(ratio >= LEAST_CONTRAST, "{ink} on {paper}: {ratio:.2}");
        }
    }
}

/// Relative luminance, WCAG 2.2.
fn luminance(rgb: u32) -> f64 {
    let channel = |shift: u32| {
        let value = f64::from(rgb >> shift & 0xff) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}
