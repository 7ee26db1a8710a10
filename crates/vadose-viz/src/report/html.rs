//! The page's markup.

use std::fmt::Write as _;

use super::{Block, Image, Picture, Report, Section, Table};
use crate::text::escape;

const STYLE: &str = include_str!("style.css");

/// What the browser may load: nothing but the page's own style and its embedded images.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    base-uri 'none'; form-action 'none'";

/// A figure is shown at least and at most at these parts of the width it was laid out for: its numbers
/// are then letters of 11 to 14 pixels. What is wider than the screen scrolls inside its frame.
const SMALLEST: f64 = 0.62;
const LARGEST: f64 = 0.8;

/// Running numbers.
#[derive(Default)]
struct Numbers {
    figures: usize,
    tables: usize,
}

/// Writing to a string does not fail.
macro_rules! put {
    ($page:expr, $($arguments:tt)*) => {
        let _ = writeln!($page, $($arguments)*);
    };
}

pub(super) fn page(report: &Report) -> String {
    let mut page = String::new();
    let title = escape(&report.title);
    put!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
    );
    put!(
        page,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">"
    );
    put!(
        page,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    );
    put!(page, "<meta name=\"color-scheme\" content=\"light dark\">");
    put!(
        page,
        "<meta name=\"generator\" content=\"vadose-viz {}\">",
        env!("CARGO_PKG_VERSION")
    );
    put!(
        page,
        "<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>"
    );
    put!(
        page,
        "<a class=\"skip\" href=\"#content\">Skip to the content</a>"
    );
    put!(page, "<header>\n<h1>{title}</h1>");
    if !report.summary.is_empty() {
        put!(page, "<p class=\"summary\">{}</p>", escape(&report.summary));
    }
    put!(page, "</header>");
    if !report.sections.is_empty() {
        put!(
            page,
            "<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>"
        );
        contents(
            &mut page,
            &report.sections.iter().collect::<Vec<_>>(),
            "section",
        );
        put!(page, "</nav>");
    }
    put!(page, "<main id=\"content\">");
    let mut numbers = Numbers::default();
    for (index, section) in report.sections.iter().enumerate() {
        write_section(
            &mut page,
            section,
            &format!("section-{}", index + 1),
            2,
            &mut numbers,
        );
    }
    put!(
        page,
        "</main>\n<footer><p>Made by Vadose {}.</p></footer>",
        env!("CARGO_PKG_VERSION")
    );
    put!(page, "</body>\n</html>");
    page
}

/// Two levels of headings.
fn contents(page: &mut String, sections: &[&Section], id: &str) {
    put!(page, "<ol>");
    for (index, section) in sections.iter().enumerate() {
        let id = format!("{id}-{}", index + 1);
        put!(
            page,
            "<li><a href=\"#{id}\">{}</a>",
            escape(&section.heading)
        );
        let inner: Vec<&Section> = section.inner().collect();
        if !inner.is_empty() && id.matches('-').count() == 1 {
            contents(page, &inner, &id);
        }
        put!(page, "</li>");
    }
    put!(page, "</ol>");
}

impl Section {
    fn inner(&self) -> impl Iterator<Item = &Section> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Section(section) => Some(section),
            _ => None,
        })
    }
}

fn write_section(
    page: &mut String,
    section: &Section,
    id: &str,
    level: usize,
    numbers: &mut Numbers,
) {
    let heading = escape(&section.heading);
    let tag = level.min(6);
    put!(
        page,
        "<section aria-labelledby=\"{id}\">\n<h{tag} id=\"{id}\">{heading}</h{tag}>"
    );
    let mut inner = 0;
    for block in &section.blocks {
        match block {
            Block::Paragraph(text) => {
                put!(page, "<p>{}</p>", escape(text));
            }
            Block::Warning(text) => {
                let text = escape(text);
                put!(
                    page,
                    "<p class=\"warning\" role=\"note\"><strong>Warning.</strong> {text}</p>"
                );
            }
            Block::Picture(picture) => {
                numbers.figures += 1;
                write_picture(page, picture, numbers.figures);
            }
            Block::Table(table) => {
                numbers.tables += 1;
                write_table(page, table, numbers.tables);
            }
            Block::Settings(settings) => {
                put!(page, "<dl>");
                for (name, value) in settings {
                    put!(page, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
                }
                put!(page, "</dl>");
            }
            Block::Section(section) => {
                inner += 1;
                write_section(page, section, &format!("{id}-{inner}"), level + 1, numbers);
            }
        }
    }
    put!(page, "</section>");
}

fn write_picture(page: &mut String, picture: &Picture, n: usize) {
    let (width, height) = (picture.width, picture.height);
    let limits = format!(
        "min-width:{:.0}px;max-width:{:.0}px",
        SMALLEST * f64::from(width),
        LARGEST * f64::from(width)
    );
    // In print, two figures stand on a page; one that is higher than wide has it for itself.
    let tall = if height > width { " tall" } else { "" };
    put!(page, "<figure id=\"figure-{n}\">");
    put!(
        page,
        "<div class=\"scroll picture{tall}\" tabindex=\"0\" role=\"group\" aria-label=\"Figure {n}\">"
    );
    match &picture.image {
        Image::Svg(element) => {
            page.push_str(&element.replacen("<svg ", &format!("<svg style=\"{limits}\" "), 1));
        }
        Image::Png(base64) => {
            let alt = escape(&picture.alternative_text);
            put!(
                page,
                "<img style=\"{limits}\" width=\"{width}\" height=\"{height}\" alt=\"{alt}\" \
                 src=\"data:image/png;base64,{base64}\">"
            );
        }
    }
    let caption = escape(&picture.caption);
    put!(
        page,
        "</div>\n<figcaption><b>Figure {n}.</b> {caption}</figcaption>\n</figure>"
    );
}

fn write_table(page: &mut String, table: &Table, n: usize) {
    // Outside of the part that scrolls, the caption keeps to the screen.
    put!(page, "<div class=\"table\" id=\"table-{n}\">");
    let caption = escape(&table.caption);
    put!(
        page,
        "<p class=\"caption\" id=\"caption-{n}\"><b>Table {n}.</b> {caption}</p>"
    );
    put!(
        page,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table {n}\">"
    );
    put!(page, "<table aria-labelledby=\"caption-{n}\">");
    put!(page, "<thead>\n<tr>");
    let class = |col: usize| {
        if table.is_numeric(col) {
            " class=\"number\""
        } else {
            ""
        }
    };
    for (col, column) in table.columns.iter().enumerate() {
        let units = match column.units.as_str() {
            "" => String::new(),
            units => format!(" <span class=\"units\">{}</span>", escape(units)),
        };
        put!(
            page,
            "<th scope=\"col\"{}>{}{units}</th>",
            class(col),
            escape(&column.name)
        );
    }
    put!(page, "</tr>\n</thead>\n<tbody>");
    for row in &table.rows {
        put!(page, "<tr>");
        for (col, cell) in row.iter().enumerate() {
            let (value, interval) = cell.shown();
            let interval = interval.map_or(String::new(), |interval| {
                format!(" <span class=\"interval\">{}</span>", escape(&interval))
            });
            let value = escape(&value);
            if col == 0 {
                put!(page, "<th scope=\"row\">{value}{interval}</th>");
            } else {
                put!(page, "<td{}>{value}{interval}</td>", class(col));
            }
        }
        put!(page, "</tr>");
    }
    put!(page, "</tbody>\n</table>\n</div>");
    if !table.note.is_empty() {
        put!(page, "<p class=\"note\">{}</p>", escape(&table.note));
    }
    put!(page, "</div>");
}
