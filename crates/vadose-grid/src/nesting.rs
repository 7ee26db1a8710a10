//! Which coarse cell holds which fine cell, by integer division alone.

use crate::{Cell, EaseGrid2, GridError};

impl EaseGrid2 {
    /// How many cells of this grid lie along one edge of a cell of `coarser`, if they nest.
    ///
    /// Grids nest if they share the outer corner and the larger cell is a whole block of the
    /// smaller: M01 ⊂ M03 ⊂ M09 ⊂ M36 (by 3, 3 and 4); M12.5 ⊂ M25; of the polar grids 1 ⊂ 3 ⊂ 9 ⊂
    /// 36, 1 ⊂ 25 and 12.5 ⊂ 25 km. T25 nests in nothing but itself. A grid nests in itself by 1.
    ///
    /// # Examples
    /// ```
    /// use vadose_grid::EaseGrid2;
    /// assert_eq!(EaseGrid2::M01.nesting_factor(EaseGrid2::M36), Some(36));
    /// assert_eq!(EaseGrid2::M36.nesting_factor(EaseGrid2::M01), None);
    /// assert_eq!(EaseGrid2::M01.nesting_factor(EaseGrid2::M25), None);
    /// ```
    pub fn nesting_factor(self, coarser: EaseGrid2) -> Option<usize> {
        let (fine, coarse) = (self.parameters(), coarser.parameters());
        let nests = fine.lattice == coarse.lattice
            && coarse.units_per_cell.is_multiple_of(fine.units_per_cell);
        nests.then(|| coarse.units_per_cell / fine.units_per_cell)
    }

    /// The cell of `coarser` that holds `cell` of this grid.
    ///
    /// It agrees with [`locate`](Self::locate) on both grids for every coordinate, also on shared
    /// edges.
    ///
    /// # Errors
    /// [`GridError::NotNested`]; [`GridError::CellOutsideGrid`].
    /// # Examples
    /// ```
    /// use vadose_grid::{Cell, EaseGrid2};
    /// let parent = EaseGrid2::M01.parent(Cell { row: 1974, col: 7623 }, EaseGrid2::M09)?;
    /// assert_eq!(parent, Cell { row: 1974 / 9, col: 7623 / 9 });
    /// # Ok::<(), vadose_grid::GridError>(())
    /// ```
    pub fn parent(self, cell: Cell, coarser: EaseGrid2) -> Result<Cell, GridError> {
        let factor = self.nesting_factor(coarser).ok_or(GridError::NotNested {
            fine: self,
            coarse: coarser,
        })?;
        self.check_cell(cell)?;
        Ok(Cell {
            row: cell.row / factor,
            col: cell.col / factor,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_grids_cover_each_other_in_whole_cells() {
        for &fine in EaseGrid2::ALL {
            assert_eq!(fine.nesting_factor(fine), Some(1));
            for &coarse in EaseGrid2::ALL {
                if let Some(factor) = fine.nesting_factor(coarse) {
                    assert_eq!(fine.rows(), factor * coarse.rows(), "{fine} in {coarse}");
                    assert_eq!(fine.cols(), factor * coarse.cols(), "{fine} in {coarse}");
                }
            }
        }
    }

    #[test]
    fn only_grids_of_one_lattice_nest() {
        use EaseGrid2::*;
        assert_eq!(M01.nesting_factor(M03), Some(3));
        assert_eq!(M01.nesting_factor(M09), Some(9));
        assert_eq!(M09.nesting_factor(M36), Some(4));
        assert_eq!(N12_5.nesting_factor(N25), Some(2));
        assert_eq!(N01.nesting_factor(N25), Some(25));
        for (fine, coarse) in [
            (N12_5, N36),
            (N03, N25),
            (N09, N12_5),
            (N01, S03),
            (M12_5, T25),
            (M25, T25),
            (M09, M12_5),
        ] {
            assert_eq!(fine.nesting_factor(coarse), None, "{fine} in {coarse}");
        }
    }

    #[test]
    fn a_parent_across_families_is_refused() {
        let cell = Cell { row: 0, col: 0 };
        let refused = EaseGrid2::M01.parent(cell, EaseGrid2::M25).unwrap_err();
        assert_eq!(refused.to_string(), "grid M01 does not nest in grid M25");
    }
}
