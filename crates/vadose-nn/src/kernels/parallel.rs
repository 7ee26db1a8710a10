//! How a volume is cut into tasks, and how tasks share an output.

use std::marker::PhantomData;
use std::ops::Range;

/// Positions of one feature that a task covers, at most: with ten features and three depths of
/// context this is half a megabyte, which a second-level cache holds.
const BAND_POSITIONS: usize = 4096;

/// Tasks that a volume gives at least, if it has the rows: enough that many threads end together.
const MIN_TASKS: usize = 48;

/// Size of a grid and how it lies in memory: columns and rows are contiguous, depths are `plane`
/// elements apart, features `len()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Number of depths.
    pub(crate) depth: usize,
    /// Number of rows.
    pub(crate) rows: usize,
    /// Number of columns.
    pub(crate) cols: usize,
    /// Distance of a depth from the next, at least `rows * cols`.
    pub(crate) plane: usize,
}

impl Extent {
    /// A grid without gaps.
    ///
    /// # Panics
    /// If a feature, with the gaps of [`Extent::spread`], would hold more values than memory can address:
    /// lengths that overflow would make the checks before the kernels worthless.
    pub(crate) const fn dense(depth: usize, rows: usize, cols: usize) -> Self {
        let plane = rows
            .checked_mul(cols)
            .expect("a plane that memory can hold");
        let spread = plane
            .checked_add(MAX_GAP)
            .expect("a plane that memory can hold");
        spread
            .checked_mul(depth)
            .expect("a feature that memory can hold");
        Self {
            depth,
            rows,
            cols,
            plane,
        }
    }

    /// The same grid with a gap after each depth, so that no two planes that a convolution reads
    /// together lie a multiple of 4 KiB apart.
    ///
    /// Planes of 2^n columns and rows without a gap all fall on the same few sets of the caches,
    /// and a tile reads three planes of every feature: measured, that costs two thirds of the speed.
    pub(crate) const fn spread(self) -> Self {
        let lines = (self.rows * self.cols).div_ceil(LINE);
        // Seven lines move the next plane on among the 64 sets of the first level; 64 more move large
        // planes on among the sets of the second.
        let gap = if lines >= 1024 { 64 + 7 } else { 7 };
        // A multiple of eight lines plus an odd gap: the distance is odd, and the planes of a feature
        // go round all sets.
        Self {
            plane: (lines.next_multiple_of(8) + gap) * LINE,
            ..self
        }
    }

    /// The grid after pooling by two along rows and columns, its planes spread.
    pub(crate) const fn halved(self) -> Self {
        Self::dense(self.depth, self.rows / 2, self.cols / 2).spread()
    }

    /// Whether planes lie a multiple of 4 KiB apart.
    pub(crate) const fn is_crowded(self) -> bool {
        self.plane.is_multiple_of(64 * LINE)
    }

    /// Elements from one feature to the next.
    pub(crate) const fn len(self) -> usize {
        self.depth * self.plane
    }

    /// Whether this is the grid that `fine` becomes when pooled by two along rows and columns.
    pub(crate) fn doubles_to(self, fine: Self) -> bool {
        (self.depth, 2 * self.rows, 2 * self.cols) == (fine.depth, fine.rows, fine.cols)
    }
}

/// Elements of a cache line.
const LINE: usize = 16;

/// More elements than [`Extent::spread`] adds to a plane: rounding up to eight lines, and the gap.
const MAX_GAP: usize = (8 + 64 + 7) * LINE;

/// A cut of a volume into bands of whole rows at one depth, each of an even number of rows save the
/// last one of a depth. Neighbouring indices are neighbouring depths of the same rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bands {
    extent: Extent,
    rows_per_band: usize,
}

impl Bands {
    /// The cut of this volume; it depends on nothing else.
    pub(crate) fn of(extent: Extent) -> Self {
        let in_cache = BAND_POSITIONS / extent.cols.max(1);
        let for_balance = extent.depth * extent.rows / MIN_TASKS;
        Self {
            extent,
            rows_per_band: in_cache.min(for_balance).max(2) & !1,
        }
    }

    /// Number of bands.
    pub(crate) fn len(&self) -> usize {
        self.extent.rows.div_ceil(self.rows_per_band) * self.extent.depth
    }

    /// Depth and rows of a band.
    pub(crate) fn get(&self, index: usize) -> (usize, Range<usize>) {
        let first = index / self.extent.depth * self.rows_per_band;
        (
            index % self.extent.depth,
            first..(first + self.rows_per_band).min(self.extent.rows),
        )
    }
}

/// A mutable slice whose parts several tasks write.
#[derive(Clone, Copy)]
pub(crate) struct SharedMut<'a> {
    data: *mut f32,
    slice: PhantomData<&'a mut [f32]>,
}

// SAFETY: the pointer is used only inside unsafe blocks whose comments argue that tasks write
// disjoint parts; the borrow that `slice` stands for keeps everyone else out meanwhile.
unsafe impl Send for SharedMut<'_> {}
// SAFETY: as above.
unsafe impl Sync for SharedMut<'_> {}

impl<'a> SharedMut<'a> {
    /// Borrows the slice for writing by tasks.
    pub(crate) fn new(slice: &'a mut [f32]) -> Self {
        Self {
            data: slice.as_mut_ptr(),
            slice: PhantomData,
        }
    }

    /// Its first element.
    pub(crate) fn pointer(self) -> *mut f32 {
        self.data
    }
}
