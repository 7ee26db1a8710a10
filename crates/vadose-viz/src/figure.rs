//! What all figures can do.

use std::path::Path;

use crate::drawing::Drawing;
use crate::{VizError, output, svg};

/// A figure made of data: it can be drawn, and it can be told to a reader who does not see it.
pub trait Figure {
    /// The finished drawing.
    ///
    /// # Errors
    /// [`VizError`]: data that cannot be shown, or a size that cannot hold them.
    fn draw(&self) -> Result<Drawing, VizError>;

    /// The figure in one or two sentences made from its data, in place of the picture: for screen
    /// readers, and wherever images are not shown.
    fn alternative_text(&self) -> String;

    /// The figure as an `<svg>` element that carries its alternative text, for a page or a file.
    ///
    /// # Errors
    /// As [`Figure::draw`]; [`VizError::Encoding`].
    fn svg(&self) -> Result<String, VizError> {
        svg::element(&self.draw()?, &self.alternative_text())
            .map_err(|source| VizError::Encoding { source })
    }

    /// Writes a `.png` or `.svg` file, whole or not at all.
    ///
    /// # Errors
    /// As [`Figure::draw`], and what writing a file may meet.
    fn write(&self, path: impl AsRef<Path>) -> Result<(), VizError>
    where
        Self: Sized,
    {
        output::write(path.as_ref(), &self.draw()?, &self.alternative_text())
    }
}

impl<F: Figure + ?Sized> Figure for &F {
    fn draw(&self) -> Result<Drawing, VizError> {
        (**self).draw()
    }

    fn alternative_text(&self) -> String {
        (**self).alternative_text()
    }
}
