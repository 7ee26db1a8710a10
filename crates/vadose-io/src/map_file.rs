//! What a map file holds: layers on a window, and what is said about them.

use std::path::Path;

use jiff::Timestamp;
use ndarray::ArrayView2;
use vadose_grid::Window;

use crate::IoError;

/// One layer of a map: a variable of a NetCDF file, a band of a GeoTIFF.
#[derive(Debug, Clone)]
pub struct MapLayer<'a> {
    /// Name of the variable: a letter, then letters, digits and underscores.
    pub name: String,
    /// What the layer is, in words.
    pub long_name: String,
    /// The CF standard name, where there is one.
    pub standard_name: Option<String>,
    /// CF units, `1` where dimensionless.
    pub units: String,
    /// `[row, col]` of the map's window, row 0 northernmost.
    pub values: LayerValues<'a>,
    /// Anything else that a reader must know.
    pub comment: Option<String>,
    /// Names of the layers that qualify this one, e.g. its uncertainty (`ancillary_variables`).
    pub ancillary: Vec<String>,
}

/// The values of a layer.
#[derive(Debug, Clone)]
pub enum LayerValues<'a> {
    /// A quantity, NaN where missing.
    Quantity(ArrayView2<'a, f32>),
    /// Codes.
    Flags(FlagValues<'a>),
}

/// Codes that stand for a meaning each; none is missing.
#[derive(Debug, Clone)]
pub struct FlagValues<'a> {
    /// `[row, col]`.
    pub values: ArrayView2<'a, u8>,
    /// Every code that may occur, with one word for it (`flag_values`, `flag_meanings` of CF).
    pub meanings: Vec<(u8, String)>,
}

impl LayerValues<'_> {
    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Self::Quantity(values) => values.dim(),
            Self::Flags(flags) => flags.values.dim(),
        }
    }
}

impl FlagValues<'_> {
    /// Why they cannot be written, if so.
    fn fault(&self) -> Option<String> {
        let one_word = |word: &str| !word.is_empty() && !word.contains(char::is_whitespace);
        if let Some((code, word)) = self.meanings.iter().find(|(_, word)| !one_word(word)) {
            return Some(format!("the meaning of {code}, `{word}`, is not one word"));
        }
        let known = |code: u8| self.meanings.iter().any(|(meaning, _)| *meaning == code);
        let unknown = self.values.iter().find(|&&code| !known(code))?;
        Some(format!("code {unknown} has no meaning"))
    }
}

/// A map: layers on one window of EASE-Grid 2.0, at one time.
#[derive(Debug, Clone)]
pub struct MapFile<'a> {
    /// The cells that the layers cover.
    pub window: Window,
    /// The time that the map is for.
    pub time: Option<Timestamp>,
    /// Title of the file.
    pub title: String,
    /// What made the file, line by line, as CF's `history`.
    pub history: String,
    /// Further global attributes: `institution`, `source`, `references`, `comment` and others.
    pub attributes: Vec<(String, String)>,
    /// The layers, in order.
    pub layers: Vec<MapLayer<'a>>,
}

impl<'a> MapLayer<'a> {
    /// A layer without standard name, comment or ancillary layers.
    pub fn new(
        name: impl Into<String>,
        long_name: impl Into<String>,
        units: impl Into<String>,
        values: ArrayView2<'a, f32>,
    ) -> Self {
        Self {
            name: name.into(),
            long_name: long_name.into(),
            standard_name: None,
            units: units.into(),
            values: LayerValues::Quantity(values),
            comment: None,
            ancillary: Vec::new(),
        }
    }

    /// A layer of codes.
    pub fn flags(
        name: impl Into<String>,
        long_name: impl Into<String>,
        flags: FlagValues<'a>,
    ) -> Self {
        Self {
            name: name.into(),
            long_name: long_name.into(),
            standard_name: None,
            units: "1".to_owned(),
            values: LayerValues::Flags(flags),
            comment: None,
            ancillary: Vec::new(),
        }
    }

    /// A layer of volumetric soil moisture, with its CF standard name and units.
    pub fn soil_moisture(name: impl Into<String>, values: ArrayView2<'a, f32>) -> Self {
        Self {
            standard_name: Some("volume_fraction_of_condensed_water_in_soil".to_string()),
            ..Self::new(
                name,
                "volumetric soil moisture, 0 to 5 cm",
                "m3 m-3",
                values,
            )
        }
    }
}

/// Names that a NetCDF file of [`MapFile`] uses for its coordinates.
pub(crate) const COORDINATE_NAMES: [&str; 6] = ["x", "y", "lat", "lon", "time", "crs"];

impl MapFile<'_> {
    /// Refuses a map that cannot be written, before a file is begun.
    #[cfg_attr(not(any(feature = "netcdf", feature = "gdal")), allow(dead_code))]
    pub(crate) fn check(&self, path: &Path) -> Result<(), IoError> {
        let refused = |layer: &str, reason: String| {
            Err(IoError::BadMap {
                path: path.to_path_buf(),
                layer: layer.to_string(),
                reason,
            })
        };
        if self.layers.is_empty() {
            return refused("", "the map has no layer".to_string());
        }
        for (idx, layer) in self.layers.iter().enumerate() {
            let name = layer.name.as_str();
            if !is_variable_name(name) {
                return refused(
                    name,
                    "the name must be a letter, then letters, digits, `_`".into(),
                );
            }
            if COORDINATE_NAMES.contains(&name) {
                return refused(name, "the name is that of a coordinate".to_string());
            }
            if self.layers[..idx]
                .iter()
                .any(|earlier| earlier.name == name)
            {
                return refused(name, "two layers have this name".to_string());
            }
            let (got, expected) = (layer.values.shape(), self.window.shape());
            if got != expected {
                return refused(
                    name,
                    format!("shape {got:?}, but the window has {expected:?}"),
                );
            }
            if let LayerValues::Flags(flags) = &layer.values
                && let Some(fault) = flags.fault()
            {
                return refused(name, fault);
            }
            for ancillary in &layer.ancillary {
                if !self.layers.iter().any(|other| &other.name == ancillary) {
                    return refused(name, format!("there is no ancillary layer `{ancillary}`"));
                }
            }
        }
        Ok(())
    }
}

/// Whether CF recommends the name for a variable.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use vadose_grid::EaseGrid2;

    fn refusal(shape: (usize, usize), names: &[&str], ancillary: &str) -> String {
        let values = Array2::zeros(shape);
        let layer = |name: &&str| {
            let ancillary = [ancillary].into_iter().filter(|a| !a.is_empty());
            MapLayer {
                ancillary: ancillary.map(ToString::to_string).collect(),
                ..MapLayer::soil_moisture(*name, values.view())
            }
        };
        let map = MapFile {
            window: Window::new(EaseGrid2::M01, 0, 0, 2, 3).unwrap(),
            time: None,
            title: String::new(),
            history: String::new(),
            attributes: Vec::new(),
            layers: names.iter().map(layer).collect(),
        };
        map.check(Path::new("m.nc"))
            .map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn maps_that_cannot_be_written_are_refused_with_the_layer() {
        let shape = (2, 3);
        assert_eq!(refusal(shape, &["soil_moisture"], ""), "");
        for (names, ancillary, reason) in [
            (&[][..], "", "layer ``: the map has no layer"),
            (
                &["a b"],
                "",
                "layer `a b`: the name must be a letter, then letters, digits, `_`",
            ),
            (
                &["lat"],
                "",
                "layer `lat`: the name is that of a coordinate",
            ),
            (&["a", "a"], "", "layer `a`: two layers have this name"),
            (&["a"], "b", "layer `a`: there is no ancillary layer `b`"),
        ] {
            assert_eq!(refusal(shape, names, ancillary), format!("m.nc: {reason}"));
        }
        let reason = "m.nc: layer `a`: shape (3, 2), but the window has (2, 3)";
        assert_eq!(refusal((3, 2), &["a"], ""), reason);
    }

    #[test]
    fn codes_without_one_word_for_each_are_refused() {
        let values = Array2::from_elem((2, 3), 1_u8);
        let refusal = |meanings: &[(u8, &str)]| {
            let meanings = meanings.iter().map(|&(code, word)| (code, word.to_owned()));
            let flags = FlagValues {
                values: values.view(),
                meanings: meanings.collect(),
            };
            let map = MapFile {
                window: Window::new(EaseGrid2::M01, 0, 0, 2, 3).unwrap(),
                time: None,
                title: String::new(),
                history: String::new(),
                attributes: Vec::new(),
                layers: vec![MapLayer::flags("status", "what became of the cell", flags)],
            };
            map.check(Path::new("m.nc"))
                .map_or_else(|error| error.to_string(), |()| String::new())
        };
        assert_eq!(refusal(&[(0, "good"), (1, "bad")]), "");
        let reason = "m.nc: layer `status`: code 1 has no meaning";
        assert_eq!(refusal(&[(0, "good")]), reason);
        let reason = "m.nc: layer `status`: the meaning of 1, `very bad`, is not one word";
        assert_eq!(refusal(&[(1, "very bad")]), reason);
    }
}
