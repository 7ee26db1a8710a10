//! What an archive states of a station's soil, land cover and climate: `…_static_variables.csv`.

use std::path::PathBuf;

use csv::{ByteRecord, ReaderBuilder};
use serde::{Deserialize, Serialize};

use crate::IoError;

/// Ending of the tables.
pub(super) const STATIC_VARIABLES_ENDING: &str = "_static_variables.csv";
/// Columns in the order of every table so far, for those that lack a header.
pub(super) const COLUMNS: [&str; 7] = [
    "quantity_name",
    "unit",
    "depth_from[m]",
    "depth_to[m]",
    "value",
    "description",
    "quantity_source_name",
];

/// The static variables of one station, row by row as its table has them.
///
/// # Examples
/// ```
/// use vadose_io::ismn::parse_static_variables;
///
/// let table = b"quantity_name;unit;depth_from[m];depth_to[m];value;description;quantity_source_name;\r\n\
///     clay fraction;% weight;0.00;0.30;23.00;;HWSD;\r\n\
///     clay fraction;% weight;0.30;1.00;40.00;;HWSD;\r\n\
///     climate classification;;;;Cfa;Temperate;koeppen_geiger_2007;\r\n";
/// let variables = parse_static_variables(table, "static_variables.csv")?;
/// assert_eq!(variables.number("clay fraction", [0.0508, 0.0508]), Some(23.0));
/// assert_eq!(variables.text("climate classification", "koeppen_geiger_2007"), Some("Cfa"));
/// # Ok::<(), vadose_io::IoError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StaticVariables {
    /// The rows of the table.
    pub rows: Vec<StaticVariable>,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StaticVariable {
    /// `saturation`, `clay fraction`, `land cover classification`, ….
    pub quantity: String,
    /// Its unit as written: `m^3*m^-3`, `% weight` or nothing.
    pub unit: String,
    /// The layer that it holds for, metres below the surface; `None` where that has no meaning or
    /// is not known (files write -99.9 then).
    pub depth_m: Option<[f64; 2]>,
    /// Number or class, as written.
    pub value: String,
    /// The class in words.
    pub description: String,
    /// Where it comes from: `HWSD`, `insitu`, `CCI_landcover_2010`, `koeppen_geiger_2007`.
    pub source: String,
}

impl StaticVariables {
    /// The number that a quantity has in the layer of a sensor.
    ///
    /// The layer that overlaps the sensor's most holds, the first of equally good ones; one without
    /// depths only if there is no other. Quantities: `saturation` (m3 m-3), `clay fraction`,
    /// `sand fraction`, `silt fraction`, `organic carbon` (per cent of weight).
    #[must_use]
    pub fn number(&self, quantity: &str, sensor_depth_m: [f64; 2]) -> Option<f64> {
        let of_quantity = self.rows.iter().filter(|row| row.quantity == quantity);
        let mut best: Option<(f64, f64)> = None;
        for row in of_quantity {
            let Some(value) = row
                .value
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite())
            else {
                continue;
            };
            let fit = row
                .depth_m
                .map_or(f64::NEG_INFINITY, |layer| overlap_m(layer, sensor_depth_m));
            if best.is_none_or(|(best_fit, _)| fit > best_fit) {
                best = Some((fit, value));
            }
        }
        best.map(|(_, value)| value)
    }

    /// The class that a source gives for a quantity without depth, such as
    /// `land cover classification` or `climate classification`.
    #[must_use]
    pub fn text(&self, quantity: &str, source: &str) -> Option<&str> {
        let row = self
            .rows
            .iter()
            .find(|row| row.quantity == quantity && row.source == source)?;
        Some(&row.value)
    }
}

/// Length that two layers share, m; for layers apart, their distance, negative. A point within a
/// layer overlaps it by 0, so that it is nearer than any layer apart.
fn overlap_m([a_from, a_to]: [f64; 2], [b_from, b_to]: [f64; 2]) -> f64 {
    a_to.min(b_to) - a_from.max(b_from)
}

/// Reads the table of a station: columns separated by `;`, with or without a header.
///
/// Quotation marks are plain characters there (`30"` is half a minute of arc). Columns are found by
/// the header; without one they are in the usual order. Rows without a name are left out.
///
/// # Errors
/// [`IoError::StationSeries`] for bytes without any row. `path` is only named in it.
pub fn parse_static_variables(bytes: &[u8], path: &str) -> Result<StaticVariables, IoError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(b';')
        .quoting(false)
        .flexible(true)
        .has_headers(false)
        .from_reader(bytes);
    let mut columns: [Option<usize>; COLUMNS.len()] = std::array::from_fn(Some);
    let mut rows = Vec::new();
    // Bytes in memory do not fail, and with `flexible` no row has a wrong length.
    for (idx, record) in reader.byte_records().flatten().enumerate() {
        let found = |name: &str| (0..record.len()).find(|&col| text(&record, Some(col)) == name);
        if idx == 0 && found(COLUMNS[0]).is_some() {
            columns = COLUMNS.map(found);
            continue;
        }
        let [quantity, unit, from, to, value, description, source] =
            columns.map(|col| text(&record, col));
        if quantity.is_empty() {
            continue;
        }
        let depth = |text: &str| {
            text.parse::<f64>()
                .ok()
                .filter(|depth| *depth > UNKNOWN_DEPTH_M)
        };
        rows.push(StaticVariable {
            depth_m: depth(&from).zip(depth(&to)).map(|(from, to)| [from, to]),
            quantity,
            unit,
            value,
            description,
            source,
        });
    }
    if rows.is_empty() {
        return Err(IoError::StationSeries {
            path: PathBuf::from(path),
            line: 0,
            reason: "the table holds no row".to_string(),
        });
    }
    Ok(StaticVariables { rows })
}

/// What stands for an unknown depth.
const UNKNOWN_DEPTH_M: f64 = -99.9;

fn text(record: &ByteRecord, col: Option<usize>) -> String {
    let bytes = col.and_then(|col| record.get(col)).unwrap_or_default();
    String::from_utf8_lossy(bytes).trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "saturation;m^3*m^-3;0.00;0.30;0.46;;HWSD;v1.1;30\";;\r\n\
        saturation;m^3*m^-3;0.30;1.00;0.40;;HWSD;v1.1;30\";;\r\n\
        organic carbon;% weight;-99.90;-99.90;1.60;;insitu;\r\n\
        land cover classification;;;;210;Water;CCI_landcover_2010;\r\n";
    const HEADER: &str =
        "quantity_name;unit;depth_from[m];depth_to[m];value;description;quantity_source_name;\r\n";

    fn parsed(text: &str) -> StaticVariables {
        parse_static_variables(text.as_bytes(), "x.csv").unwrap()
    }

    #[test]
    fn a_table_without_header_reads_the_same() {
        let with = parsed(&format!("{HEADER}{BODY}"));
        assert_eq!(with, parsed(BODY));
        assert_eq!(with.rows.len(), 4);
        assert_eq!(with.rows[3].depth_m, None);
        assert_eq!(
            with.text("land cover classification", "CCI_landcover_2010"),
            Some("210")
        );
        assert_eq!(with.text("land cover classification", "insitu"), None);
    }

    #[test]
    fn the_layer_that_overlaps_the_sensor_most_holds() {
        let variables = parsed(BODY);
        assert_eq!(variables.number("saturation", [0.05, 0.05]), Some(0.46));
        assert_eq!(variables.number("saturation", [0.2, 0.6]), Some(0.40));
        assert_eq!(variables.number("saturation", [2.0, 2.0]), Some(0.40));
        assert_eq!(variables.number("organic carbon", [0.05, 0.05]), Some(1.6));
        assert_eq!(variables.number("clay fraction", [0.05, 0.05]), None);
    }

    #[test]
    fn columns_in_another_order_are_found_by_name() {
        let variables = parsed("value;quantity_name\r\n0.4;saturation\r\n");
        assert_eq!(variables.number("saturation", [0.0, 0.1]), Some(0.4));
    }

    #[test]
    fn a_table_of_nothing_is_refused() {
        for text in ["", "\r\n\r\n", HEADER] {
            let error = parse_static_variables(text.as_bytes(), "a/x.csv").unwrap_err();
            assert_eq!(error.to_string(), "a/x.csv: the table holds no row");
        }
    }
}
